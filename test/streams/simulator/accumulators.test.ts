import assert from "node:assert/strict";
import { createSimulator } from "../../../streams/engine/simulator/simulator.ts";
import { Collection } from "../../../streams/engine/simulator/world/collection.ts";
import type { Doc } from "../../../streams/engine/simulator/values/types.ts";
import { dlq, log, plain } from "./processing.ts";

/** What a `$group` makes of documents, and the documents that it cannot take. */
function grouped(specification: object, documents: readonly Doc[]) {
  const window = {
    $tumblingWindow: {
      interval: { size: 1, unit: "minute" },
      allowedLateness: 0,
      pipeline: [{ $group: specification }],
    },
  };
  const running = createSimulator([plain, window, log], { options: { dlq } });
  for (const document of documents) running.push(document, { eventTime: 0 });
  running.push({ last: true }, { eventTime: 60_000 });
  const groups = running.emissions.map(({ doc }) => {
    const { _stream_meta: _, ...rest } = doc ?? {};
    return rest;
  });
  return { groups, letters: running.dlq };
}

describe("groups", () => {
  it("gather what their accumulators need", () => {
    const rows: readonly [accumulator: object, values: readonly unknown[], result: unknown][] = [
      [{ $sum: "$v" }, [1, "x", 2.5, null], 3.5],
      [{ $sum: "$v" }, Array<number>(10).fill(0.1), 1],
      [{ $sum: 2 }, [0, 0], 4],
      [{ $avg: "$v" }, [1, 2, "x"], 1.5],
      [{ $avg: "$v" }, ["x"], null],
      [{ $min: "$v" }, [3, null, undefined, "a"], 3],
      [{ $max: "$v" }, [3, null, "a", [1]], [1]],
      [{ $max: "$v" }, [null], null],
      [{ $first: "$v" }, [undefined, 2], null],
      [{ $last: "$v" }, [1, 2], 2],
      [{ $push: "$v" }, [1, undefined, null], [1, null]],
      [{ $addToSet: "$v" }, [1, { a: 1, b: 2 }, { b: 2, a: 1 }, 1, undefined], [1, { a: 1, b: 2 }, { b: 2, a: 1 }]],
      [{ $count: {} }, [1, 2], 2],
      [{ $stdDevPop: "$v" }, [1, 3, "x"], 1],
      [{ $stdDevSamp: "$v" }, [1], null],
      [{ $mergeObjects: "$v" }, [{ a: 1 }, null, { b: 2, a: 3 }], { a: 3, b: 2 }],
      [{ $firstN: { n: 2, input: "$v" } }, [3, undefined, 1], [3, null]],
      [{ $lastN: { n: 2, input: "$v" } }, [3, 2, 1], [2, 1]],
      [{ $minN: { n: 2, input: "$v" } }, [3, null, 1, 2], [1, 2]],
      [{ $maxN: { n: 2, input: "$v" } }, [3, "a", 1], ["a", 3]],
      [{ $top: { sortBy: { v: -1 }, output: ["$v", "$w"] } }, [1, 3, 2], [3, null]],
      [{ $bottom: { sortBy: { v: -1 }, output: "$v" } }, [1, 3, 2], 1],
      [{ $topN: { n: 2, sortBy: { v: 1 }, output: "$v" } }, [5, 3, 4], [3, 4]],
      [{ $bottomN: { n: 2, sortBy: { v: 1 }, output: "$missing" } }, [5, 3, 4], [null, null]],
    ];
    for (const [accumulator, values, result] of rows) {
      const documents = values.map((v) => (v === undefined ? {} : { v }));
      const { groups, letters } = grouped({ _id: 1, r: accumulator }, documents);
      assert.deepEqual(groups, [{ _id: 1, r: result }], JSON.stringify(accumulator));
      assert.deepEqual(letters, []);
    }
  });

  it("are one for each key, fields of keys in their order", () => {
    const keys: readonly unknown[] = [1, "1", null, undefined, { a: 1, b: 2 }, { b: 2, a: 1 }, [1], 1];
    const { groups } = grouped(
      { _id: "$k", n: { $sum: 1 } },
      keys.map((k) => (k === undefined ? {} : { k })),
    );
    assert.deepEqual(
      groups.map(({ _id, n }) => [_id, n]),
      [
        [1, 2],
        ["1", 1],
        [null, 2],
        [{ a: 1, b: 2 }, 1],
        [{ b: 2, a: 1 }, 1],
        [[1], 1],
      ],
    );
    const named = grouped({ _id: { k: "$k", m: "$missing" } }, [{ k: 1 }]);
    assert.deepEqual(named.groups, [{ _id: { k: 1 } }]);
  });

  it("take nothing of a document that they cannot take as a whole", () => {
    const specification = { _id: null, all: { $push: "$v" }, sum: { $sum: "$v" }, o: { $mergeObjects: "$o" } };
    const { groups, letters } = grouped(specification, [{ v: 1, o: { a: 1 } }, { v: 2, o: 5 }, { v: 4 }]);
    assert.deepEqual(groups, [{ _id: null, all: [1, 4], sum: 5, o: { a: 1 } }]);
    const [letter] = letters;
    assert.deepEqual(
      [letter?.operatorName, letter?.errInfo.reason, letter?.doc],
      ["$group", "$mergeObjects requires object inputs", { v: 2, o: 5 }],
    );
  });
});

describe("collections", () => {
  it("find documents by fields, also after these changed", () => {
    const collection = new Collection("c", [{ _id: 1, k: "a" }, { _id: 2, k: ["a", "b"] }, { _id: 3 }]);
    const ids = (field: string, value: unknown) => collection.where(field, value).map(({ _id }) => _id);
    assert.deepEqual([ids("k", "a"), ids("k", "b"), ids("k", null), ids("_id", 3)], [[1, 2], [2], [3], [3]]);
    collection.put({ _id: 1, k: "c" });
    assert.deepEqual([ids("k", "a"), ids("k", "c")], [[2], [1]]);
    collection.delete({ _id: 2, k: ["a", "b"] });
    assert.deepEqual([ids("k", "a"), collection.size], [[], 2]);
    assert.equal(collection.match(["k", "_id"], ["c", 1])?.["_id"], 1);
    assert.equal(collection.match(["k", "_id"], ["c", 2]), undefined);
  });
});
