import { Cloud } from "../cloud/cloud.ts";
import type { CloudResource } from "../types/type-spec.ts";
import { withKnownFiles } from "./assets.ts";
import { keyOf, type Ledger } from "./ledger.ts";
import { liveTable, rankOf } from "./table.ts";
import { liveTypes, type LiveType } from "./types/index.ts";
import type { Circumstances, LiveClients } from "./types/live-type.ts";

/** Keeps the emulator in line with the sandbox's record of resources. Both directions may be repeated at any time. */
export class Projection {
  readonly #clients: LiveClients;
  readonly #ledger: Ledger;
  readonly #deployedVersion: Circumstances["deployedVersion"];
  /** The last piece of work per resource: two about the same one never overlap. */
  readonly #queue = new Map<string, Promise<unknown>>();

  constructor(clients: LiveClients, ledger: Ledger, deployedVersion: Circumstances["deployedVersion"]) {
    this.#clients = clients;
    this.#ledger = ledger;
    this.#deployedVersion = deployedVersion;
  }

  ensure(resource: CloudResource): Promise<void> {
    return this.#inTurn(resource, async (type) => {
      const before = this.#ledger.get(resource);
      const circumstances = { ...(before && { before }), deployedVersion: this.#deployedVersion };
      await type.ensure(this.#clients.of(resource), resource, circumstances);
      this.#ledger.put(resource);
    });
  }

  remove(resource: CloudResource): Promise<void> {
    return this.#inTurn(resource, async (type) => {
      await type.remove(this.#clients.of(resource), resource);
      this.#ledger.remove(resource);
    });
  }

  /** Brings everything in line; what cannot be is named in the result and does not stop the rest. */
  async replay(directory: string): Promise<string[]> {
    const before = new Map(this.#ledger.list().map((resource) => [keyOf(resource), resource]));
    const wanted = recorded(directory).map((resource) => withKnownFiles(resource, before.get(keyOf(resource))));
    const keys = new Set(wanted.map(keyOf));
    const surplus = [...before.values()].filter((resource) => !keys.has(keyOf(resource)));
    const problems: string[] = [];
    const each = async (resource: CloudResource, work: (resource: CloudResource) => Promise<void>) => {
      await work(resource).catch((error: unknown) => {
        problems.push(`${resource.account} ${resource.type} ${resource.id}: ${messageOf(error)}`);
      });
    };
    for (const group of byRank(surplus).reverse())
      await Promise.all(group.map((resource) => each(resource, (one) => this.remove(one))));
    for (const group of byRank(wanted))
      await Promise.all(group.map((resource) => each(resource, (one) => this.ensure(one))));
    return problems;
  }

  #inTurn(resource: CloudResource, work: (type: LiveType) => Promise<void>): Promise<void> {
    const type = liveTypes[resource.type];
    if (type === undefined) return Promise.resolve();
    const key = keyOf(resource);
    const turn = (this.#queue.get(key) ?? Promise.resolve()).then(() => work(type));
    const settled = turn.catch(() => undefined);
    this.#queue.set(key, settled);
    void settled.then(() => {
      if (this.#queue.get(key) === settled) this.#queue.delete(key);
    });
    return turn;
  }
}

function recorded(directory: string): CloudResource[] {
  const cloud = new Cloud(directory);
  try {
    return withoutOrphans(Object.keys(liveTable).flatMap((type) => cloud.list({ type })));
  } finally {
    cloud.close();
  }
}

/** Objects that a stack keeps for good outlive their bucket on record, and nowhere else. */
function withoutOrphans(resources: CloudResource[]): CloudResource[] {
  const buckets = new Set(resources.filter(({ type }) => type === "aws:s3/bucket:Bucket").map(({ id }) => id));
  return resources.filter(({ type, inputs }) => !/bucketObject/.test(type) || buckets.has(String(inputs["bucket"])));
}

function byRank(resources: readonly CloudResource[]): CloudResource[][] {
  const groups = Map.groupBy(resources, ({ type }) => rankOf(type));
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}
