import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  type DatasetDefinition,
  dataColumns,
  isColumnType,
  partitionKey,
  validateDatasets,
} from "../../../components/data/dataset.ts";
import { features, orders } from "./fixture.ts";

const column = { name: "c", type: "string", required: true, description: "A column." };

describe("components/data/dataset", () => {
  it("finds nothing wrong with good definitions", () => {
    assert.deepEqual(validateDatasets([orders, features]), []);
  });

  const unknown = (at: string, name: string) =>
    `\`datasets.orders.${at}\`: got "${name}", expected the name of a column. Add the column or correct the name.`;
  const wrong: [title: string, change: Partial<DatasetDefinition>, problem: string][] = [
    [
      "no partition",
      { partition: undefined as never },
      "`datasets.orders.partition`: got null, expected a column to split the table by. Add one: runs replace partitions.",
    ],
    ["a key that is no column", { key: ["order_id", "id"] }, unknown("key", "id")],
    ["no key", { key: [] }, "`datasets.orders.key`: got [], expected at least one column. Name what tells rows apart."],
    ["a version that is no column", { version: "changed" }, unknown("version", "changed")],
    [
      "deliveries without a version",
      { version: undefined },
      "`datasets.orders.version`: got null, expected the name of a column. Name the column that says which row of a key is newer.",
    ],
    [
      "a partition from a column that is not there",
      { partition: { ...orders.partition, from: "day" } },
      unknown("partition.from", "day"),
    ],
    [
      "a partition that hides a column",
      { partition: { ...orders.partition, column: "order_id" } },
      '`datasets.orders.partition.column`: got "order_id", expected a name that no column has. Rename it: it is derived.',
    ],
    [
      "a day of something that is no time",
      { partition: { ...orders.partition, from: "order_id" } },
      '`datasets.orders.partition.from`: got "order_id", expected a timestamp or a date. Take another column.',
    ],
    [
      "a month that hides a column",
      { partition: { column: "order_id", from: "ordered_at", transform: "month" } },
      '`datasets.orders.partition.column`: got "order_id", expected a name that no column has. Rename it: it is derived.',
    ],
    [
      "a month of something that is no time",
      { partition: { column: "order_month", from: "order_id", transform: "month" } },
      '`datasets.orders.partition.from`: got "order_id", expected a timestamp or a date. Take another column.',
    ],
    [
      "an identity that is none",
      { partition: { column: "other", from: "order_id", transform: "identity" } },
      '`datasets.orders.partition.column`: got "other", expected order_id, which it is the same as. Correct one of them.',
    ],
    [
      "an unknown type",
      { columns: [...orders.columns, { ...column, type: "double" }] },
      '`datasets.orders.columns.c.type`: got "double", expected string, int, bigint, boolean, date, timestamp or decimal(p,s). Correct it.',
    ],
    [
      "a column twice",
      { columns: [...orders.columns, orders.columns[0]!] },
      '`datasets.orders.columns`: got "order_id", expected each column once. Remove the second one.',
    ],
    [
      "a column that SQL would have to quote",
      { columns: [...orders.columns, { ...column, name: "Order-Id" }] },
      '`datasets.orders.columns`: got "Order-Id", expected at most 64 lower-case letters, digits and underscores, beginning with a letter. Rename it.',
    ],
    [
      "a description that Glue would refuse",
      { columns: [...orders.columns, { ...column, description: "x".repeat(256) }] },
      "`datasets.orders.columns.c.description`: got 256, expected at most 255 characters, which is what Glue keeps. Shorten it.",
    ],
    [
      "no rules",
      { ruleset: " \n" },
      '`datasets.orders.ruleset`: got "", expected rules in DQDL. Nothing would ever fail the quality gate.',
    ],
  ];
  for (const [title, change, problem] of wrong) {
    it(`finds ${title}`, () => assert.deepEqual(validateDatasets([{ ...orders, ...change }]), [problem]));
  }

  it("finds two datasets of one name, names that are too long, and none at all", () => {
    assert.deepEqual(validateDatasets([orders, orders]), [
      '`datasets`: got "orders", expected each dataset once. Rename one of the two.',
    ]);
    const name = "o".repeat(65);
    assert.deepEqual(validateDatasets([{ ...orders, name }]), [
      `\`datasets\`: got "${name}", expected at most 64 lower-case letters, digits and underscores, beginning with a letter. Rename it.`,
    ]);
    assert.deepEqual(validateDatasets([]), ["`datasets`: got [], expected at least one dataset. Describe one."]);
  });

  it("finds all problems at once", () => {
    const bad = { ...orders, key: ["id"], ruleset: "", partition: undefined as never };
    assert.equal(validateDatasets([bad, bad]).length, 7);
  });

  const types: [type: string, known: boolean][] = [
    ["string", true],
    ["bigint", true],
    ["decimal(38,38)", true],
    ["decimal(39,0)", false],
    ["decimal(4,5)", false],
    ["decimal(0,0)", false],
    ["decimal(10, 2)", false],
    ["decimal", false],
    ["double", false],
    ["String", false],
  ];
  for (const [type, known] of types) {
    it(`${known ? "knows" : "does not know"} the type ${type}`, () => assert.equal(isColumnType(type), known));
  }

  it("keeps the column of the folders out of the files", () => {
    assert.deepEqual(
      dataColumns(orders).map(({ name }) => name),
      ["order_id", "unit_price", "ordered_at", "updated_at"],
    );
    assert.deepEqual(partitionKey(orders), { name: "order_date", type: "date", comment: "Day (UTC) of ordered_at." });
    const monthly: DatasetDefinition = {
      ...orders,
      partition: { column: "order_month", from: "ordered_at", transform: "month" },
    };
    assert.deepEqual(validateDatasets([monthly]), []);
    assert.deepEqual(dataColumns(monthly), dataColumns(orders));
    const comment = "First day of the month (UTC) of ordered_at.";
    assert.deepEqual(partitionKey(monthly), { name: "order_month", type: "date", comment });
    assert.deepEqual(dataColumns(features), [{ name: "orders", type: "bigint", comment: "How many." }]);
    assert.deepEqual(partitionKey(features), { name: "feature_date", type: "date", comment: "Day of the orders." });
  });
});
