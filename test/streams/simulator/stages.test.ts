import assert from "node:assert/strict";
import type { Doc } from "../../../streams/engine/simulator/values/types.ts";
import { through } from "./processing.ts";

type Row = readonly [stage: object, input: Doc, output: readonly unknown[]];

/** What stages make of one document. */
const shapes: Readonly<Record<string, readonly Row[]>> = {
  "$addFields and $set": [
    [{ $addFields: { b: 2, "c.d": "$a" } }, { a: 1 }, [{ a: 1, b: 2, c: { d: 1 } }]],
    [{ $set: { a: "$missing", b: { x: "$a" } } }, { a: 1 }, [{ b: { x: 1 } }]],
    [{ $set: { "l.x": 9 } }, { l: [{ y: 1 }, 2] }, [{ l: [{ y: 1, x: 9 }, { x: 9 }] }]],
    [{ $set: { "a.b": 1 } }, { a: 5 }, [{ a: { b: 1 } }]],
    [{ $set: { a: "$b", b: "$a" } }, { a: 1, b: 2 }, [{ a: 2, b: 1 }]],
    [{ $set: { a: [{ b: "$missing" }, "$missing"] } }, {}, [{ a: [{}, null] }]],
    [{ $set: { constructor: 1 } }, {}, [{ constructor: 1 }]],
  ],
  $project: [
    [{ $project: { a: 1 } }, { _id: 7, a: 1, b: 2 }, [{ _id: 7, a: 1 }]],
    [{ $project: { _id: 0, b: true } }, { _id: 7, a: 1, b: 2 }, [{ b: 2 }]],
    [{ $project: { a: 0, "c.d": 0 } }, { a: 1, c: { d: 1, e: 2 } }, [{ c: { e: 2 } }]],
    [{ $project: { "l.x": 1 } }, { l: [{ x: 1, y: 2 }, 3, [{ x: 4 }]] }, [{ l: [{ x: 1 }, [{ x: 4 }]] }]],
    [{ $project: { l: { x: 1 } } }, { l: { x: 1, y: 2 } }, [{ l: { x: 1 } }]],
    [{ $project: { "a.b": 1 } }, { a: 5 }, [{}]],
    [{ $project: { z: { $add: ["$a", 1] }, y: "$missing", b: 1 } }, { b: 2, a: 1 }, [{ b: 2, z: 2 }]],
    [{ $project: { "o.n": "$a" } }, { a: 1 }, [{ o: { n: 1 } }]],
    [{ $project: { list: ["$a", "$missing"] } }, { a: 1 }, [{ list: [1, null] }]],
    [{ $project: { _id: 0 } }, { _id: 1, a: 2 }, [{ a: 2 }]],
  ],
  "$unset, $replaceRoot and $replaceWith": [
    [{ $unset: ["a.b", "c"] }, { a: { b: 1, d: 2 }, c: 3 }, [{ a: { d: 2 } }]],
    [{ $unset: "l.x" }, { l: [{ x: 1, y: 2 }] }, [{ l: [{ y: 2 }] }]],
    [{ $replaceRoot: { newRoot: "$a" } }, { a: { b: 1 } }, [{ b: 1 }]],
    [{ $replaceWith: { $mergeObjects: ["$a", { c: "$d" }] } }, { a: { b: 1 }, d: 2 }, [{ b: 1, c: 2 }]],
  ],
  "$match, $redact and $unwind": [
    [{ $match: { a: { $gt: 0 } } }, { a: 0 }, []],
    [
      { $redact: { $cond: ["$secret", "$$PRUNE", "$$DESCEND"] } },
      { a: { secret: true, b: 1 }, l: [{ secret: true }, 1] },
      [{ l: [1] }],
    ],
    [{ $redact: { $cond: ["$secret", "$$PRUNE", "$$KEEP"] } }, { secret: true }, []],
    [
      { $unwind: "$l" },
      { i: 1, l: [5, 6] },
      [
        { i: 1, l: 5 },
        { i: 1, l: 6 },
      ],
    ],
    [{ $unwind: "$l" }, { i: 1, l: 5 }, [{ i: 1, l: 5 }]],
    [{ $unwind: "$l" }, { i: 1, l: [] }, []],
    [
      { $unwind: { path: "$a.l", includeArrayIndex: "at" } },
      { a: { l: ["x"], m: 1 } },
      [{ a: { l: "x", m: 1 }, at: 0 }],
    ],
    [{ $unwind: { path: "$l", preserveNullAndEmptyArrays: true } }, { l: [] }, [{}]],
    [
      { $unwind: { path: "$a.l", preserveNullAndEmptyArrays: true, includeArrayIndex: "at" } },
      { b: 1 },
      [{ b: 1, at: null }],
    ],
    [{ $unwind: { path: "$l", preserveNullAndEmptyArrays: true } }, { l: null }, [{ l: null }]],
  ],
};

describe("stages of the simulator", () => {
  for (const [group, rows] of Object.entries(shapes))
    it(`shape documents: ${group}`, () => {
      for (const [stage, input, output] of rows) {
        const before = structuredClone(input);
        const { out, dlq } = through([stage], [input]);
        assert.deepEqual(out, output, JSON.stringify(stage));
        assert.deepEqual(dlq, []);
        assert.deepEqual(input, before, `${JSON.stringify(stage)} changed its input`);
      }
    });

  it("keep the order of fields", () => {
    const [projected] = through([{ $project: { z: "$b", b: 1, a: 1 } }], [{ _id: 1, a: 1, b: 2 }]).out;
    assert.deepEqual(Object.keys(projected ?? {}), ["_id", "a", "b", "z"]);
    const [set] = through([{ $set: { a: 9, c: 1 } }], [{ a: 1, b: 2 }]).out;
    assert.deepEqual(Object.keys(set ?? {}), ["a", "b", "c"]);
  });

  it("send the document as it came to them to the dead letter queue, and go on with the next", () => {
    const stages = [{ $set: { "a.seen": true } }, { $set: { n: { $toInt: "$v" } } }, { $unset: "a" }];
    const { out, dlq, running } = through(stages, [
      { v: "x", a: { b: 1 } },
      { v: "2", a: {} },
    ]);
    assert.deepEqual(out, [{ v: "2", n: 2 }]);
    assert.deepEqual(dlq, [
      ["$set", "Failed to parse number 'x' in $convert with no onError value", { v: "x", a: { b: 1, seen: true } }],
    ]);
    assert.deepEqual(Object.keys(running.dlq[0] ?? {}), [
      ...["processorName", "dlqTime", "operatorName", "errInfo", "doc", "_stream_meta"],
    ]);
    assert.deepEqual(running.dlq[0]?.["_stream_meta"]["source"], {
      ...{ type: "kafka", ts: new Date("2026-01-01T12:00:00Z"), topic: "t", partition: 0, offset: 0 },
    });
    assert.equal(running.dlq[0]?.dlqTime.toISOString(), "2026-01-01T12:00:00.000Z");
  });

  it("drop what they cannot process where there is no dead letter queue", () => {
    const { running } = through([{ $set: { n: { $toInt: "$v" } } }], [{ v: "x" }], { options: {} });
    assert.equal(running.dlq.length, 0);
    assert.equal(running.dropped[0]?.errInfo.reason, "Failed to parse number 'x' in $convert with no onError value");
    const { inputMessageCount, outputMessageCount, dlqMessageCount, droppedMessageCount } = running.stats();
    assert.deepEqual([inputMessageCount, outputMessageCount, dlqMessageCount, droppedMessageCount], [1, 0, 0, 1]);
  });

  it("validate by a schema or by conditions", () => {
    const validate = (validationAction?: string) => ({
      $validate: { validator: { $or: [{ n: { $lt: 3 } }, { $jsonSchema: { required: ["s"] } }] }, validationAction },
    });
    const documents = [{ n: 1 }, { n: 5 }, { n: 5, s: 1 }];
    assert.deepEqual(through([validate("discard")], documents).dlq, []);
    const { out, dlq } = through([validate("dlq")], documents);
    assert.deepEqual(out, [{ n: 1 }, { n: 5, s: 1 }]);
    assert.deepEqual(dlq, [["$validate", "Input document found to be invalid in $validate stage", { n: 5 }]]);
  });

  it("set metadata that later stages read", () => {
    const stages = [
      { $setStreamMeta: { "stream.route.to": "$to", "stream.n": { $toInt: "$n" } } },
      { $replaceWith: { to: { $meta: "stream.route.to" }, all: { $meta: "stream" } } },
    ];
    const { out, dlq } = through(stages, [
      { to: "a", n: 1 },
      { to: "b", n: "x" },
    ]);
    assert.equal(out[0]?.["to"], "a");
    assert.deepEqual(Object.keys(out[0]?.["all"] as object), ["source", "route", "n"]);
    assert.deepEqual(
      dlq.map(([operator]) => operator),
      ["$setStreamMeta"],
    );
  });

  it("wait where a throttle says so", () => {
    const sized = { pad: "x".repeat(100) };
    const messages = through([{ $throttle: { messagesPerSec: 2 } }], [{ a: 1 }, { a: 2 }, { a: 3 }]).running;
    assert.deepEqual(messages.stats().throttle, { throttledTimeMs: 500, throttleEvents: 1 });
    assert.equal(messages.world.now, Date.parse("2026-01-01T12:00:00.500Z"));
    const bytes = through([{ $throttle: { bytesPerSec: 10 } }], [sized, { a: 1 }]).running;
    // The first is larger than the limit: it passes, and the next waits for a second, and for its own room.
    assert.deepEqual(bytes.stats().throttle, { throttledTimeMs: 1000, throttleEvents: 1 });
  });
});
