import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { tableCheck } from "../../../components/data/catalog.ts";
import { LakeCatalog } from "../../../components/data/lake-catalog.ts";
import { LakeCrawler } from "../../../components/data/lake-crawler.ts";
import { policyOf, run } from "../../support/harness.ts";
import { features, orders, scope } from "./fixture.ts";

const catalog = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  datasets: [orders, features],
  tableFormat: "parquet" as const,
};
const processed = "s3://slipway-dev-processed-bucket-222222222222-us-east-1";
const tableType = "aws:glue/catalogTable:CatalogTable";

const parquetOrders = {
  name: "orders",
  description: "Orders of the shop.",
  tableType: "EXTERNAL_TABLE",
  parameters: { classification: "parquet", "parquet.compression": "SNAPPY", EXTERNAL: "TRUE" },
  partitionKeys: [{ name: "order_date", type: "date", comment: "Day (UTC) of ordered_at." }],
  storageDescriptor: {
    location: `${processed}/orders/`,
    columns: [
      { name: "order_id", type: "string", comment: "Identifies the order." },
      { name: "unit_price", type: "decimal(10,2)", comment: "Price of one piece." },
      { name: "ordered_at", type: "timestamp", comment: "When it was ordered." },
      { name: "updated_at", type: "timestamp", comment: "When it was last changed." },
    ],
    inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serDeInfo: {
      serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
      parameters: { "serialization.format": "1" },
    },
  },
};

describe("components/data/LakeCatalog", () => {
  it("makes three databases, and published tables with their rules", async () => {
    const { list, ofType } = await run(() => void new LakeCatalog("c", catalog));
    assert.deepEqual(list(), [
      "aws:glue/catalogDatabase:CatalogDatabase c-live",
      "aws:glue/catalogDatabase:CatalogDatabase c-staging",
      "aws:glue/catalogDatabase:CatalogDatabase c-verification",
      "aws:glue/catalogTable:CatalogTable c-daily-features",
      "aws:glue/catalogTable:CatalogTable c-orders",
      "aws:glue/dataQualityRuleset:DataQualityRuleset c-daily-features-rules",
      "aws:glue/dataQualityRuleset:DataQualityRuleset c-orders-rules",
      "slipway:index:LakeCatalog c",
    ]);
    assert.deepEqual(
      ofType("aws:glue/catalogDatabase:CatalogDatabase").map(({ inputs, protect }) => [inputs.name, protect]),
      [
        ["slipway_dev_lakehouse", true],
        ["slipway_dev_lakehouse_staging", false],
        ["slipway_dev_lakehouse_verification", false],
      ],
    );
  });

  it("describes a table as its files are, column by column", async () => {
    const { get } = await run(() => void new LakeCatalog("c", catalog));
    const table = get(tableType, "c-orders");
    assert.deepEqual(table.inputs, { databaseName: "slipway_dev_lakehouse", ...parquetOrders });
    assert.deepEqual([table.protect, table.retainOnDelete], [true, true]);
  });

  it("takes the rules word for word", async () => {
    const { get } = await run(() => void new LakeCatalog("c", catalog));
    assert.deepEqual(get("aws:glue/dataQualityRuleset:DataQualityRuleset", "c-orders-rules").inputs, {
      name: "slipway-dev-data-orders",
      description: "Quality rules of orders",
      ruleset: orders.ruleset,
      targetTable: { databaseName: "slipway_dev_lakehouse", tableName: "orders" },
    });
  });

  it("lets tables go only where the environment does", async () => {
    const { ofType } = await run(() => void new LakeCatalog("c", { ...catalog, removal: "destroy" }));
    for (const { protect, retainOnDelete } of ofType(tableType))
      assert.deepEqual([protect, retainOnDelete], [false, false]);
  });
});

describe("components/data/catalog", () => {
  const columns = parquetOrders.storageDescriptor.columns.map(({ name, type }) => ({ name, type }));
  const day = { name: "order_date", type: "date" };
  const check = {
    kind: "glue-table",
    name: "table-orders",
    region: "us-east-1",
    database: "slipway_dev_lakehouse",
    table: "orders",
    location: `${processed}/orders/`,
  };

  it("checks a table for exactly what was declared", () => {
    assert.deepEqual(tableCheck(catalog, orders, "parquet"), { ...check, columns, partitionKeys: [day] });
  });
});

describe("components/data/LakeCrawler", () => {
  it("guesses from deliveries on demand and never deletes", async () => {
    const { list, get } = await run(() => void new LakeCrawler("w", { scope, database: "staging" }));
    assert.deepEqual(list(), [
      "aws:glue/crawler:Crawler w-crawler",
      "aws:iam/role:Role w-role",
      "aws:iam/rolePolicy:RolePolicy w-policy",
      "slipway:index:LakeCrawler w",
    ]);
    const crawler = get("aws:glue/crawler:Crawler", "w-crawler");
    assert.deepEqual(crawler.inputs, {
      name: "slipway-dev-data-deliveries",
      description: "Guesses tables from deliveries when somebody starts it",
      databaseName: "staging",
      role: "arn:aws:iam::111111111111:role/w-role",
      s3Targets: [{ path: "s3://slipway-dev-raw-bucket-222222222222-us-east-1/incoming/" }],
      tablePrefix: "raw_",
      recrawlPolicy: { recrawlBehavior: "CRAWL_EVERYTHING" },
      schemaChangePolicy: { updateBehavior: "UPDATE_IN_DATABASE", deleteBehavior: "LOG" },
    });
    assert.ok(crawler.dependsOn.includes("aws:iam/rolePolicy:RolePolicy w-policy"));
  });

  it("may read deliveries and keep its own tables, nothing else", async () => {
    const { get } = await run(() => void new LakeCrawler("w", { scope, database: "staging" }));
    const bucket = "arn:aws:s3:::slipway-dev-raw-bucket-222222222222-us-east-1";
    const glue = "arn:aws:glue:us-east-1:222222222222:";
    const group = "arn:aws:logs:us-east-1:222222222222:log-group:/aws-glue/crawlers";
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "w-policy"));
    assert.deepEqual(
      Statement.map(({ Sid, Resource, Condition }) => [Sid, Resource, Condition]),
      [
        ["ReadDeliveries", [`${bucket}/incoming/*`], undefined],
        ["ListDeliveries", [bucket], { StringLikeIfExists: { "s3:prefix": ["incoming", "incoming/*"] } }],
        ["UseKey", ["arn:key"], { StringEquals: { "kms:ViaService": ["s3.us-east-1.amazonaws.com"] } }],
        [
          "KeepGuessedTables",
          [
            `${glue}catalog`,
            `${glue}database/slipway_dev_lakehouse_staging`,
            `${glue}table/slipway_dev_lakehouse_staging/raw_*`,
          ],
          undefined,
        ],
        ["WriteLogs", [group, `${group}:log-stream:*`], undefined],
      ],
    );
  });
});
