import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as provider from "@pulumi/pulumi/provider/index.js";

/**
 * A provider with one type, `tiny:index:Item`, for tests that need the real engine. Its inputs steer it: `fail` makes a create
 * fail with that text, `gate` holds a create back until a file is there, a change of `key` replaces. What it did goes to the
 * file named by TINY_JOURNAL, one line each.
 */
interface ItemInputs {
  value?: string;
  key?: string;
  fail?: string;
  gate?: string;
}

const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

const journal = (action: string, urn: string) => {
  const file = process.env["TINY_JOURNAL"];
  if (file !== undefined) appendFileSync(file, `${action} ${nameOf(urn)}\n`);
};

/** What was done behind the engine's back: other inputs by name, or null for a deleted item. */
const cloud = (): Record<string, ItemInputs | null> => {
  const file = process.env["TINY_CLOUD"] ?? "";
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, ItemInputs | null>) : {};
};

async function open(gate: string | undefined): Promise<void> {
  while (gate !== undefined && !existsSync(gate)) await delay(20);
}

const tiny: provider.Provider = {
  version: "1.0.0",
  getSchema: async () => JSON.stringify({ name: "tiny", version: "1.0.0" }),
  check: async (_urn, _olds, news: ItemInputs) => ({ inputs: news, failures: [] }),
  async diff(_id, _urn, olds: ItemInputs, news: ItemInputs) {
    const replaces = olds.key === news.key ? [] : ["key"];
    return { changes: replaces.length > 0 || olds.value !== news.value, replaces, deleteBeforeReplace: false };
  },
  async create(urn, inputs: ItemInputs) {
    journal("begin", urn);
    await open(inputs.gate);
    if (inputs.fail !== undefined) throw new Error(inputs.fail);
    journal("create", urn);
    return { id: `item-${nameOf(urn)}`, outs: { ...inputs } };
  },
  async read(id, urn, props: ItemInputs = {}) {
    const found = cloud()[nameOf(urn)];
    if (found === null) return { id: "", props: {}, inputs: {} };
    const now = { ...props, ...found };
    return { id, props: now, inputs: now };
  },
  async update(_id, urn, _olds, news: ItemInputs) {
    journal("update", urn);
    return { outs: { ...news } };
  },
  async delete(_id, urn) {
    journal("delete", urn);
  },
};

await provider.main(tiny, process.argv.slice(2));
