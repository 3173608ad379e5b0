import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { atlasApiVariables, startAtlasApi, type AtlasApi } from "../../../sandbox/atlas/index.ts";

/** A project as the sandbox takes any. */
export const project = "0123456789abcdef01234567";
const media = "application/vnd.atlas.2025-03-12+json";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

/** A sandbox's Atlas whose time moves when a test says so. */
export interface AtlasLab {
  directory: string;
  streams: string;
  api: AtlasApi;
  /** Lets time pass for everybody. */
  pass(milliseconds: number): void;
  /** Calls the API below the project, signed in as the owner. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** What signs a request of the owner. */
  headers(): Promise<{ authorization: string }>;
  /** Closes the server and starts another one. */
  restart(): Promise<void>;
  /** A sample of documents. */
  sample(name: string, content: unknown): void;
  close(): Promise<void>;
}

/** Statistics of a processor. */
export type Stats = Record<string, number> & { kafkaPartitions: Record<string, number>[] };

export const statsOf = ({ body }: Answer): Stats => body["stats"] as Stats;

/** Opens a lab with the workspace `flow` and the connections `events` (Kafka), `shop` and `warehouse` (clusters). */
export async function openAtlasLab(): Promise<AtlasLab> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-atlas-"));
  const streams = join(directory, "streams");
  mkdirSync(join(streams, "samples"), { recursive: true });
  let time = Date.parse("2026-03-01T00:00:00Z");
  const start = () => startAtlasApi({ directory, streams, now: () => time });
  const lab: AtlasLab = {
    ...{ directory, streams, api: await start() },
    pass: (milliseconds) => void (time += milliseconds),
    call: (method, path, body) => callAt(lab.api.endpoint, method, path, body),
    headers: async () => ({ authorization: `Bearer ${await tokenOf(lab.api.endpoint)}` }),
    restart: async () => {
      await lab.api.close();
      lab.api = await start();
    },
    sample: (name, content) => writeFileSync(join(streams, "samples", `${name}.json`), JSON.stringify(content)),
    close: async () => {
      await lab.api.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await furnish(lab);
  return lab;
}

async function furnish({ call: ask, sample }: AtlasLab): Promise<void> {
  await ask("POST", "/streams", {
    name: "flow",
    dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
    streamConfig: { tier: "SP5", maxTierSize: "SP30" },
  });
  for (const connection of [
    { name: "events", type: "Kafka", bootstrapServers: "broker:9092", authentication: { password: "hush" } },
    { name: "shop", type: "Cluster", clusterName: "shop" },
    { name: "warehouse", type: "Cluster", clusterName: "warehouse" },
  ])
    await ask("POST", "/streams/flow/connections", connection);
  sample(
    "events.orders",
    [1, 2, 3, 4].map((n) => ({ _id: n, amount: n * 10, at: `2026-01-01T00:00:0${n}Z` })),
  );
}

/** A token of the sandbox's owner. */
export async function tokenOf(endpoint: string): Promise<string> {
  const { MONGODB_ATLAS_CLIENT_ID: id, MONGODB_ATLAS_CLIENT_SECRET: secret } = atlasApiVariables(endpoint);
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const init = {
    method: "POST",
    headers: { authorization },
    body: new URLSearchParams("grant_type=client_credentials"),
  };
  const answer = await fetch(`${endpoint}/api/oauth/token`, init);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Calls the API at an address, signed in as the owner. */
export async function callAt(endpoint: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const headers = { authorization: `Bearer ${await tokenOf(endpoint)}`, accept: media, "content-type": media };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const url = `${endpoint}/api/atlas/v2/groups/${project}${path}`;
  return read(await fetch(url, { method, headers, ...(text === undefined ? {} : { body: text }) }));
}

/** An answer with its body, which is empty where there is none. */
export async function read(answer: Response): Promise<Answer> {
  const text = await answer.text();
  const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: answer.status, headers: answer.headers, text, body };
}

/** A pipeline from a topic into a collection. */
export const pipelineOf = (...stages: unknown[]): unknown[] => [
  { $source: { connectionName: "events", topic: "orders", config: { auto_offset_reset: "earliest" } } },
  ...stages,
  { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "orders" } } },
];
