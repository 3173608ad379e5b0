import assert from "node:assert/strict";
import { CannotSimulate, PipelineRefused } from "../../../streams/engine/simulator/errors.ts";
import { ObjectId } from "../../../streams/engine/simulator/values/types.ts";
import { evaluator, fulfils } from "./evaluation.ts";

const doc = {
  ...{ n: 5, s: "Lamp", nul: null, tags: ["a", "b"], obj: { a: 1, b: 2 }, at: new Date(1000) },
  ...{
    lines: [
      { sku: "x", q: 1 },
      { sku: "y", q: 5 },
    ],
    id: new ObjectId("65a000000000000000000001"),
  },
};

/** Conditions that the document fulfils, and some that it does not. */
const conditions: readonly [condition: object, fulfilled: boolean][] = [
  [{ n: 5 }, true],
  [{ n: { $gt: 4, $lt: 6 } }, true],
  [{ n: { $gte: 5, $lte: 4 } }, false],
  // Comparisons are between values of one type, unlike those of expressions.
  [{ s: { $gt: 5 } }, false],
  [{ n: { $lt: "x" } }, false],
  [{ at: { $gt: { $date: 500 } } }, true],
  [{ at: { $gt: 500 } }, false],
  [{ id: { $oid: "65a000000000000000000001" } }, true],
  [{ missing: null }, true],
  [{ nul: { $eq: null } }, true],
  [{ n: null }, false],
  [{ missing: { $ne: null } }, false],
  [{ obj: { a: 1, b: 2 } }, true],
  [{ obj: { b: 2, a: 1 } }, false],
  [{ "obj.a": 1 }, true],
  [{ tags: "b" }, true],
  [{ tags: ["a", "b"] }, true],
  [{ tags: ["b", "a"] }, false],
  [{ tags: { $ne: "a" } }, false],
  [{ tags: { $in: ["z", "b"] } }, true],
  [{ tags: { $nin: ["z"] } }, true],
  [{ s: { $in: [/^la/i] } }, true],
  [{ tags: { $all: ["a", "b"] } }, true],
  [{ tags: { $size: 2 } }, true],
  [{ "lines.q": { $gt: 4 } }, true],
  [{ "lines.0.q": { $gt: 4 } }, false],
  [{ "lines.sku": "y", "lines.q": 1 }, true],
  [{ lines: { $elemMatch: { sku: "y", q: 1 } } }, false],
  [{ lines: { $elemMatch: { sku: "y", q: { $gte: 5 } } } }, true],
  [{ s: /^La/ }, true],
  [{ s: { $regex: "^la", $options: "i" } }, true],
  [{ s: { $not: { $regex: "^X" } } }, true],
  [{ n: { $mod: [5, 0] } }, true],
  [{ missing: { $exists: false } }, true],
  [{ nul: { $exists: true } }, true],
  [{ n: { $type: "number" } }, true],
  [{ n: { $type: ["string", "int"] } }, true],
  [{ s: { $type: "int" } }, false],
  [{ missing: { $type: "null" } }, false],
  [{ $or: [{ n: 1 }, { s: "Lamp" }] }, true],
  [{ $nor: [{ n: 5 }] }, false],
  [{ $and: [{ n: 5 }, { $expr: { $eq: ["$obj.b", 2] } }] }, true],
  [{ $expr: { $gt: ["$s", "$n"] } }, true],
  [{ $expr: { $eq: [{ $meta: "stream.source.topic" }, "orders"] } }, true],
  [{ $jsonSchema: { required: ["n"], properties: { n: { bsonType: "int", minimum: 5 } } } }, true],
  [{ $jsonSchema: { properties: { n: { bsonType: "int", minimum: 5, exclusiveMinimum: true } } } }, false],
  [{ $jsonSchema: { properties: { at: { bsonType: "date" }, id: { bsonType: "objectId" } } } }, true],
  [{ $jsonSchema: { properties: { s: { type: ["number", "null"] } } } }, false],
  [{ $jsonSchema: { additionalProperties: false, properties: { n: {} } } }, false],
  [{ $jsonSchema: { properties: { lines: { items: { properties: { q: { maximum: 4 } } } } } } }, false],
  [{ $jsonSchema: { anyOf: [{ required: ["nope"] }, { properties: { s: { pattern: "^L", maxLength: 4 } } }] } }, true],
];

describe("conditions of the simulator", () => {
  it("hold as MongoDB's do", () => {
    for (const [condition, fulfilled] of conditions)
      assert.equal(fulfils(condition, doc), fulfilled, JSON.stringify(condition));
  });

  it("are refused where they cannot be simulated, or Atlas has them not", () => {
    const refused: readonly [object, typeof CannotSimulate | typeof PipelineRefused, RegExp][] = [
      [{ $where: "true" }, PipelineRefused, /no \$where/],
      [{ a: { $near: [1, 2] } }, PipelineRefused, /no \$near \(a\.\$near\)/],
      [{ $text: { $search: "x" } }, PipelineRefused, /no \$text/],
      [{ a: { $geoWithin: {} } }, CannotSimulate, /the condition \$geoWithin/],
      [{ $sampleRate: 0.5 }, CannotSimulate, /\$sampleRate/],
      [{ $expr: { $nope: 1 } }, CannotSimulate, /\$nope \(\$expr\.\$nope\)/],
      [{ $or: { a: 1 } }, PipelineRefused, /\$or/],
      [{ $jsonSchema: { type: "integer" } }, PipelineRefused, /type 'integer' is not supported/],
      [{ $jsonSchema: { properties: { a: { $ref: "#" } } } }, PipelineRefused, /'\$ref' is not supported/],
    ];
    for (const [condition, kind, message] of refused)
      assert.throws(
        () => evaluator().condition(condition, []),
        (error) => error instanceof kind && message.test(error.message),
        JSON.stringify(condition),
      );
  });
});
