import assert from "node:assert/strict";
import { Binary, ObjectId } from "../../../streams/engine/simulator/values/types.ts";
import type { Doc } from "../../../streams/engine/simulator/values/types.ts";
import { at, plain, simulator, source } from "./processing.ts";

const into = { connectionName: "c", db: "d", coll: "x" };
const there = [
  { _id: 1, a: 1, b: 1 },
  { _id: 2, k: "two", n: 5 },
];

function merging(more: object, documents: readonly Doc[], constants = {}) {
  const running = simulator([plain, { $merge: { into, ...more } }], {
    mocks: { sinks: { "c.d.x": there } },
    constants,
  });
  for (const document of documents) running.push(document);
  const { collections } = running.world.sinks();
  return {
    sink: collections.get("c.d.x")?.documents,
    actions: running.emissions.map(({ action }) => action),
    reasons: running.dlq.map(({ errInfo }) => errInfo.reason),
    running,
  };
}

describe("$merge of the simulator", () => {
  it("merges, replaces, keeps, deletes, inserts and discards", () => {
    const rest = there.slice(1);
    const rows: readonly [object, Doc, unknown[], string][] = [
      [{}, { _id: 1, a: 2, c: 3 }, [{ _id: 1, a: 2, b: 1, c: 3 }, ...rest], "merged"],
      [{ whenMatched: "replace" }, { _id: 1, c: 3 }, [{ _id: 1, c: 3 }, ...rest], "replaced"],
      [{ whenMatched: "keepExisting" }, { _id: 1, c: 3 }, there, "kept"],
      [{ whenMatched: "delete" }, { _id: 1 }, rest, "deleted"],
      [{}, { _id: 3 }, [...there, { _id: 3 }], "inserted"],
      [{ whenNotMatched: "discard" }, { _id: 3 }, there, "discarded"],
      [{ on: "k", whenMatched: "replace" }, { k: "two", n: 6 }, [there[0], { _id: 2, k: "two", n: 6 }], "replaced"],
      [{ on: ["k", "n"] }, { k: "two", n: 5, m: 1 }, [there[0], { _id: 2, k: "two", n: 5, m: 1 }], "merged"],
      [{ whenMatched: { $cond: ["$gone", "delete", "replace"] } }, { _id: 1, gone: true }, rest, "deleted"],
      [{ whenNotMatched: { $cond: ["$gone", "discard", "insert"] } }, { _id: 9, gone: true }, there, "discarded"],
      [{ whenMatched: "$how" }, { _id: 1, how: "keepExisting" }, there, "kept"],
    ];
    for (const [more, document, sink, action] of rows) {
      const result = merging(more, [document]);
      assert.deepEqual(result.sink, sink, JSON.stringify(more));
      assert.deepEqual([result.actions, result.reasons], [[action], []]);
    }
  });

  it("changes what is there by a pipeline that sees the new document", () => {
    const add = [{ $set: { n: { $add: ["$n", "$$new.n"] } } }, { $unset: "k" }];
    assert.deepEqual(
      merging({ whenMatched: add }, [
        { _id: 2, n: 1 },
        { _id: 2, n: 2 },
      ]).sink?.[1],
      { _id: 2, n: 8 },
    );
    const named = { let: { by: { $multiply: ["$n", 10] } }, whenMatched: [{ $set: { n: { $add: ["$n", "$$by"] } } }] };
    assert.equal(merging(named, [{ _id: 2, n: 1 }]).sink?.[1]?.["n"], 15);
  });

  it("makes an _id where there is none, the same in every run", () => {
    const { sink } = merging({}, [{ a: 1 }, { a: 1 }]);
    assert.deepEqual(sink?.slice(2), [
      { _id: new ObjectId("000000000000000000000001"), a: 1 },
      { _id: new ObjectId("000000000000000000000002"), a: 1 },
    ]);
  });

  it("sends what it cannot write to the dead letter queue", () => {
    const rows: readonly [object, Doc, RegExp][] = [
      [{ on: "k" }, { a: 1 }, /'on' field 'k' cannot be missing/],
      [{ on: "k" }, { k: ["two"] }, /'on' field 'k' cannot be missing, null, undefined or an array/],
      [{}, { _id: null }, /'on' field '_id'/],
      [{ on: "k", whenMatched: "replace" }, { _id: 7, k: "two" }, /'_id' is immutable/],
      [{ on: "k" }, { _id: 1, k: "new" }, /E11000 duplicate key error collection: c\.d\.x/],
      [{ into: { ...into, coll: "$where" } }, { _id: 1 }, /Failed to evaluate coll expression in \$merge/],
      [{ into: { ...into, db: { $toString: "$where" } } }, { _id: 1, where: {} }, /Unsupported conversion/],
      [{ whenMatched: "$how" }, { _id: 1, how: "burn" }, /whenMatched expression in \$merge: got "burn"/],
    ];
    for (const [more, document, reason] of rows) {
      const result = merging(more, [document, { _id: 2, k: "two", where: "x", how: "merge" }]);
      assert.match(result.reasons[0] ?? "", reason);
      assert.deepEqual([result.running.dlq[0]?.doc, result.actions.length], [document, 1], JSON.stringify(more));
    }
  });

  it("routes every document by its own content", () => {
    const { running } = merging({ into: { ...into, db: "$tenant", coll: { $concat: ["of_", "$kind"] } } }, [
      { _id: 1, tenant: "a", kind: "x" },
      { _id: 1, tenant: "b", kind: "x" },
    ]);
    assert.deepEqual(
      running.emissions.map(({ into: name }) => name),
      ["c.a.of_x", "c.b.of_x"],
    );
  });

  it("writes what is known of a window, of everything, or of nothing, as a constant says", () => {
    const window = {
      $tumblingWindow: {
        ...{ interval: { size: 1, unit: "second" }, allowedLateness: 0 },
        pipeline: [{ $group: { _id: "$a", n: { $sum: 1 } } }],
      },
    };
    const stored = (projectStreamMeta: "none" | "window" | "all") => {
      const running = simulator([source, window, { $merge: { into } }], { constants: { projectStreamMeta } });
      for (const clock of ["12:00:00", "12:00:01"]) running.push({ a: 1, ts: at(clock) });
      return running.world.sinks().collections.get("c.d.x")?.documents[0];
    };
    const bounds = { window: { start: new Date(at("12:00:00")), end: new Date(at("12:00:01")) } };
    assert.deepEqual(stored("none"), { _id: 1, n: 1 });
    assert.deepEqual(stored("window"), { _id: 1, n: 1, _stream_meta: bounds });
    assert.deepEqual(stored("all"), { _id: 1, n: 1, _stream_meta: { source: { type: "kafka" }, ...bounds } });
  });
});

describe("$emit of the simulator", () => {
  function emitting(spec: object, documents: readonly Doc[]) {
    const running = simulator([plain, { $emit: { connectionName: "k", ...spec } }]);
    for (const document of documents) running.push(document);
    return {
      messages: running.emissions.map(({ operator: _, meta: __, ...message }) => message),
      reasons: running.dlq.map(({ errInfo }) => errInfo.reason),
      running,
    };
  }

  it("sends messages with keys and headers to topics", () => {
    const config = {
      ...{ key: "$id", keyFormat: "string", headers: { h: "$n" }, tombstoneWhen: { $eq: ["$n", 0] } },
    };
    const { messages, reasons } = emitting({ topic: { $concat: ["t-", "$id"] }, config }, [
      { id: "a", n: 1 },
      { id: "b", n: 0 },
    ]);
    assert.deepEqual(reasons, []);
    assert.deepEqual(messages, [
      { into: "k.t-a", doc: { id: "a", n: 1 }, key: "a", headers: [{ k: "h", v: 1 }] },
      { into: "k.t-b", doc: null, key: "b", headers: [{ k: "h", v: 0 }] },
    ]);
  });

  it("sends what is no key, header, tombstone or topic to the dead letter queue", () => {
    const topic = "t";
    const rows: readonly [object, RegExp][] = [
      [{ topic, config: { key: "$n", keyFormat: "string" } }, /key of a message in \$emit: int is no string/],
      [{ topic, config: { key: "$n", keyFormat: "json" } }, /int is no json/],
      [{ topic, config: { key: "$d", keyFormat: "int" } }, /double is no int/],
      [{ topic, config: { key: "$n", keyFormat: "binData" } }, /int is no binData/],
      [{ topic, config: { headers: "$n" } }, /neither an object nor a list/],
      [{ topic, config: { headers: { a: "$at" } } }, /"a" of type date/],
      [{ topic, config: { headers: [{ k: 1, v: 1 }] } }, /headers in \$emit/],
      [{ topic, config: { tombstoneWhen: "$n" } }, /tombstoneWhen in \$emit: it must be a boolean/],
      [{ topic: "$n" }, /topic expression in \$emit/],
      [{ stream: "s", partitionKey: "$n" }, /partitionKey in \$emit/],
      [{ bucket: "b", path: "$n" }, /path expression in \$emit/],
      [
        { db: "d", coll: "c", timeseries: { timeField: "n" } },
        /'n' must be present and contain a valid BSON UTC datetime/,
      ],
    ];
    for (const [spec, reason] of rows) {
      const { messages, reasons } = emitting(spec, [{ n: 1, d: 1.5, at: new Date(0) }]);
      assert.match(reasons[0] ?? "", reason, JSON.stringify(spec));
      assert.deepEqual(messages, []);
    }
  });

  it("writes values as the format says", () => {
    const document = {
      at: new Date(5),
      id: new ObjectId("65a000000000000000000001"),
      b: new Binary("AA=="),
      i: Infinity,
    };
    const sent = (config: object) => emitting({ bucket: "b", path: "p", config }, [document]).messages[0]?.doc;
    assert.deepEqual(sent({}), document);
    assert.deepEqual(sent({ dateFormat: "ISO8601" }), { ...document, at: "1970-01-01T00:00:00.005Z" });
    assert.deepEqual(sent({ outputFormat: "basicJson" }), {
      at: 5,
      id: "65a000000000000000000001",
      b: "AA==",
      i: "Infinity",
    });
  });

  it("fills topics, streams, buckets and time series", () => {
    const logs = [
      emitting({ stream: "s", region: "r", partitionKey: "$id" }, [{ id: "a" }]),
      emitting({ bucket: "b", path: { $concat: ["x/", "$id"] } }, [{ id: "a" }]),
      emitting({ db: "d", coll: "$id", timeseries: { timeField: "at" } }, [{ id: "a", at: new Date(0) }]),
    ].map(({ running }) => [...running.world.sinks().logs]);
    assert.deepEqual(logs, [
      [["k.s", [{ doc: { id: "a" }, partitionKey: "a" }]]],
      [["k.b", [{ doc: { id: "a" }, path: "x/a" }]]],
      [["k.d.a", [{ doc: { id: "a", at: new Date(0) } }]]],
    ]);
  });
});
