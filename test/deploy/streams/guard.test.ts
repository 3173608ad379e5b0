import assert from "node:assert/strict";
import { guard, guardError, type Guarded } from "../../../automation/deploy/streams/guard.ts";
import type { Rollout, StreamsOutputs } from "../../../config/streams-outputs.ts";
import { diffProjects } from "../../../streams/engine/diff/diff.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { outputOf } from "./lab.ts";

type Pipeline = readonly Readonly<Record<string, unknown>>[];

const source = { $source: { connectionName: "shop", db: "shop", coll: "orders" } };
const other = { $source: { connectionName: "shop", db: "shop", coll: "returns" } };
const sink = { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "orders" } } };
const plain: Pipeline = [source, { $set: { a: 1 } }, sink];
const safe: Pipeline = [source, { $set: { a: 2 } }, sink];
const lossy: Pipeline = [other, { $set: { a: 1 } }, sink];

const files = (pipeline: Pipeline, more: Readonly<Record<string, unknown>> = {}) => ({
  "processors/orders.json": JSON.stringify({ pipeline }, undefined, 2),
  ...Object.fromEntries(Object.entries(more).map(([path, value]) => [path, JSON.stringify(value)])),
});
const standing = (pipeline: Pipeline, rollout: Rollout): Pick<StreamsOutputs, "processors"> => ({
  processors: {
    orders: { ...outputOf(1, { rollout }), pipeline: JSON.stringify(pipeline), thresholds: {}, dlq: undefined },
  },
});

function held(
  before: Pipeline,
  after: Pipeline,
  { was = "in-place", is = was, back = false, more = {} }: Partial<Asked> = {},
): Guarded {
  const wanted = loadStreams(files(after, more));
  return guard({ standing: standing(before, was), connections: undefined, wanted, rollout: () => is, back });
}
interface Asked {
  was: Rollout;
  is: Rollout;
  back: boolean;
  more: Readonly<Record<string, unknown>>;
}

describe("what a deployment may do to stream processors", () => {
  const nothing: Guarded = { changed: false, refused: [], restart: [] };
  const consent = () => {
    const [diff] = diffProjects(loadStreams(files(plain)), loadStreams(files(lossy)));
    return {
      processor: "orders",
      from: diff?.from,
      to: diff?.to,
      class: diff?.class,
      reason: "agreed here",
      by: "ada",
    };
  };

  it("is everything that changes nothing, however the files are written", () => {
    assert.deepEqual(held(plain, plain), nothing);
  });

  it("is a change in place from the checkpoint", () => {
    assert.deepEqual(held(plain, safe), { ...nothing, changed: true });
  });

  it("is no change in place that loses state, unless somebody agreed to exactly that", () => {
    const { refused, restart } = held(plain, lossy);
    assert.deepEqual(restart, []);
    assert.equal(refused.length, 1);
    assert.match(refused[0]?.reason ?? "", /\$source reads something else: coll/);
    assert.match(refused[0]?.next ?? "", /streams\/consents\/orders\.json: \{"processor":"orders","from":"sha256:/);
    const agreed = held(plain, lossy, { more: { "consents/orders.json": consent() } });
    assert.deepEqual(agreed, { changed: true, refused: [], restart: ["orders"] });
    const stale = { ...consent(), to: consent().from };
    assert.equal(held(plain, lossy, { more: { "consents/orders.json": stale } }).refused.length, 1);
  });

  it("is anything on the way back, and what is lossy begins anew", () => {
    assert.deepEqual(held(lossy, plain, { back: true }), { changed: true, refused: [], restart: ["orders"] });
  });

  it("is any change that is handed over: the old version keeps its state", () => {
    assert.deepEqual(held(plain, lossy, { was: "blue-green" }), { ...nothing, changed: true });
    assert.deepEqual(held(plain, lossy, { was: "in-place", is: "blue-green" }), { ...nothing, changed: true });
  });

  it("is no handover of what has no place to go on from", () => {
    const kinesis: Pipeline = [{ $source: { connectionName: "k", stream: "s" } }, sink];
    const changed: Pipeline = [...kinesis.slice(0, 1), { $set: { a: 1 } }, sink];
    const { refused } = held(kinesis, changed, { was: "canary" });
    assert.match(refused[0]?.reason ?? "", /Kinesis/);
    assert.match(refused[0]?.next ?? "", /"rollout": "in-place"/);
    assert.deepEqual(held(kinesis, kinesis, { was: "canary" }), nothing);
  });

  it("is no handover of windows that no trial fills in time, unless somebody agreed or it goes on in place", () => {
    const windowed = (hours: number, a: number): Pipeline => [
      source,
      { $tumblingWindow: { interval: { size: hours, unit: "hour" }, pipeline: [{ $group: { _id: "$a" } }] } },
      { $set: { a } },
      sink,
    ];
    const { refused } = held(windowed(24, 1), windowed(24, 2), { was: "blue-green" });
    assert.match(refused[0]?.reason ?? "", /windows are longer than 1 hour/);
    assert.match(
      refused[0]?.next ?? "",
      /"rollout": "in-place".*or write streams\/consents\/orders\.json.*"class":"new-version"/,
    );
    const [diff] = diffProjects(loadStreams(files(windowed(24, 1))), loadStreams(files(windowed(24, 2))));
    const agreed = { ...consent(), from: diff?.from, to: diff?.to, class: "new-version" };
    const more = { "consents/orders.json": agreed };
    assert.deepEqual(held(windowed(24, 1), windowed(24, 2), { was: "blue-green", more }).refused, []);
    const short = (a: number): Pipeline => [
      source,
      { $tumblingWindow: { interval: { size: 5, unit: "minute" }, pipeline: [{ $group: { _id: "$a" } }] } },
      { $set: { a } },
      sink,
    ];
    assert.deepEqual(held(short(1), short(2), { was: "blue-green" }).refused, []);
    assert.deepEqual(held(windowed(24, 1), windowed(24, 1), { was: "blue-green" }), nothing);
  });

  it("counts a connection that leads elsewhere", () => {
    const connection = (clusterName: string) => ({
      "connections/all.json": { connections: [{ name: "shop", type: "Cluster", clusterName }] },
    });
    const before = loadStreams(files(plain, connection("a")));
    const wanted = loadStreams(files(plain, connection("b")));
    const { connections } = before;
    const all = { standing: standing(plain, "in-place"), wanted, rollout: () => "in-place" as const, back: false };
    assert.equal(guard({ ...all, connections }).refused.length, 1);
    assert.deepEqual(guard({ ...all, connections: undefined }), nothing);
  });

  it("is told with the file, the reason and what to write", () => {
    const error = guardError("prod", held(plain, lossy).refused);
    assert.equal(error.code, 5);
    assert.equal(error.where, "streams/processors/orders.json");
    assert.equal(error.changed, "nothing");
    assert.match(error.message, /1 stream processor of prod would lose state/);
    assert.match(error.next ?? "", /consents\/orders\.json/);
  });
});
