import assert from "node:assert/strict";
import { counting, event, group, keeping, oneCase, runText } from "./cases.ts";
import type { Subject } from "../../../streams/engine/testing/run.ts";

const check = (steps: readonly string[], properties: string, subject: Subject = counting()) =>
  runText(oneCase(`[${steps.join(", ")}]`, `    expect: {}\n    properties: ${properties}\n`), subject).cases.flatMap(
    ({ differences }) => differences.map(({ message }) => message),
  );
const minute = [event("a", "00:00:10"), event("b", "00:00:14"), event("a", "00:00:18"), event("c", "00:01:20")];
const emitting = (config: object): Subject => ({
  ...keeping(),
  pipeline: [
    { $source: { connectionName: "k", topic: "t" } },
    { $emit: { connectionName: "k", topic: "out", config } },
  ],
});

describe("reading everything twice", () => {
  const twice = "{ replayTwice: true }";

  it("leaves sinks as they were where documents are written by their key", () => {
    assert.deepEqual(check(minute, twice), []);
    assert.deepEqual(check(["{ in: { _id: 1, a: 1 } }", "{ in: { _id: 1, a: 2 } }"], twice, keeping()), []);
    const keyed = emitting({ key: "$id", keyFormat: "string", tombstoneWhen: { $eq: ["$n", 0] } });
    assert.deepEqual(
      check(["{ in: { id: a, n: 1 } }", "{ in: { id: b, n: 2 } }", "{ in: { id: a, n: 0 } }"], twice, keyed),
      [],
    );
  });

  it("shows what is written twice", () => {
    assert.match(
      check(["{ in: { a: 1 } }"], twice, keeping()).join(),
      /^c\.d\.x holds something else after everything was read twice$/,
    );
    const adding = { whenMatched: [{ $set: { n: { $add: ["$n", "$$new.n"] } } }] };
    const into = { connectionName: "c", db: "d", coll: "x" };
    const sums: Subject = {
      ...keeping(),
      pipeline: [...keeping().pipeline.slice(0, -1), { $merge: { into, ...adding } }],
    };
    assert.equal(check(["{ in: { _id: 1, n: 1 } }"], twice, sums).length, 1);
    assert.match(
      check(["{ in: { id: a } }"], twice, emitting({})).join(),
      /k\.out .*no key by which a reader could tell/,
    );
  });
});

describe("arriving in another order", () => {
  const shuffle = "{ shuffle: { runs: 20, within: 10s } }";

  it("changes nothing where nothing depends on it", () => {
    assert.deepEqual(check(minute, shuffle), []);
    // What is late stays late, and other steps stay in their places.
    const late = [...minute, event("a", "00:00:11"), "{ idle: 5s }", event("d", "00:02:30")];
    const text = oneCase(`[${late.join(", ")}]`, `    expect: { dlq: [{}] }\n    properties: ${shuffle}\n`);
    assert.deepEqual(runText(text).cases[0]?.differences, []);
  });

  it("shows what depends on the order, and in which order it was seen", () => {
    const first = counting([{ $group: { _id: null, first: { $first: "$k" } } }, { $project: { _id: 1, first: 1 } }]);
    const named = {
      ...first,
      pipeline: first.pipeline.with(-1, {
        $merge: { into: { connectionName: "c", db: "d", coll: "x" }, on: "first", whenMatched: "replace" },
      }),
    };
    const [message = ""] = check(minute, shuffle, named);
    assert.match(message, /c\.d\.x holds something else where documents arrive in this order: \[\{"k":"b"/);
    assert.match(message, /\(seed 1, run \d+\)$/);
    assert.equal(check(minute, shuffle, named)[0], message);
  });

  it("shows documents that a window is too strict for", () => {
    const strict = counting(group);
    const pipeline = strict.pipeline.with(2, {
      $tumblingWindow: { interval: { size: 5, unit: "second" }, allowedLateness: 0, pipeline: group },
    });
    const messages = check(minute, shuffle, { ...strict, pipeline });
    assert.match(messages.join(), /other documents cannot be processed where documents arrive in this order/);
  });
});
