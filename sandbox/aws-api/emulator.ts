import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { LambdaClient } from "@aws-sdk/client-lambda";

import { makeClients } from "../live/types/clients.ts";
import type { PendingEvent } from "./state.ts";
import type { Scope } from "./protocol.ts";

/** What the services need of the emulator beside them, where functions, objects and events live. */
export interface Emulator {
  lambda(scope: Scope): Promise<LambdaClient>;
  /** Bytes of an object. @throws Error in the emulator's words. */
  object(scope: Scope, url: string): Promise<Buffer>;
  /** Puts an event on the default bus; returns why the bus does not want it. @throws Error where nobody answered. */
  putEvent(event: PendingEvent): Promise<string | undefined>;
  close(): void;
}

/** A header by which the emulator takes an event from a service of AWS; see `emulator_extras.py`. */
const emitterHeader = "x-slipway-emitter";

/** Connects with the emulator that answers at an address. Clients are loaded when they are needed. */
export function connectEmulator(endpoint: string): Emulator {
  const clients = makeClients(endpoint);
  const buses = new Map<string, Promise<EventBridgeClient>>();
  const busOf = (scope: Scope) => {
    const key = `${scope.account} ${scope.region}`;
    const bus = buses.get(key) ?? emitter(endpoint, scope);
    buses.set(key, bus);
    return bus;
  };
  return {
    lambda: (scope) => clients.of(scope).lambda(),
    object: async (scope, url) => {
      const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
      if (Key === "") throw new Error(`${url} names no object`);
      const { GetObjectCommand } = await import("@aws-sdk/client-s3");
      const { Body } = await (await clients.of(scope).s3()).send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    putEvent: async (pending) => putEvent(await busOf(pending), pending),
    close: () => {
      clients.destroy();
      for (const bus of buses.values()) void bus.then((client) => client.destroy());
    },
  };
}

async function emitter(endpoint: string, { account, region }: Scope): Promise<EventBridgeClient> {
  const { EventBridgeClient } = await import("@aws-sdk/client-eventbridge");
  const credentials = { accessKeyId: account, secretAccessKey: "sandbox" };
  const client = new EventBridgeClient({ endpoint, region, credentials, maxAttempts: 1 });
  client.middlewareStack.add(
    (next) => (call) => {
      (call.request as { headers: Record<string, string> }).headers[emitterHeader] = "aws-api";
      return next(call);
    },
    { step: "build", name: "emitter" },
  );
  return client;
}

async function putEvent(bus: EventBridgeClient, { event }: PendingEvent): Promise<string | undefined> {
  const { PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
  const { source, detailType, resources, detail } = event;
  const entry = { Source: source, DetailType: detailType, Resources: resources, Detail: JSON.stringify(detail) };
  const { Entries = [] } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
  const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
  return refused && `${refused.ErrorCode}: ${refused.ErrorMessage}`;
}
