import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { DataPipeline, type DataPipelineArgs, validateDataPipeline } from "../../../components/data/data-pipeline.ts";
import { executionMinutes, validateSettings } from "../../../components/data/data-settings.ts";
import { checkSchema } from "../../../config/outputs.ts";
import { type Run, type RunOptions, policyOf, promised, run } from "../../support/harness.ts";
import { args, features, orders } from "./fixture.ts";
import { components, resources } from "./resources.ts";

const arn = (service: string) => (_: string, inputs: Record<string, unknown>) => ({
  arn: `arn:aws:${service}:us-east-1:222222222222:${String(inputs.name)}`,
});
const outputs: Exclude<RunOptions["outputs"], undefined> = {
  "aws:lambda/function:Function": arn("lambda"),
  "aws:glue/job:Job": arn("glue"),
  "aws:sns/topic:Topic": arn("sns"),
  "aws:sfn/stateMachine:StateMachine": (name, inputs) => {
    const made = arn("states")(name, inputs);
    return { ...made, stateMachineVersionArn: `${made.arn}:3` };
  },
};

async function made(change: Partial<DataPipelineArgs> = {}, options: RunOptions = {}): Promise<[DataPipeline, Run]> {
  const pipelines: DataPipeline[] = [];
  const done = await run(() => void pipelines.push(new DataPipeline("data", { ...args, ...change })), {
    outputs,
    ...options,
  });
  return [pipelines[0]!, done];
}

/** The pipeline of the fixture, made once: nothing in a finished run changes any more. */
const retained = once(() => made());
const destroyed = once(() => made({ lifetimes: { ...args.lifetimes, removal: "destroy" } }));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= make());
}

describe("components/data/DataPipeline", () => {
  it("makes the lake, the work on it and what watches over both", async () => {
    const [, { list }] = await retained();
    assert.deepEqual(list(), [...resources, ...components].sort());
  });

  it("crawls only where somebody wants that", async () => {
    const [, { ofType }] = await made({ settings: { ...args.settings, crawlers: true } });
    assert.deepEqual(
      ofType("aws:glue/crawler:Crawler").map(({ name, inputs }) => [name, inputs.databaseName]),
      [["data-crawler-crawler", "slipway_dev_lakehouse_staging"]],
    );
  });

  it("keeps what nobody can make again, exactly where the environment wants that", async () => {
    const guarded = ([, { resources: all }]: Awaited<ReturnType<typeof made>>) =>
      [...new Set(all.filter(({ protect, custom }) => protect && custom).map(({ type }) => type))].sort();
    assert.deepEqual(guarded(await retained()), [
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:glue/catalogDatabase:CatalogDatabase",
      "aws:glue/catalogTable:CatalogTable",
      "aws:kms/key:Key",
      "aws:s3/bucket:Bucket",
      "aws:secretsmanager/secret:Secret",
    ]);
    assert.deepEqual(guarded(await destroyed()), []);
  });

  it("keeps old code even where everything else goes", async () => {
    const [, done] = await destroyed();
    const stays = done.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ type }) => type);
    assert.deepEqual([...new Set(stays)], ["aws:s3/bucketObjectv2:BucketObjectv2"]);
  });

  it("opens its key to the account, its logs and its alerts", async () => {
    const [, { get }] = await retained();
    const key = get("aws:kms/key:Key", "data-encryption-key");
    assert.deepEqual(
      policyOf(key).Statement.map(({ Sid }) => Sid),
      ["AdministeredByAccount", "UsedByCloudWatchLogs", "UsedByLogDelivery", "UsedForAlerts", "UsedForDeadLetters"],
    );
    assert.equal(key.inputs.deletionWindowInDays, 7);
    assert.equal(get("aws:kms/alias:Alias", "data-encryption-alias").inputs.name, "alias/slipway/dev/data");
  });

  it("uploads code into a bucket that is set up, and runs nothing before its code is there", async () => {
    const [, { get }] = await retained();
    const object = get("aws:s3/bucketObjectv2:BucketObjectv2", "data-code-scripts-quality");
    for (const part of ["versioning", "encryption", "policy"]) {
      assert.ok(
        object.dependsOn.some((label) => label.endsWith(` data-lake-code-${part}`)),
        part,
      );
    }
    const job = get("aws:glue/job:Job", "data-jobs-quality-job");
    assert.ok(job.dependsOn.includes("aws:s3/bucketObjectv2:BucketObjectv2 data-code-scripts-quality"));
  });

  it("calls functions and jobs by what they were made as", async () => {
    const [, { get }] = await retained();
    const machine = get("aws:sfn/stateMachine:StateMachine", "data-pipeline-machine");
    const definition = String(machine.inputs.definition);
    assert.ok(
      definition.includes('"FunctionName":"arn:aws:lambda:us-east-1:222222222222:slipway-dev-data-quality-gate"'),
    );
    assert.ok(definition.includes('"JobName":"slipway-dev-data-raw-to-processed"'));
    assert.equal((JSON.parse(definition) as { TimeoutSeconds: number }).TimeoutSeconds, 3600);
    assert.equal(executionMinutes({ timeoutMinutes: 15, tableFormat: "parquet" }), 60);
  });

  it("keeps a preview whole when nothing is known yet", async () => {
    const [, planned] = await made({}, { preview: true });
    const [, real] = await retained();
    assert.deepEqual(planned.list(), real.list());
    const { variables } = planned.get("aws:lambda/function:Function", "data-functions-validate-function").inputs
      .environment as { variables: Record<string, string> };
    assert.equal(variables.RAW_BUCKET, "slipway-dev-raw-bucket-222222222222-us-east-1");
  });
});

describe("components/data/DataPipeline, what it tells others", () => {
  it("says where everything is", async () => {
    const [pipeline] = await retained();
    assert.equal(await promised(pipeline.rawBucket), "slipway-dev-raw-bucket-222222222222-us-east-1");
    assert.equal(await promised(pipeline.processedBucket), "slipway-dev-processed-bucket-222222222222-us-east-1");
    assert.equal(
      await promised(pipeline.stateMachineArn),
      "arn:aws:states:us-east-1:222222222222:slipway-dev-data-pipeline",
    );
    const names = ["validate", "catalog", "quality_gate", "publish", "quarantine"];
    const arnOf = (service: string, name: string) =>
      `arn:aws:${service}:us-east-1:222222222222:slipway-dev-data-${name.replaceAll("_", "-")}`;
    assert.deepEqual(await promised(pipeline.data), {
      quarantineBucket: "slipway-dev-quarantine-bucket-222222222222-us-east-1",
      codeBucket: "slipway-dev-code-bucket-222222222222-us-east-1",
      databases: {
        live: "slipway_dev_lakehouse",
        staging: "slipway_dev_lakehouse_staging",
        verification: "slipway_dev_lakehouse_verification",
      },
      stateMachine: "slipway-dev-data-pipeline",
      workgroup: "slipway-dev-data-queries",
      jobs: ["slipway-dev-data-raw-to-processed", "slipway-dev-data-daily-features", "slipway-dev-data-quality"],
      functions: Object.fromEntries(names.map((name) => [name, arnOf("lambda", name)])),
      topics: Object.fromEntries(["info", "warning", "critical"].map((name) => [name, arnOf("sns", name)])),
    });
  });

  it("asks to be verified with the sample, table by table, and to stay quiet", async () => {
    const [pipeline] = await retained();
    const checks = await promised(pipeline.checks);
    assert.deepEqual(checks[0], {
      kind: "state-machine",
      name: "data-pipeline",
      region: "us-east-1",
      arn: "arn:aws:states:us-east-1:222222222222:slipway-dev-data-pipeline:3",
      sample: "data/samples/1k",
      rawBucket: "slipway-dev-raw-bucket-222222222222-us-east-1",
      processedBucket: "slipway-dev-processed-bucket-222222222222-us-east-1",
      quarantineBucket: "slipway-dev-quarantine-bucket-222222222222-us-east-1",
      timeoutSeconds: 3600,
    });
    assert.deepEqual(
      checks.map(({ kind, name }) => [kind, name]),
      [
        ["state-machine", "data-pipeline"],
        ["glue-table", "table-orders"],
        ["glue-table", "table-daily-features"],
        ["alarm", "data-alarms"],
      ],
    );
    const [alarms] = checks.filter((check) => check.kind === "alarm");
    assert.deepEqual(alarms?.alarms, [
      "slipway-dev-data-executions-failed",
      "slipway-dev-data-executions-timed-out",
      "slipway-dev-data-dead-letters",
      "slipway-dev-data-function-dead-letters",
    ]);
  });

  it("declares only checks that the driver understands", async () => {
    const [pipeline] = await retained();
    for (const check of await promised(pipeline.checks)) assert.deepEqual(checkSchema.parse(check), check);
  });
});

describe("components/data/DataPipeline, bad arguments", () => {
  it("finds the problems of all its parts at once, at the component and without a stack trace", async () => {
    const wrong: DataPipelineArgs = {
      ...args,
      datasets: [{ ...orders, key: ["id"] }, features, features],
      artifacts: { ...args.artifacts, jobScripts: {} },
      settings: { ...args.settings, workers: { type: "G.1X", count: 1 }, scanLimitGb: 0, pollSeconds: 0 },
    };
    const problems = validateDataPipeline(wrong);
    assert.deepEqual(
      problems.map((line) => line.slice(0, line.indexOf(":"))),
      [
        "`datasets`",
        "`datasets.orders.key`",
        "`artifacts.jobScripts.raw_to_processed`",
        "`artifacts.jobScripts.daily_features`",
        "`artifacts.jobScripts.quality`",
        "`workers.count`",
        "`pollSeconds`",
        "`scanLimitGb`",
      ],
    );
    await run(() => {
      assert.throws(
        () => new DataPipeline("data", wrong),
        (error: unknown) => {
          assert.ok(pulumi.ResourceError.isInstance(error));
          assert.equal(error.message, `data cannot be built:\n${problems.join("\n")}`);
          assert.equal(error.hideStack, true);
          return true;
        },
      );
    });
  });

  it("finds settings that make no sense", () => {
    const alarms = { durationMinutes: 0, quarantineRate: 1.5, qualityScore: -1 };
    const schedule = { expression: "daily", enabled: true };
    assert.deepEqual(validateSettings({ ...args.settings, alarms, schedule }), [
      "`alarms.quarantineRate`: got 1.5, expected a share from 0 to 1. Correct it.",
      "`alarms.qualityScore`: got -1, expected a share from 0 to 1. Correct it.",
      "`alarms.durationMinutes`: got 0, expected more than 0. Raise it.",
      '`schedule.expression`: got "daily", expected cron(…), rate(…) or at(…). Correct it.',
    ]);
  });

  it("finds nothing wrong with good arguments", () => assert.deepEqual(validateDataPipeline(args), []));
});
