import assert from "node:assert/strict";
import { CreateDatabaseCommand, CreatePartitionCommand, CreateTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { glueTable, judgeSimulatedTable, spread, tableProblems } from "../../automation/verify/kinds/glue-table.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import { awsContext } from "./aws-context.ts";

const columns = [
  { name: "order_id", type: "string" },
  { name: "unit_price", type: "decimal(10,2)" },
];
const partitionKeys = [{ name: "order_date", type: "date" }];
const wanted = { location: "s3://lake/orders/", columns, partitionKeys };
const check = {
  ...{ kind: "glue-table" as const, name: "orders", region: "us-east-1", database: "live", table: "orders" },
  ...wanted,
};

describe("a table of the catalog", () => {
  const table: [title: string, found: Partial<typeof wanted>, problems: string[]][] = [
    ["as declared is well", {}, []],
    ["may list its columns in another order", { columns: [...columns].reverse() }, []],
    ["may be deeper than said", { location: "s3://lake/orders/run=1/" }, []],
    [
      "with another type",
      { columns: [{ name: "order_id", type: "int" }, columns[1] ?? { name: "", type: "" }] },
      ["column order_id is int, expected string"],
    ],
    ["without a column", { columns: columns.slice(1) }, ["column order_id is missing, expected string"]],
    [
      "with one column more",
      { columns: [...columns, { name: "x", type: "date" }] },
      ["column x is date, expected none"],
    ],
    ["without partitions", { partitionKeys: [] }, ["partitioned by nothing, expected order_date date"]],
    ["elsewhere", { location: "s3://other/orders/" }, ["is in s3://other/orders/, expected s3://lake/orders/"]],
  ];
  for (const [title, found, problems] of table)
    it(title, () => assert.deepEqual(tableProblems(wanted, { ...wanted, ...found }), problems));

  it("is sampled from its first to its last partition", () => {
    assert.deepEqual(spread([1, 2, 3], 5), [1, 2, 3]);
    assert.deepEqual(spread(Array.from({ length: 101 }, (_, at) => at)), [0, 25, 50, 75, 100]);
  });

  it("is compared with what the simulated cloud remembers, and says so", () => {
    const stands = {
      ...{ name: "orders", databaseName: "live", partitionKeys },
      storageDescriptor: { location: "s3://lake/orders/", columns },
    };
    assert.deepEqual(judgeSimulatedTable(check, [{ name: "other" }, stands]), {
      ...{ state: "passed", simulated: true, detail: "simulated: the table stands, with 2 columns" },
    });
    const elsewhere = { ...stands, storageDescriptor: { location: "s3://lake/x/", columns } };
    assert.equal(
      judgeSimulatedTable(check, [elsewhere]).detail,
      "live.orders: is in s3://lake/x/, expected s3://lake/orders/",
    );
    assert.deepEqual(judgeSimulatedTable(check, []), { state: "failed", detail: "no such table: live.orders" });
  });
});

describe("a table in Glue", function () {
  this.timeout(120_000);
  let server: MiniStack;
  let context: ReturnType<typeof awsContext>;
  let glue: GlueClient;
  let s3: S3Client;

  before(async () => {
    server = await startMiniStack();
    context = awsContext(server.endpoint);
    const config = { region: "us-east-1", endpoint: server.endpoint, credentials: context.credentials };
    [glue, s3] = [new GlueClient(config), new S3Client({ ...config, forcePathStyle: true })];
    await s3.send(new CreateBucketCommand({ Bucket: "lake" }));
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "live" } }));
    const field = ({ name, type }: { name: string; type: string }) => ({ Name: name, Type: type });
    await glue.send(
      new CreateTableCommand({
        DatabaseName: "live",
        TableInput: {
          Name: "orders",
          PartitionKeys: partitionKeys.map(field),
          StorageDescriptor: { Location: "s3://lake/orders/", Columns: columns.map(field) },
        },
      }),
    );
  });
  after(async () => {
    glue.destroy();
    s3.destroy();
    await server.stop();
  });

  const register = (day: string) =>
    glue.send(
      new CreatePartitionCommand({
        ...{ DatabaseName: "live", TableName: "orders" },
        PartitionInput: { Values: [day], StorageDescriptor: { Location: `s3://lake/orders/run=1/order_date=${day}` } },
      }),
    );

  it("passes without any partition, and with those whose files are there", async () => {
    assert.deepEqual(await glueTable.probe(check, context), { state: "passed", detail: "2 columns, 0 partitions" });
    await s3.send(
      new PutObjectCommand({ Bucket: "lake", Key: "orders/run=1/order_date=2026-01-01/part-0.parquet", Body: "x" }),
    );
    await register("2026-01-01");
    assert.deepEqual(await glueTable.probe(check, context), { state: "passed", detail: "2 columns, 1 partition" });
  });

  it("knows an Iceberg table by its parameter, and asks it for no partitions", async () => {
    await glue.send(
      new CreateTableCommand({
        DatabaseName: "live",
        TableInput: {
          Name: "commits",
          Parameters: { table_type: "ICEBERG", metadata_location: "s3://lake/iceberg/commits/metadata/0.json" },
          StorageDescriptor: {
            Location: "s3://lake/iceberg/commits",
            Columns: columns.map(({ name, type }) => ({ Name: name, Type: type })),
          },
        },
      }),
    );
    const place = { table: "commits", location: "s3://lake/iceberg/commits", partitionKeys: [] };
    const iceberg = { ...check, ...place, format: "iceberg" as const };
    assert.deepEqual(await glueTable.probe(iceberg, context), { state: "passed", detail: "2 columns, Iceberg" });
    assert.deepEqual(await glueTable.probe({ ...check, ...place }, context), {
      state: "failed",
      detail: "live.commits: holds Iceberg, expected plain files",
    });
  });

  it("fails with a partition that leads nowhere", async () => {
    await register("2026-01-02");
    const { state, detail } = await glueTable.probe(check, context);
    assert.equal(state, "failed");
    assert.match(detail, /registered at s3:\/\/lake\/orders\/run=1\/order_date=2026-01-02, where there is nothing$/);
  });

  it("fails where there is no such table, and says what differs", async () => {
    assert.deepEqual(await glueTable.probe({ ...check, table: "visits" }, context), {
      ...{ state: "failed", detail: "no such table: live.visits" },
    });
    const { detail } = await glueTable.probe({ ...check, columns: columns.slice(1) }, context);
    assert.match(detail, /column order_id is string, expected none/);
  });

  it("is asked again while Glue does not answer", async () => {
    const { state, detail } = await glueTable.probe(check, awsContext("http://127.0.0.1:1"));
    assert.equal(state, "pending");
    assert.match(detail, /^Glue in us-east-1: /);
  });
});
