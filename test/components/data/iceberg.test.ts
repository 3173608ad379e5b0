import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { tableArgs, tableCheck } from "../../../components/data/catalog.ts";
import { validateArtifacts } from "../../../components/data/code.ts";
import { DataPipeline, type DataPipelineArgs } from "../../../components/data/data-pipeline.ts";
import { executionMinutes } from "../../../components/data/data-settings.ts";
import { checkSchema } from "../../../config/outputs.ts";
import { judgeSimulatedTable } from "../../../automation/verify/kinds/glue-table.ts";
import { typeSpec } from "../../../sandbox/types/index.ts";
import { type Run, policyOf, promised, run } from "../../support/harness.ts";
import { contextWith } from "../../sandbox/types/context.ts";
import { args, orders, scope } from "./fixture.ts";
import { components, resources } from "./resources.ts";
import { allow, bucketArn, glueArns, keyThrough } from "./statements.ts";

const script = { digest: `sha256:${"d".repeat(64)}`, path: import.meta.filename };
const iceberg: DataPipelineArgs = {
  ...args,
  artifacts: { ...args.artifacts, jobScripts: { ...args.artifacts.jobScripts, commit_iceberg: script } },
  settings: { ...args.settings, tableFormat: "iceberg" },
};
const processed = bucketArn("processed");
const tableType = "aws:glue/catalogTable:CatalogTable";

let made: Promise<Run> | undefined;
/** The pipeline with Iceberg tables, made once. */
const pipeline = () => (made ??= run(() => void new DataPipeline("data", iceberg)));

describe("components/data, tables of Iceberg", () => {
  it("adds one job with its script, its role and its logs, and nothing else", async () => {
    const { list } = await pipeline();
    assert.deepEqual(
      list(),
      [
        ...resources,
        ...components,
        "aws:cloudwatch/logGroup:LogGroup data-jobs-commit-iceberg-error-logs",
        "aws:cloudwatch/logGroup:LogGroup data-jobs-commit-iceberg-output-logs",
        "aws:glue/job:Job data-jobs-commit-iceberg-job",
        "aws:iam/role:Role data-jobs-commit-iceberg-role",
        "aws:iam/rolePolicy:RolePolicy data-jobs-commit-iceberg-policy",
        "aws:s3/bucketObjectv2:BucketObjectv2 data-code-scripts-commit-iceberg",
        "slipway:index:DataJob data-jobs-commit-iceberg",
      ].sort(),
    );
  });

  it("runs commits one after the other, with the catalog as one of Spark's", async () => {
    const { get } = await pipeline();
    const { executionProperty, jobRunQueuingEnabled, defaultArguments, command } = get(
      "aws:glue/job:Job",
      "data-jobs-commit-iceberg-job",
    ).inputs;
    assert.deepEqual([executionProperty, jobRunQueuingEnabled], [{ maxConcurrentRuns: 1 }, true]);
    const code = "s3://slipway-dev-code-bucket-222222222222-us-east-1";
    assert.deepEqual(command, {
      name: "glueetl",
      pythonVersion: "3",
      scriptLocation: `${code}/scripts/commit_iceberg/${"d".repeat(64)}.py`,
    });
    const passed = defaultArguments as Record<string, string>;
    assert.deepEqual([passed["--datalake-formats"], passed["--table_format"]], ["iceberg", "iceberg"]);
    assert.deepEqual(passed["--conf"]?.split(" --conf "), [
      "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
      "spark.sql.catalog.glue_catalog=org.apache.iceberg.spark.SparkCatalog",
      "spark.sql.catalog.glue_catalog.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
      "spark.sql.catalog.glue_catalog.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
      "spark.sql.catalog.glue_catalog.warehouse=s3://slipway-dev-processed-bucket-222222222222-us-east-1/iceberg",
    ]);
    const others = get("aws:glue/job:Job", "data-jobs-quality-job").inputs;
    assert.deepEqual(others.executionProperty, { maxConcurrentRuns: 2 });
    const names = Object.keys(others.defaultArguments as object);
    assert.deepEqual(
      names.filter((name) => name === "--conf" || name === "--datalake-formats"),
      [],
    );
  });

  it("lets the job read what is published and change the tables, their files and its mark alone", async () => {
    const { get } = await pipeline();
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "data-jobs-commit-iceberg-policy"));
    const folders = ["orders", "daily_features", "_runs", "_state", "iceberg", "verification"];
    const paths = folders.flatMap((folder) => [folder, `${folder}/*`]);
    assert.deepEqual(Statement.slice(1, -3), [
      allow(
        "ReadTablesAndNotes",
        ["s3:GetObject"],
        paths.map((path) => `${processed}/${path}`),
      ),
      allow("ListTablesAndNotes", ["s3:ListBucket", "s3:ListBucketMultipartUploads"], [processed], {
        StringLikeIfExists: { "s3:prefix": paths },
      }),
      allow(
        "WriteTables",
        ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
        [`${processed}/iceberg/*`],
      ),
      allow("WriteMark", ["s3:PutObject"], [`${processed}/_state/iceberg.json`]),
      allow("CommitToTables", ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"], glueArns("")),
    ]);
    const key = String((await promised(Statement.at(-3)!.Resource as string[]))[0]);
    assert.deepEqual(Statement.at(-3), { ...keyThrough("s3"), Resource: [key] });
    assert.deepEqual(
      Statement.map(({ Sid }) => Sid).filter((_, at, all) => at === 0 || at > all.length - 3),
      ["ReadCode", "WriteEncryptedLogs", "PutMetrics"],
    );
  });

  it("gives the job its time, and asks a release for its script", () => {
    assert.equal(executionMinutes({ timeoutMinutes: 15, tableFormat: "iceberg" }), 75);
    assert.deepEqual(validateArtifacts(args.artifacts, "iceberg"), [
      "`artifacts.jobScripts.commit_iceberg`: got null, expected its code. Add it to the release.",
    ]);
    assert.deepEqual(validateArtifacts(iceberg.artifacts, "iceberg"), []);
  });

  it("describes a table by numbered fields and a partition of its own, apart from the folders of runs", () => {
    const doc = ["Identifies the order.", "Price of one piece.", "When it was ordered.", "When it was last changed."];
    assert.deepEqual(tableArgs(scope, orders, "iceberg"), {
      name: "orders",
      openTableFormatInput: {
        icebergInput: {
          metadataOperation: "CREATE",
          version: "2",
          icebergTableInput: {
            location: "s3://slipway-dev-processed-bucket-222222222222-us-east-1/iceberg/orders",
            properties: { comment: "Orders of the shop.", "write.metadata.delete-after-commit.enabled": "true" },
            schema: {
              schemaId: 0,
              type: "struct",
              fields: [
                { id: 1, name: "order_id", type: '"string"', required: true, doc: doc[0] },
                { id: 2, name: "unit_price", type: '"decimal(10, 2)"', required: true, doc: doc[1] },
                { id: 3, name: "ordered_at", type: '"timestamptz"', required: true, doc: doc[2] },
                { id: 4, name: "updated_at", type: '"timestamptz"', required: false, doc: doc[3] },
                { id: 5, name: "order_date", type: '"date"', required: false, doc: "Day (UTC) of ordered_at." },
              ],
            },
            partitionSpec: {
              specId: 0,
              fields: [{ name: "order_date", sourceId: 5, transform: "identity", fieldId: 1000 }],
            },
          },
        },
      },
    });
  });

  it("leaves to commits what they change in the catalog", async () => {
    const { ofType } = await pipeline();
    for (const { ignoreChanges } of ofType(tableType))
      assert.deepEqual(ignoreChanges, ["description", "parameters", "storageDescriptor", "tableType"]);
    const plain = await run(() => void new DataPipeline("data", args));
    for (const { ignoreChanges } of plain.ofType(tableType)) assert.deepEqual(ignoreChanges, []);
  });

  it("is checked for what the sandbox, like Glue, shows of it", async () => {
    const check = checkSchema.parse(tableCheck(scope, orders, "iceberg"));
    assert.ok(check.kind === "glue-table");
    assert.deepEqual(
      [check.format, check.partitionKeys, check.columns.at(-1)],
      ["iceberg", [], { name: "order_date", type: "date" }],
    );
    const inputs = (await pipeline()).get(tableType, "data-catalog-orders").inputs;
    const spec = typeSpec(tableType)!;
    const shown = { ...inputs, ...spec.outputs?.(inputs, "id", contextWith([])) };
    assert.deepEqual(judgeSimulatedTable(check, [shown]).state, "passed");
    assert.equal(
      judgeSimulatedTable(check, [{ ...shown, parameters: {} }]).detail,
      "slipway_dev_lakehouse.orders: holds plain files, expected Iceberg",
    );
    assert.equal(
      judgeSimulatedTable({ ...check, format: undefined }, [shown]).detail,
      "slipway_dev_lakehouse.orders: holds Iceberg, expected plain files",
    );
  });
});
