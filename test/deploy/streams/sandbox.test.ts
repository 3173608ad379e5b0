import assert from "node:assert/strict";
import { handOver } from "../../../automation/deploy/streams/handover.ts";
import { judgeOf } from "../../../automation/deploy/streams/judge.ts";
import { wantedOf, type HandoverOutput } from "../../../automation/deploy/streams/making.ts";
import { versionName } from "../../../automation/deploy/streams/names.ts";
import { handoverRecords, type HandoverRecords } from "../../../automation/deploy/streams/state.ts";
import { DirectoryStore } from "../../../automation/store/directory.ts";
import { atlasStreams } from "../../../automation/streams/atlas/client.ts";
import type { AtlasStreams } from "../../../automation/streams/atlas/types.ts";
import { hasDefinition } from "../../../automation/streams/observe/definition.ts";
import { atlasApiVariables } from "../../../sandbox/atlas/index.ts";
import { writtenDocuments } from "../../../sandbox/index.ts";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { openAtlasLab, project, type AtlasLab } from "../../sandbox/atlas/atlas-lab.ts";
import { join } from "node:path";

const place = { projectId: project, workspace: "flow" };
const dlq = { connectionName: "warehouse", db: "sales", coll: "orders_dlq" };
const into = { connectionName: "warehouse", db: "sales", coll: "orders" };
const source = {
  $source: {
    connectionName: "events",
    topic: "orders",
    timeField: { $dateFromString: { dateString: "$at" } },
    config: { auto_offset_reset: "earliest" },
  },
};
/** A document a second: twenty fall into each of them. */
const window = {
  $tumblingWindow: {
    interval: { size: 20, unit: "second" },
    allowedLateness: { size: 0, unit: "second" },
    pipeline: [{ $group: { _id: { $meta: "stream.window.start" }, documents: { $sum: 1 } } }],
  },
};

function outputOf(...stages: object[]): HandoverOutput {
  const pipeline = JSON.stringify([source, ...stages, { $merge: { into } }]);
  const digest = definitionDigest({ pipelineText: pipeline, dlq });
  return { pipeline, dlq, digest, rollout: "blue-green", state: "STARTED", tier: "SP10", failover: false };
}

describe("handovers in the sandbox's Atlas", () => {
  let lab: AtlasLab;
  let client: AtlasStreams;
  let records: HandoverRecords;

  beforeEach(async () => {
    lab = await openAtlasLab();
    records = handoverRecords(new DirectoryStore(join(lab.directory, "store")), "prod");
    client = atlasStreams({
      ...{ place, environment: atlasApiVariables(lab.api.endpoint) },
      // Time passes for whoever asks.
      fetch: (...given) => {
        lab.pass(100);
        return fetch(...given);
      },
    });
  });
  afterEach(() => lab.close());

  const bring = (output: HandoverOutput) => {
    const { signal } = new AbortController();
    const trial = {
      intervalMs: 4,
      warmUpMs: 4,
      durationMs: 100,
      leastDocuments: 10,
      patienceMs: 20_000,
      eventTimePace: 1,
    };
    const pace = { pollMs: 1, settleMs: 1, timeoutMs: 30_000, trial };
    const judged = { expect: undefined, thresholds: {}, percent: undefined };
    return handOver(client, {
      ...{ wanted: wantedOf("orders", output, true), output, records, pace, signal },
      judge: judgeOf(client, judged, { pace, signal, say: () => undefined }),
      ...{ now: () => new Date(), say: () => undefined },
    });
  };
  const nameOf = ({ digest }: HandoverOutput) => versionName("orders", digest);
  const states = async () => Object.fromEntries((await client.processors()).map(({ name, state }) => [name, state]));

  it("read every document of a topic once, the one version what the other left", async () => {
    const [one, two] = [outputOf({ $set: { version: 1 } }), outputOf({ $set: { version: 2 } })];
    await bring(one);
    const result = await bring(two);
    assert.equal(result.outcome, "handed-over", JSON.stringify(result));
    assert.deepEqual(await states(), { [nameOf(one)]: "STOPPED", [nameOf(two)]: "STARTED" });
    const [blue, green] = [await client.processor(nameOf(one)), await client.processor(nameOf(two))];
    const offsets = (green?.stats.kafkaPartitions ?? []).reduce((sum, one) => sum + one.currentOffset, 0);
    assert.equal((blue?.stats.inputMessageCount ?? 0) + (green?.stats.inputMessageCount ?? 0), offsets);
    assert.ok(green !== undefined && hasDefinition(green, two.digest));
  });

  it("leave no window half empty", async () => {
    const [one, two] = [outputOf(window), outputOf(window, { $set: { version: 2 } })];
    await bring(one);
    const result = await bring(two);
    assert.equal(result.outcome, "handed-over", JSON.stringify(result));
    assert.deepEqual(await states(), { [nameOf(one)]: "STOPPED", [nameOf(two)]: "STARTED" });
    lab.pass(5_000);
    const green = await client.processor(nameOf(two));
    assert.ok(green !== undefined && hasDefinition(green, two.digest));
    const windows = writtenDocuments(lab.directory, place, into) as { documents: number; version?: number }[];
    const whole = windows.slice(1);
    assert.ok(whole.some(({ version }) => version === 2) && whole.some(({ version }) => version === undefined));
    assert.deepEqual([...new Set(whole.map(({ documents }) => documents))], [20]);
  });

  it("end where Atlas shows that the new version is slower", async () => {
    const [one, slow] = [outputOf({ $set: { a: 1 } }), outputOf({ $https: { connectionName: "geo", as: "place" } })];
    await lab.call("POST", "/streams/flow/connections", { name: "geo", type: "Https", url: "https://geo.example.com" });
    await bring(one);
    const before = (await client.processor(nameOf(one)))?.stats.inputMessageCount ?? 0;
    const result = await bring(slow);
    assert.ok(result.outcome === "failed", JSON.stringify(result));
    assert.match(result.reason, /latency/);
    assert.deepEqual(await states(), { [nameOf(one)]: "STARTED" });
    assert.ok(((await client.processor(nameOf(one)))?.stats.inputMessageCount ?? 0) > before);
  });
});
