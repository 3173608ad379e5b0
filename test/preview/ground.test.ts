import assert from "node:assert/strict";
import { streamsChange } from "../../automation/preview/ground.ts";
import { catalogChanges } from "../../automation/report/comment/catalog.ts";
import type { DatasetDefinition } from "../../config/datasets.ts";
import { costOf } from "../../streams/engine/advise/advise.ts";
import { shippedPrices } from "../../streams/engine/catalogue/prices.ts";
import type { Tier } from "../../streams/engine/files/documents.ts";
import { loadStreams } from "../../streams/engine/files/project.ts";

describe("what changes in stream processors", () => {
  const connection = JSON.stringify({ name: "c", type: "Cluster", clusterName: "x" });
  const folder = (stages: object[]) =>
    loadStreams({
      "connections/c.json": connection,
      "processors/orders.json": JSON.stringify({
        name: "orders",
        pipeline: [
          { $source: { connectionName: "c", db: "d", coll: "a" } },
          ...stages,
          { $emit: { connectionName: "c", db: "d", coll: "b" } },
        ],
      }),
    });

  it("is told with class, tier and money; what loses state without consent is refused", () => {
    const before = folder([]);
    const window = {
      $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [{ $group: { _id: "$a" } }] },
    };
    const change = streamsChange(folder([window]), before, ["dev"]);
    assert.deepEqual(
      change?.processors.map(({ processor, class: of, refused }) => [processor, of, refused]),
      [["orders", "new-version", true]],
    );
    assert.equal(streamsChange(before, before, ["dev"]), undefined);
  });

  const orders = {
    pipeline: [
      { $source: { connectionName: "c", db: "d", coll: "a" } },
      { $emit: { connectionName: "c", db: "d", coll: "b" } },
    ],
  };
  const withPolicy = (policy: object) =>
    loadStreams({
      "connections/c.json": connection,
      "processors/orders.json": JSON.stringify(orders),
      "policies/orders.json": JSON.stringify(policy),
    });
  const priceOf = (tier: Tier) => costOf(shippedPrices, "us-east-1", tier) ?? NaN;
  const [ten, thirty] = [priceOf("SP10"), priceOf("SP30")];

  const policies: [what: string, before: object, after: object, status: string, tiers: object, cost: object][] = [
    [
      "a larger tier",
      { tier: "SP10" },
      { tier: "SP30" },
      "retiered",
      { before: "SP10", after: "SP30" },
      { before: ten, after: thirty },
    ],
    [
      "a stop",
      { tier: "SP10" },
      { tier: "SP10", state: "STOPPED" },
      "stopped",
      { before: "SP10", after: "SP10" },
      { before: ten, after: 0 },
    ],
    [
      "a start",
      { tier: "SP10", state: "CREATED" },
      { tier: "SP10" },
      "started",
      { before: "SP10", after: "SP10" },
      { before: 0, after: ten },
    ],
  ];
  for (const [what, was, is, status, tier, cost] of policies)
    it(`says of ${what}, which no pipeline shows, what it costs`, () => {
      const change = streamsChange(withPolicy(was), withPolicy(is), ["dev"]);
      assert.deepEqual(
        change?.processors.map((one) => [one.status, one.class, one.tier, one.cost]),
        [[status, "none", tier, cost]],
      );
      const { before = NaN, after = NaN } = cost as { before?: number; after?: number };
      assert.equal(change?.perMonth, after);
      assert.equal(change?.delta, Math.round((after - before) * 100) / 100);
    });
});

describe("what changes in the data catalog", () => {
  const column = (name: string, more: object = {}) => ({
    name,
    type: "string",
    required: true,
    description: "x",
    ...more,
  });
  const dataset = (name: string, columns: object[], more: object = {}) =>
    ({
      ...{ schema: 1, name, description: "x", source: "csv", key: ["id"], columns, ruleset: "Rules = []" },
      ...{ partition: { column: "day", from: "at", transform: "date" }, ...more },
    }) as unknown as DatasetDefinition;

  const table: [name: string, before: DatasetDefinition[], after: DatasetDefinition[], lines: [string, boolean][]][] = [
    ["nothing", [dataset("a", [column("id")])], [dataset("a", [column("id")])], []],
    [
      "a column that goes",
      [dataset("a", [column("id"), column("x")])],
      [dataset("a", [column("id")])],
      [["column x is gone", true]],
    ],
    [
      "a column that may come",
      [dataset("a", [])],
      [dataset("a", [column("x", { required: false })])],
      [["column x string is new", false]],
    ],
    [
      "a column that must come",
      [dataset("a", [])],
      [dataset("a", [column("x")])],
      [["column x string is new and required", true]],
    ],
    [
      "another type",
      [dataset("a", [column("x")])],
      [dataset("a", [column("x", { type: "int" })])],
      [["column x: string -> int", true]],
    ],
    ["another key", [dataset("a", [])], [dataset("a", [], { key: ["k"] })], [["key: id -> k", true]]],
    [
      "other quality rules",
      [dataset("a", [])],
      [dataset("a", [], { ruleset: "Rules = [x]" })],
      [["its quality rules change", false]],
    ],
  ];
  for (const [name, before, after, lines] of table)
    it(`is ${name}`, () => {
      const changes = catalogChanges(before, after);
      assert.deepEqual(
        changes.flatMap((one) => one.lines.map(({ text, breaking }) => [text, breaking])),
        lines,
      );
    });

  it("is told of tables that come and go", () => {
    const changes = catalogChanges([dataset("old", [])], [dataset("new", [])]);
    assert.deepEqual(
      changes.map(({ dataset: name, status }) => [name, status]),
      [
        ["new", "added"],
        ["old", "removed"],
      ],
    );
  });
});
