import assert from "node:assert/strict";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { versionName } from "../../automation/deploy/streams/names.ts";
import { atlasStreams } from "../../automation/streams/atlas/client.ts";
import type { AtlasProcessor, AtlasStreams } from "../../automation/streams/atlas/types.ts";
import { positionOf } from "../../sandbox/atlas/feed.ts";
import { type AtlasApi, atlasApiVariables, startAtlasApi } from "../../sandbox/atlas/index.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { loadStreams } from "../../streams/engine/files/project.ts";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

type Stages = readonly Readonly<Record<string, unknown>>[];

const dlq = { connectionName: "warehouse", db: "sales", coll: "orders_dlq" };
const order = (index: number) => ({ _id: index, customer: `c${index % 7}`, total: index, city: "Lyon" });

/** A processor of a change stream, and one of a topic; both do `stages` between source and sink. */
const processors = (stages: Stages): Record<string, unknown> => ({
  "processors/orders.json": {
    pipeline: [
      { $source: { connectionName: "shop", db: "shop", coll: "orders", config: { fullDocument: "updateLookup" } } },
      { $replaceRoot: { newRoot: "$fullDocument" } },
      ...stages,
      { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "orders" }, whenMatched: "replace" } },
    ],
    options: { dlq },
  },
  "processors/visits.json": {
    pipeline: [
      {
        $source: {
          connectionName: "events",
          topic: "visits",
          config: { auto_offset_reset: "earliest", group_id: "visits" },
        },
      },
      ...stages,
      { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "visits" }, whenMatched: "replace" } },
    ],
    options: { dlq: { ...dlq, coll: "visits_dlq" } },
  },
});

const first: Stages = [{ $set: { version: 1 } }];
const second: Stages = [{ $set: { version: 2, dear: { $gte: ["$total", 20] } } }];
/** Asks somebody for every document: each takes much longer, and nothing else is wrong with it. */
const slow: Stages = [
  { $set: { version: 3 } },
  { $https: { connectionName: "geocoder", path: { $concat: ["city/", "$city"] }, as: "place", onError: "ignore" } },
];

/** What Atlas calls a processor with these stages. */
function versionOf(name: string, stages: Stages): string {
  const files = Object.entries(processors(stages)).map(([path, value]) => [path, JSON.stringify(value)]);
  const { processors: all } = loadStreams(Object.fromEntries(files) as Record<string, string>);
  const { pipelineText = "", dlq: queue } = all.find((one) => one.name === name) ?? {};
  return versionName(name, definitionDigest({ pipelineText, dlq: queue }));
}

describe("a change of stream processors on its way to prod", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  let api: AtlasApi;
  let prod: AtlasStreams;
  const streams = () => join(checkout.root, "streams");
  const slipway = (...args: string[]) => checkout.slipway(...args);
  const write = async (files: Readonly<Record<string, unknown>>) => {
    for (const [path, value] of Object.entries(files)) {
      await mkdir(dirname(join(streams(), path)), { recursive: true });
      await writeFile(join(streams(), path), JSON.stringify(value, undefined, 2));
    }
  };
  const commit = async (message: string, stages: Stages) => {
    await write(processors(stages));
    await checkout.git("add", "--all");
    await checkout.git("commit", "--quiet", "--message", message);
  };
  const upTo = async (last: "staging" | "prod") => {
    const dev = await slipway("up", "dev", "--json");
    assert.equal(dev.code, 0, dev.stderr);
    const staging = await slipway("promote", "staging", "--json");
    assert.equal(staging.code, 0, staging.stderr);
    if (last === "staging") return staging;
    return slipway("promote", "prod", "--json", "--yes");
  };
  const records = async () => {
    const { json } = await slipway("history", "prod", "--json", "--limit", "100");
    return json.records.toReversed();
  };
  const kinds = async () => (await records()).map(({ kind }) => kind).filter((kind) => !kind.endsWith("-moved"));
  const inProd = async (name: string): Promise<AtlasProcessor> => {
    const found = await prod.processor(name);
    assert.ok(found, `${name} is not in Atlas`);
    return found;
  };
  const states = async () =>
    Object.fromEntries((await prod.processors()).map(({ name, state }) => [name, state] as const));

  before(async () => {
    checkout = await makeCheckout({ streams: true });
    for (const folder of ["processors", "tests", "policies", "samples", "consents"])
      await rm(join(streams(), folder), { recursive: true, force: true });
    await write({
      "samples/shop.shop.orders.json": Array.from({ length: 40 }, (_, index) => order(index)),
      "samples/events.visits.json": {
        documents: Array.from({ length: 40 }, (_, index) => order(index)),
        partitions: 2,
      },
    });
    assert.deepEqual(await readdir(join(streams(), "samples")), ["events.visits.json", "shop.shop.orders.json"]);
    await commit("feat(streams): orders and visits", first);
    assert.equal((await slipway("up", "operations")).code, 0);
    api = await startAtlasApi({ directory: join(checkout.root, ".sandbox"), streams: streams() });
    const stack = parseDocument(await readFile(join(checkout.root, "Pulumi.prod.yaml"), "utf8"));
    prod = atlasStreams({
      place: {
        projectId: String(stack.getIn(["config", "slipway:streams", "projectId"])),
        workspace: "prod-stream-processing",
      },
      environment: atlasApiVariables(api.endpoint),
    });
  });
  after(async () => {
    await api?.close();
    await checkout.remove();
  });

  it("the first version goes into service", async () => {
    const promoted = await upTo("prod");
    assert.equal(promoted.code, 0, promoted.stderr);
    assert.deepEqual(await states(), {
      [versionOf("orders", first)]: "STARTED",
      [versionOf("visits", first)]: "STARTED",
    });
    assert.deepEqual((await kinds()).slice(-4), [
      ...["promoted", "processor-handed-over", "processor-handed-over", "verified"],
    ]);
  });

  it("the next one is tried beside it and takes over where it stopped: nothing is lost, and nothing done twice", async () => {
    await commit("feat(streams): orders know whether they are dear", second);
    const promoted = await upTo("prod");
    assert.equal(promoted.code, 0, promoted.stderr);
    assert.match(
      promoted.stderr,
      /orders__[0-9a-f]{8}__shadow is (?:as good as|better than|not to be told from) orders__/,
    );
    assert.deepEqual(await states(), {
      ...{ [versionOf("orders", first)]: "STOPPED", [versionOf("orders", second)]: "STARTED" },
      ...{ [versionOf("visits", first)]: "STOPPED", [versionOf("visits", second)]: "STARTED" },
    });
    const [blue, green] = [await inProd(versionOf("orders", first)), await inProd(versionOf("orders", second))];
    const [ended, reached] = [blue, green].map(({ stats }) => positionOf(stats.changeStreamState) ?? -1);
    assert.equal(green.stats.inputMessageCount, (reached ?? 0) - (ended ?? 0));
    const topic = [await inProd(versionOf("visits", first)), await inProd(versionOf("visits", second))];
    const read = topic.reduce((sum, { stats }) => sum + stats.inputMessageCount, 0);
    const offsets = (topic[1]?.stats.kafkaPartitions ?? []).reduce((sum, one) => sum + one.currentOffset, 0);
    assert.ok(read > 200);
    assert.equal(read, offsets);
  });

  it("one that is slower is found out beside it, and the release goes back: the version before never stopped", async () => {
    const before = await inProd(versionOf("orders", second));
    await commit("feat(streams): where orders come from", slow);
    const promoted = await upTo("prod");
    assert.equal(promoted.code, 26, promoted.stderr);
    assert.match(promoted.json.error.message, /was not handed over to (?:orders|visits)__[0-9a-f]{8}: latency/);
    assert.match(promoted.json.error.changed, /prod was rolled back: it runs release/);
    assert.deepEqual(await states(), {
      ...{ [versionOf("orders", first)]: "STOPPED", [versionOf("orders", second)]: "STARTED" },
      ...{ [versionOf("visits", first)]: "STOPPED", [versionOf("visits", second)]: "STARTED" },
    });
    const after = await inProd(versionOf("orders", second));
    const went = (positionOf(after.stats.changeStreamState) ?? 0) - (positionOf(before.stats.changeStreamState) ?? 0);
    assert.ok(went > 0);
    assert.equal(after.stats.inputMessageCount - before.stats.inputMessageCount, went);
    assert.deepEqual((await kinds()).slice(-4), ["promoted", "failed", "rolled-back", "verified"]);
  });

  it("somebody goes back by hand, and forward again", async () => {
    const [older, newer] = [versionOf("orders", first), versionOf("orders", second)];
    const back = await slipway("streams", "rollback", "prod", "orders", "--json");
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(handed(back.json), [["orders", newer, older, "handed-over"]]);
    const { [older]: old, [newer]: now } = await states();
    assert.deepEqual([old, now], ["STARTED", "STOPPED"]);
    const forward = await slipway("streams", "blue-green", "prod", "orders", "visits", "--json");
    assert.equal(forward.code, 0, forward.stderr);
    assert.deepEqual(handed(forward.json), [
      ["orders", older, newer, "handed-over"],
      ["visits", null, versionOf("visits", second), "none"],
    ]);
    assert.deepEqual((await kinds()).slice(-2), ["processor-handed-over", "processor-handed-over"]);
  });

  it("what only stands in files does not get to prod by hand, and what changes in place has no versions", async () => {
    const bypass = await slipway("streams", "canary", "prod", "orders", "--folder", streams(), "--json");
    assert.equal(bypass.code, 23);
    const inPlace = await slipway("streams", "canary", "dev", "orders", "--json");
    assert.equal(inPlace.code, 2);
    assert.match(inPlace.json.error.message, /changed in place in dev/);
  });

  it("a change in place that loses state is refused before anything is touched", async () => {
    const store = join(checkout.root, ".sandbox", "store", "streams");
    assert.equal((await readdir(join(store, "prod", "snapshots"))).length, 3);
    const text = await readFile(join(streams(), "processors", "visits.json"), "utf8");
    await writeFile(
      join(streams(), "processors", "visits.json"),
      text.replace('"topic": "visits"', '"topic": "views"'),
    );
    const before = (await slipway("history", "dev", "--json")).json.records.length;
    const up = await slipway("up", "dev", "--json");
    assert.equal(up.code, 5, up.stderr);
    assert.match(up.json.error.message, /visits: \$source reads something else: topic/);
    assert.equal(up.json.error.changed, "nothing");
    assert.match(up.json.error.next, /streams\/consents\/visits\.json: \{"processor":"visits"/);
    assert.equal((await slipway("history", "dev", "--json")).json.records.length, before);
  });
});

/** Processors of a handover by hand: whose, from what, to what, and what became of it. */
function handed(json: unknown): unknown[][] {
  const { processors } = json as { processors: Record<string, unknown>[] };
  return processors.map(({ processor, from, to, outcome }) => [processor, from, to, outcome]);
}
