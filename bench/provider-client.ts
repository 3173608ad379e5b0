import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ServiceError } from "@grpc/grpc-js";
import { grpc, messages, services, toStruct } from "../sandbox/server/wire.ts";

type Call = (request: unknown, callback: (error: ServiceError | null, response: unknown) => void) => void;

/** A provider plugin driven as the engine drives it, without the engine. */
export interface ProviderClient {
  /** Check, then create, as for a new resource. */
  create(type: string, name: string, inputs: Record<string, unknown>): Promise<void>;
  close(): void;
}

/** Starts a plugin by its launcher and configures it for a region. */
export async function startProvider(launcher: string, region: string): Promise<ProviderClient> {
  const child = spawn(launcher, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  const Client = grpc.makeGenericClientConstructor(services.ResourceProviderService, "ResourceProvider");
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const call = <T>(method: string, request: unknown) =>
    new Promise<T>((resolve, reject) => {
      (client[method] as Call).call(client, request, (error, response) => {
        if (error === null) resolve(response as T);
        else reject(error);
      });
    });

  const configure = new messages.ConfigureRequest();
  configure.setArgs(toStruct({ region }));
  await call("configure", configure);
  return {
    async create(type, name, inputs) {
      const urn = `urn:pulumi:bench::bench::${type}::${name}`;
      const check = new messages.CheckRequest();
      check.setUrn(urn);
      check.setOlds(toStruct({}));
      check.setNews(toStruct(inputs));
      const checked = await call<InstanceType<typeof messages.CheckResponse>>("check", check);
      const create = new messages.CreateRequest();
      create.setUrn(urn);
      create.setProperties(checked.getInputs());
      await call("create", create);
    },
    close() {
      client.close();
      child.kill();
    },
  };
}
