import assert from "node:assert/strict";
import fc from "fast-check";
import type { Checkpoint } from "../../../streams/engine/simulator/checkpoint.ts";
import { CannotSimulate, PipelineRefused } from "../../../streams/engine/simulator/errors.ts";
import type { Simulator } from "../../../streams/engine/simulator/types.ts";
import { at, log, simulator, sink, source } from "./processing.ts";

const window = (pipeline: object[], more: object = {}) => ({
  $tumblingWindow: { interval: { size: 1, unit: "minute" }, allowedLateness: 0, pipeline, ...more },
});
const everything = {
  _id: "$k",
  ...{ sum: { $sum: "$v" }, avg: { $avg: "$v" }, min: { $min: "$v" }, max: { $max: "$v" }, n: { $count: {} } },
  ...{ first: { $first: "$v" }, last: { $last: "$v" }, all: { $push: "$v" }, set: { $addToSet: { $mod: ["$v", 3] } } },
  ...{ pop: { $stdDevPop: "$v" }, merged: { $mergeObjects: { v: "$v" } }, two: { $firstN: { n: 2, input: "$v" } } },
  ...{
    top: { $top: { sortBy: { v: -1 }, output: "$v" } },
    low: { $bottomN: { n: 2, sortBy: { v: -1 }, output: "$v" } },
  },
  ...{ big: { $maxN: { n: 2, input: "$v" } }, ends: { $lastN: { n: 2, input: "$v" } }, at: { $last: "$$ROOT.ts" } },
};
const inner: Readonly<Record<string, object[]>> = {
  $group: [{ $match: { v: { $ne: 13 } } }, { $group: everything }, { $sort: { _id: 1 } }],
  $sort: [{ $sort: { v: -1, k: 1 } }, { $limit: 3 }],
  $count: [{ $count: "n" }],
  $limit: [{ $limit: 2 }, { $project: { v: 1 } }],
  nothing: [{ $set: { w: { $meta: "stream.window.start" } } }],
};

const json = (checkpoint: Checkpoint) => JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
const shown = ({ emissions }: Simulator) => emissions.map(({ doc, meta }) => ({ doc, meta }));

describe("checkpoints", () => {
  for (const [name, pipeline] of Object.entries(inner))
    it(`lose nothing of a window with ${name}, wherever they are taken`, () => {
      const events = fc.array(
        fc.record({
          k: fc.constantFrom("a", "b"),
          v: fc.integer({ min: 0, max: 20 }),
          s: fc.integer({ min: 0, max: 150 }),
        }),
        { minLength: 2, maxLength: 15 },
      );
      fc.assert(
        fc.property(events, fc.nat(), (all, cut) => {
          const documents = all.map(({ k, v, s }) => ({ k, v, ts: new Date(s * 1000).toISOString() }));
          const stages = [source, window(pipeline), log];
          const whole = simulator(stages);
          const before = simulator(stages);
          const middle = cut % documents.length;
          documents.forEach((document) => whole.push(document));
          documents.slice(0, middle).forEach((document) => before.push(document));
          const after = simulator(stages, { world: before.world });
          const checkpoint = json(before.stop());
          assert.equal(after.restore(checkpoint).get("0") ?? 0, middle);
          documents.slice(middle).forEach((document) => after.push(document));
          for (const running of [whole, after]) running.push({ k: "z", v: 0, ts: "2000-01-01T00:00:00Z" });
          assert.deepEqual([...shown(before), ...shown(after)], shown(whole));
          assert.equal(after.stats().inputMessageCount, whole.stats().inputMessageCount);
          assert.deepEqual(after.stats().watermark, whole.stats().watermark);
        }),
        { numRuns: 15 },
      );
    });

  it("hold sessions with their documents", () => {
    const stages = [
      source,
      {
        $sessionWindow: {
          ...{ partitionBy: { u: "$u" }, gap: { size: 1, unit: "minute" }, allowedLateness: 0 },
          pipeline: [{ $group: { _id: "$u", seen: { $push: "$id" } } }],
        },
      },
      log,
    ];
    const before = simulator(stages);
    before.push({ u: 1, id: 1, ts: at("12:00:00") });
    before.push({ u: 2, id: 2, ts: at("12:00:10") });
    const after = simulator(stages, { world: before.world });
    after.restore(json(before.stop()));
    after.push({ u: 1, id: 3, ts: at("12:00:59") });
    after.push({ u: 3, id: 4, ts: at("12:10:00") });
    const results = after.emissions.map(({ doc, meta }) => [doc?.["seen"], meta.window?.["partition"]]);
    assert.deepEqual(results, [
      [[2], { u: 2 }],
      [[1, 3], { u: 1 }],
    ]);
  });

  it("are taken when a processor stops, and hold no documents of the source", () => {
    const running = simulator([source, window([{ $group: { _id: null, n: { $sum: 1 } } }]), sink]);
    running.push({ secret: "s3cret", ts: at("12:00:00") });
    const checkpoint = running.stop();
    assert.equal(running.state, "STOPPED");
    assert.equal(running.push({ ts: at("12:00:01") }), false);
    assert.doesNotMatch(JSON.stringify(checkpoint), /s3cret/);
    assert.deepEqual(checkpoint.source, {
      watermark: Date.parse(at("12:00:00")),
      partitions: { 0: { next: 1, greatest: Date.parse(at("12:00:00")) } },
    });
  });
});

describe("another version of a pipeline", () => {
  const group = [{ $group: { _id: null, n: { $sum: 1 } } }];
  const base = [source, window(group), { $set: { v: 1 } }, log];
  const documents = ["12:00:10", "12:00:20", "12:01:05", "12:01:10"].map((clock) => ({ ts: at(clock) }));

  /** Goes on from a checkpoint after the documents, reading again what the new version asks for. */
  function upgraded(to: readonly object[], options = {}) {
    const before = simulator(base);
    documents.forEach((document) => before.push(document));
    const after = simulator(to, { world: before.world, ...options });
    const offset = after.restore(json(before.stop())).get("0") ?? 0;
    documents.slice(offset).forEach((document) => after.push(document));
    after.push({ ts: at("12:02:00") });
    return { after, offset, before };
  }

  it("goes on with its windows where only other stages changed", () => {
    const { after, offset } = upgraded([source, window(group), { $set: { v: 2 } }, log]);
    assert.equal(offset, 4);
    assert.deepEqual(
      after.emissions.map(({ doc }) => [doc?.["n"], doc?.["v"]]),
      [[2, 2]],
    );
  });

  it("reads open windows again where what is in them changed", () => {
    const sums = [{ $group: { _id: null, n: { $sum: 100 } } }];
    const { after, offset, before } = upgraded([source, window(sums), { $set: { v: 2 } }, log]);
    assert.deepEqual(
      before.emissions.map(({ doc }) => doc?.["n"]),
      [2],
    );
    assert.equal(offset, 2);
    assert.deepEqual(
      after.emissions.map(({ doc }) => doc?.["n"]),
      [200],
    );
    assert.deepEqual(after.dlq, []);
    assert.equal(after.stats().watermark?.toISOString(), "2026-01-01T12:02:00.000Z");
  });

  it("has its watermark back once it read again what was read before", () => {
    const lateness = { allowedLateness: { size: 5, unit: "minute" } };
    const stages = (n: number) => [
      source,
      { $match: { skip: { $ne: true } } },
      window([{ $group: { _id: null, n: { $sum: n } } }], lateness),
      log,
    ];
    const before = simulator(stages(1));
    // This one is in no window, and time goes on with it all the same.
    before.push({ skip: true, ts: at("12:03:00") });
    before.push({ ts: at("12:02:00") });
    const after = simulator(stages(2), { world: before.world });
    assert.equal(after.restore(json(before.stop())).get("0"), 1);
    assert.equal(after.stats().watermark, undefined);
    after.push({ ts: at("12:02:00") });
    assert.equal(after.stats().watermark?.toISOString(), "2026-01-01T12:03:00.000Z");
  });

  it("leaves out what is read again for windows that were closed, or calls it late, as a constant says", () => {
    const late = { ts: at("12:00:30") };
    const run = (replayedForClosedWindow: "drop" | "dlq") => {
      const before = simulator(base);
      [...documents, late].forEach((document) => before.push(document));
      const constants = { replayedForClosedWindow };
      const after = simulator([source, window([{ $group: { _id: 1 } }]), log], { world: before.world, constants });
      after.restore(json(before.stop()));
      [...documents.slice(2), late].forEach((document, index) => after.push(document, { offset: index + 2 }));
      return [before.dlq.length, after.dlq.length];
    };
    assert.deepEqual(run("drop"), [1, 0]);
    assert.deepEqual(run("dlq"), [1, 1]);
  });

  it("is refused where Atlas refuses it", () => {
    const other = { $source: { ...source.$source, topic: "other" } };
    const rows: readonly [readonly object[], RegExp][] = [
      [[other, window(group), log], /\$source changed/],
      [[source, log], /\$tumblingWindow was removed/],
      [
        [source, window(group, { interval: { size: 2, unit: "minute" } }), log],
        /the interval of \$tumblingWindow changed/,
      ],
      [
        [source, { $hoppingWindow: { ...window(group).$tumblingWindow, hopSize: { size: 1, unit: "minute" } } }, log],
        /\$tumblingWindow became \$hoppingWindow/,
      ],
      [[source, window([{ $count: "n" }]), log], /has neither \$group nor \$sort/],
    ];
    for (const [to, message] of rows)
      assert.throws(
        () => upgraded(to),
        (error) =>
          error instanceof PipelineRefused &&
          message.test(error.message) &&
          /resumeFromCheckpoint: false/.test(error.message),
      );
  });

  it("takes over nothing but counts without resume", () => {
    const before = simulator(base);
    documents.forEach((document) => before.push(document));
    const after = simulator([source, log], { world: before.world });
    assert.deepEqual(after.restore(json(before.stop()), { resume: false }), new Map());
    assert.deepEqual([after.stats().inputMessageCount, after.stats().watermark], [4, undefined]);
  });

  it("cannot be simulated for sessions that are open", () => {
    const session = (n: number) => ({
      $sessionWindow: {
        ...{ partitionBy: "$u", gap: { size: 1, unit: "minute" } },
        pipeline: [{ $group: { _id: null, n: { $sum: n } } }],
      },
    });
    const before = simulator([source, session(1), log]);
    before.push({ ts: at("12:00:00") });
    const after = simulator([source, session(2), log], { world: before.world });
    assert.throws(() => after.restore(json(before.stop())), CannotSimulate);
  });
});
