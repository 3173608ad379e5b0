import assert from "node:assert/strict";
import { checkRules, type RuleCase } from "./table.ts";
import { group, lintOne, merge, minute, tumbling, watch } from "./lab.ts";

const set = (value: unknown) => [watch, { $set: { x: value } }, merge];
const match = (query: object) => [watch, { $match: query }, merge];
const validate = (validator: object) => [watch, { $validate: { validator } }, merge];
const schema = (one: object) => validate({ $jsonSchema: { properties: { a: one } } });
const session = (partitionBy: unknown) => ({ $sessionWindow: { gap: minute, partitionBy, pipeline: [group] } });
const start = { $meta: "stream.window.start" };
const x = "pipeline[1].$set.x";
const validator = "pipeline[1].$validate.validator";
const loaded = `${validator}.$jsonSchema.properties.a`;

const rows: RuleCase[] = [
  ["expressions/unsupported-variable", set({ $currentDate: {} }), set("$$NOW"), [3, x]],
  ["expressions/unsupported-variable", set({ $literal: "$$NOW" }), set({ $add: [1, "$$NOW"] }), [3, `${x}.$add[1]`]],
  // In a query a string is only a string; below $expr it is an expression.
  [
    "expressions/unsupported-variable",
    match({ a: "$$NOW" }),
    match({ $expr: { $lt: ["$a", "$$NOW"] } }),
    [3, "pipeline[1].$match.$expr.$lt[1]"],
  ],
  ["expressions/undeclared-variable", set("$$ROOT.a"), set("$$root.a"), [3, x]],
  [
    "expressions/undeclared-variable",
    set({ $map: { input: "$a", in: "$$this.b" } }),
    set({ $map: { input: "$a", as: "one", in: "$$this.b" } }),
    [3, `${x}.$map.in`],
  ],
  [
    "expressions/undeclared-variable",
    set({ $let: { vars: { a: 1 }, in: { $add: ["$$a", 1] } } }),
    set({ $let: { vars: { a: 1 }, in: { $add: ["$$b", 1] } } }),
    [3, `${x}.$let.in.$add[0]`],
  ],
  ["expressions/unknown-operator", set({ $concat: ["a"] }), set({ $concatt: ["a"] }), [3, `${x}.$concatt`]],
  [
    "expressions/unknown-operator",
    match({ a: { $gte: 1 } }),
    match({ a: { $gteq: 1 } }),
    [3, "pipeline[1].$match.a.$gteq"],
  ],
  ["expressions/unknown-operator", set(1), set({ $somethingQuiteNew: 1 }), [3, `${x}.$somethingQuiteNew (warning)`]],
  [
    "expressions/unknown-operator",
    [watch, tumbling([group]), merge],
    [watch, tumbling([{ $group: { _id: "$a", n: { $summ: 1 } } }]), merge],
    [3, "pipeline[1].$tumblingWindow.pipeline[0].$group.n.$summ"],
  ],
  ["expressions/no-argument", set({ $createUUID: {} }), set({ $createUUID: 1 }), [3, `${x}.$createUUID`]],
  [
    "expressions/function",
    set(1),
    set({ $function: { body: "function() {}", args: [], lang: "js" } }),
    [3, `${x}.$function (warning)`],
  ],
  ["expressions/meta", set({ $meta: "stream.source.topic" }), set({ $meta: "textScore" }), [3, `${x}.$meta`]],
  ["expressions/meta", [watch, tumbling(), { $set: { x: start } }, merge], set(start), [3, `${x}.$meta`]],
  [
    "expressions/meta",
    [watch, tumbling([{ $group: { _id: start } }]), merge],
    [watch, tumbling([{ $group: { _id: { $meta: "stream.window.begin" } } }]), merge],
    [3, "pipeline[1].$tumblingWindow.pipeline[0].$group._id.$meta"],
  ],
  [
    "expressions/meta",
    [watch, tumbling(), { $set: { x: start } }, merge],
    [watch, { $set: { x: start } }, tumbling(), merge],
    [3, `${x}.$meta`],
  ],
  [
    "expressions/meta",
    [watch, session("$a"), merge],
    [watch, session(start), merge],
    [3, "pipeline[1].$sessionWindow.partitionBy.$meta"],
  ],
  ["expressions/validate", validate({ a: { $gt: 1 } }), validate({ $where: "true" }), [3, `${validator}.$where`]],
  ["expressions/json-schema", schema({ bsonType: "int" }), schema({ type: "integer" }), [3, `${loaded}.type`]],
  ["expressions/json-schema", schema({ enum: [1] }), schema({ const: 1 }), [3, `${loaded}.const`]],
];

describe("lint: expressions", () => {
  checkRules(rows);

  it("leaves to databases what databases run", () => {
    const remote = [{ $match: { $expr: { $lt: ["$at", "$$NOW"] } } }, { $facet: {} }];
    const from = { connectionName: "other", db: "shop", coll: "prices" };
    const into = { connectionName: "other", db: "shop", coll: "totals" };
    const pipeline = [
      { $source: { ...watch.$source, config: { pipeline: remote } } },
      { $lookup: { from, as: "p", pipeline: remote } },
      { $merge: { into, whenMatched: [{ $set: { at: "$$NOW" } }] } },
    ];
    assert.deepEqual(lintOne({ pipeline }), []);
  });

  it("takes values with a type for values", () => {
    assert.deepEqual(
      lintOne({ pipeline: match({ at: { $gt: { $date: "2026-01-01T00:00:00Z" } }, id: { $oid: "0" } }) }),
      [],
    );
  });
});
