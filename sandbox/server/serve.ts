import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";

import type { Session } from "../operations/session.ts";
import { checkConfig, diffConfig, pluginInfo, schema } from "./config.ts";
import { ResourceService } from "./service.ts";
import { Empty, grpc, messages, services } from "./wire.ts";

type Answer = (request: never) => unknown;

/** Programs with large files in their inputs exceed the default of 4 MB. */
const maxMessageBytes = 400 * 1024 * 1024;

/** Serves the provider protocol on a free port of 127.0.0.1 and returns the port. */
export function serve(packageName: string, version: string, session: Session): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(services.ResourceProviderService, implementation(packageName, version, session));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

function implementation(packageName: string, version: string, session: Session): UntypedServiceImplementation {
  const service = new ResourceService(packageName, session);
  const answers: Record<string, Answer> = {
    handshake: () => new messages.ProviderHandshakeResponse(),
    getPluginInfo: () => pluginInfo(version),
    getSchema: () => schema(packageName, version),
    attach: () => new Empty(),
    cancel: () => new Empty(),
    checkConfig: (request: never) => checkConfig(request),
    diffConfig: (request: never) => diffConfig(packageName, request),
    configure: (request: never) => service.configure(request),
    check: (request: never) => service.check(request),
    diff: (request: never) => service.diff(request),
    create: (request: never) => service.create(request),
    read: (request: never) => service.read(request),
    update: (request: never) => service.update(request),
    delete: async (request: never) => {
      await service.delete(request);
      return new Empty();
    },
    invoke: (request: never) => service.invoke(request),
  };
  for (const name of Object.keys(services.ResourceProviderService)) answers[name] ??= unimplemented(name);
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, unary(answer)]));
}

function unary(answer: Answer): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    void Promise.resolve()
      .then(() => answer(call.request as never))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(statusOf(error)),
      );
  };
}

/** The message alone: to the engine this is what the cloud answered, and a stack trace is no answer. */
function statusOf(error: unknown): { code: number; details: string } {
  const code = error instanceof Unimplemented ? grpc.status.UNIMPLEMENTED : grpc.status.UNKNOWN;
  return { code, details: error instanceof Error ? error.message : String(error) };
}

class Unimplemented extends Error {}

function unimplemented(name: string): Answer {
  return () => {
    throw new Unimplemented(`the sandbox does not implement ${name}`);
  };
}
