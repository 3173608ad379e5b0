import assert from "node:assert/strict";
import { Coverage } from "../../../streams/engine/simulator/coverage.ts";
import { CannotSimulate, PipelineRefused } from "../../../streams/engine/simulator/errors.ts";
import { expressionOperators } from "../../../streams/engine/simulator/expressions/catalogue.ts";
import { Binary, ObjectId, Timestamp } from "../../../streams/engine/simulator/values/types.ts";
import { evaluator, meta, valueOf } from "./evaluation.ts";
import { table } from "./expression-table.ts";

const doc = {
  ...{ n: 1, f: 1.5, z: 0, neg: -7, s: "héllo", e: "", nul: null, t: true },
  ...{ arr: [3, 1, 2], obj: { a: 1, b: 2 }, objs: [{ k: 1 }, { k: 2 }, {}], nested: [[1], [2]] },
  d: new Date("2026-01-02T03:04:05.678Z"),
  id: new ObjectId("65a000000000000000000001"),
  bin: new Binary("AAE="),
  ts: new Timestamp(1767225600, 3),
};

describe("expressions of the simulator", () => {
  for (const [group, rows] of Object.entries(table))
    it(`do what MongoDB's do: ${group}`, () => {
      for (const [expression, expected] of rows) {
        const actual = valueOf(expression, doc);
        const shown = JSON.stringify(expression);
        if (!(expected instanceof RegExp)) assert.deepEqual(actual, expected, `${shown} ${String(actual)}`);
        else {
          assert.ok(actual instanceof Error, `${shown} gave ${JSON.stringify(actual)}`);
          assert.match(actual.message, expected, shown);
          assert.ok(!(actual instanceof CannotSimulate), `${shown}: the document is to blame, not the simulator`);
        }
      }
    });

  it("are each in the table", () => {
    const seen = new Set(JSON.stringify(table).match(/\$\w+/g));
    const missing = Object.keys(expressionOperators).filter((name) => !seen.has(name));
    assert.deepEqual(missing, []);
  });

  it("know the stream, the clock and what is random", () => {
    const using = evaluator();
    const value = (expression: unknown) => valueOf(expression, doc, using);
    assert.equal(value({ $meta: "stream.source.topic" }), "orders");
    assert.deepEqual(value({ $meta: "stream" }), {
      source: meta.source,
      window: { start: { $date: "1970-01-01T00:00:00.000Z" } },
    });
    assert.equal(value({ $meta: "stream.window.partition" }), "missing");
    assert.deepEqual(value({ $currentDate: {} }), { $date: "2026-01-02T03:04:05.678Z" });
    assert.deepEqual(value({ $createUUID: {} }), { $uuid: "00000000-0000-4000-8000-000000000001" });
    assert.equal(value({ $toString: { $createUUID: {} } }), "00000000-0000-4000-8000-000000000002");
    const random = value({ $rand: {} }) as number;
    assert.ok(random >= 0 && random < 1);
  });

  it("call functions that are written as text", () => {
    const call = (body: string, ...args: unknown[]) => valueOf({ $function: { body, args, lang: "js" } }, doc);
    assert.equal(call("function (a, b) { return a + b.length }", "$n", "$arr"), 4);
    assert.deepEqual(call("(d) => new Date(d.getTime() + 1)", "$d"), { $date: "2026-01-02T03:04:05.679Z" });
    assert.deepEqual(call("(o) => ({ ...o, c: [1] })", "$obj"), { a: 1, b: 2, c: [1] });
    assert.equal(call("() => undefined"), null);
    assert.match(String(call("() => { throw new Error('no') }")), /no/);
    assert.match(String(call("() => process.exit()")), /process is not defined/);
    assert.match(String(call("() => { for (;;) {} }")), /timed out/);
    assert.match(String(call("() => eval('1')")), /Code generation from strings disallowed/);
  });

  it("count the branches that documents take", () => {
    const coverage = new Coverage();
    const using = evaluator(coverage);
    const branches = [
      { case: { $gt: ["$n", 5] }, then: "many" },
      { case: { $gt: ["$n", 0] }, then: "some" },
    ];
    const compiled = [
      using.expression({ $cond: [{ $eq: ["$n", 1] }, "$$REMOVE", { $ifNull: ["$nul", "$n"] }] }, ["a"]),
      using.expression({ $switch: { branches, default: "none" } }, ["b"]),
    ];
    for (const n of [1, 2, 0]) compiled.forEach((each) => each({ n, nul: null }, meta));
    assert.deepEqual(
      coverage.points.map(({ stage, branch, count }) => `${stage} ${branch} ${count}`),
      [
        ...["a.$cond[2].$ifNull 0 0", "a.$cond[2].$ifNull 1 2", "a.$cond then 1", "a.$cond else 2"],
        ...["b.$switch 0 0", "b.$switch 1 2", "b.$switch default 1"],
      ],
    );
  });

  it("are refused where they cannot be simulated, or Atlas has them not", () => {
    const refused: readonly [unknown, typeof CannotSimulate | typeof PipelineRefused, RegExp][] = [
      [{ $foo: 1 }, CannotSimulate, /cannot be simulated: the operator \$foo \(\$foo\)/],
      [{ $add: [1, { $toDecimal: "1" }] }, CannotSimulate, /\$toDecimal \(\$add\[1\]\.\$toDecimal\)/],
      [{ $median: { input: "$arr", method: "approximate" } }, CannotSimulate, /\$median/],
      ["$$NOW", PipelineRefused, /no \$\$NOW: use \$currentDate/],
      [{ $eq: ["$$CLUSTER_TIME", 1] }, PipelineRefused, /CLUSTER_TIME/],
      ["$arr.0", CannotSimulate, /the number in \$arr\.0/],
      [{ $add: [1], $subtract: [1] }, PipelineRefused, /one operator, not \$add and \$subtract/],
      [{ a: 1, $add: [1] }, PipelineRefused, /\$add stands beside fields/],
      [{ $cond: [true, 1] }, PipelineRefused, /\$cond needs if, then and else/],
      [{ $switch: { branches: [] } }, PipelineRefused, /\$switch needs branches/],
      [{ $switch: { branches: [{ case: true }] } }, PipelineRefused, /needs case and then/],
      [{ $ifNull: ["$a"] }, PipelineRefused, /at least two/],
      [{ $meta: "textScore" }, CannotSimulate, /\$meta "textScore"/],
      [{ $toDate: { $literal: "5 March 2026" } }, CannotSimulate, /reading the date "5 March 2026" without a format/],
      [{ $convert: { input: 1, to: "decimal", onError: 0 } }, CannotSimulate, /128-bit decimals/],
    ];
    for (const [expression, kind, message] of refused) {
      const error = valueOf(expression, doc);
      assert.ok(error instanceof kind, `${JSON.stringify(expression)}: ${String(error)}`);
      assert.match(error.message, message);
    }
  });

  it("leave the document as it was", () => {
    const before = structuredClone(doc.objs);
    valueOf({ $map: { input: "$objs", as: "o", in: { $mergeObjects: ["$$o", { k: 9 }] } } }, doc);
    valueOf({ $sortArray: { input: "$arr", sortBy: 1 } }, doc);
    assert.deepEqual(doc.objs, before);
    assert.deepEqual(doc.arr, [3, 1, 2]);
  });
});
