import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import type { CodeObject } from "../../../components/data/code.ts";
import { DataFunctions } from "../../../components/data/data-functions.ts";
import { functionNames } from "../../../components/data/lake-scope.ts";
import { type Registered, policyOf, run } from "../../support/harness.ts";
import { scope } from "./fixture.ts";
import { common, expected, queue } from "./function-statements.ts";
import { bucketArn } from "./statements.ts";

const code = (name: string): CodeObject => ({
  bucket: pulumi.output("slipway-code"),
  key: pulumi.output(`${name}.zip`),
  hash: `${name}-hash`,
});
const functions = () =>
  new DataFunctions("f", {
    scope,
    code: Object.fromEntries(functionNames.map((name) => [name, code(name)])),
    layer: code("layer"),
    tableFormat: "parquet",
    logRetentionDays: 7,
  });

const outputs = {
  "aws:sqs/queue:Queue": () => ({ arn: queue, url: "https://queue" }),
  "aws:lambda/layerVersion:LayerVersion": () => ({ arn: "arn:layer:1" }),
};
const made = async () => await run(() => void functions(), { outputs });

const names = ["catalog", "publish", "quality-gate", "quarantine", "validate"];

describe("components/data/DataFunctions", () => {
  it("makes one layer, one queue, and for each function a role, a log group and nothing more", async () => {
    const { list } = await made();
    assert.deepEqual(list(), [
      ...names.map((name) => `aws:cloudwatch/logGroup:LogGroup f-${name}-logs`),
      ...names.map((name) => `aws:iam/role:Role f-${name}-role`),
      ...names.map((name) => `aws:iam/rolePolicy:RolePolicy f-${name}-policy`),
      ...names.map((name) => `aws:lambda/function:Function f-${name}-function`),
      "aws:lambda/layerVersion:LayerVersion f-library",
      "aws:sqs/queue:Queue f-dead-letters",
      "aws:sqs/queuePolicy:QueuePolicy f-dead-letters-policy",
      ...names.map((name) => `slipway:index:DataFunction f-${name}`),
      "slipway:index:DataFunctions f",
    ]);
  });

  it("runs exactly the code of the release, traced, logged and told where everything is", async () => {
    const { get } = await made();
    const validate = get("aws:lambda/function:Function", "f-quality-gate-function");
    assert.deepEqual(validate.inputs, {
      name: "slipway-dev-data-quality-gate",
      description: "Tells whether the candidate meets the quality rules",
      runtime: "python3.13",
      architectures: ["arm64"],
      handler: "handler.handler",
      s3Bucket: "slipway-code",
      s3Key: "quality_gate.zip",
      sourceCodeHash: "quality_gate-hash",
      layers: ["arn:layer:1"],
      role: "arn:aws:iam::111111111111:role/f-quality-gate-role",
      memorySize: 256,
      timeout: 60,
      environment: {
        variables: {
          ENVIRONMENT: "dev",
          RAW_BUCKET: "slipway-dev-raw-bucket-222222222222-us-east-1",
          PROCESSED_BUCKET: "slipway-dev-processed-bucket-222222222222-us-east-1",
          QUARANTINE_BUCKET: "slipway-dev-quarantine-bucket-222222222222-us-east-1",
          DATABASE: "slipway_dev_lakehouse",
          STAGING_DATABASE: "slipway_dev_lakehouse_staging",
          VERIFICATION_DATABASE: "slipway_dev_lakehouse_verification",
          METRIC_NAMESPACE: "Slipway/Data",
          EVENT_BUS: "default",
          TABLE_FORMAT: "parquet",
        },
      },
      loggingConfig: { logFormat: "JSON", logGroup: "/aws/lambda/slipway-dev-data-quality-gate" },
      tracingConfig: { mode: "Active" },
      deadLetterConfig: { targetArn: queue },
      publish: true,
    });
    assert.ok(validate.dependsOn.includes("aws:cloudwatch/logGroup:LogGroup f-quality-gate-logs"));
    assert.ok(validate.dependsOn.includes("aws:iam/rolePolicy:RolePolicy f-quality-gate-policy"));
  });

  it("shares the library as a layer by content", async () => {
    const { get } = await made();
    assert.deepEqual(get("aws:lambda/layerVersion:LayerVersion", "f-library").inputs, {
      layerName: "slipway-dev-data-lakehouse",
      description: "The lakehouse package, which functions and jobs share",
      s3Bucket: "slipway-code",
      s3Key: "layer.zip",
      sourceCodeHash: "layer-hash",
      compatibleRuntimes: ["python3.13"],
      compatibleArchitectures: ["arm64"],
    });
  });

  it("encrypts logs and dead letters", async () => {
    const { get, ofType } = await made();
    for (const { inputs } of ofType("aws:cloudwatch/logGroup:LogGroup")) {
      assert.deepEqual([inputs.kmsKeyId, inputs.retentionInDays], ["arn:key", 7]);
    }
    assert.deepEqual(get("aws:sqs/queue:Queue", "f-dead-letters").inputs, {
      name: "slipway-dev-data-function-dead-letters",
      kmsMasterKeyId: "arn:key",
      messageRetentionSeconds: 1_209_600,
    });
    const policy = get("aws:sqs/queuePolicy:QueuePolicy", "f-dead-letters-policy");
    assert.deepEqual(policyOf(policy).Statement, [
      {
        Sid: "DenyPlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: ["sqs:*"],
        Resource: [queue],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });
});

describe("components/data/functions", () => {
  for (const [name, statements] of Object.entries(expected)) {
    it(`allows ${name} exactly what it does`, async () => {
      const { get } = await made();
      const policy: Registered = get("aws:iam/rolePolicy:RolePolicy", `f-${name}-policy`);
      assert.deepEqual(policyOf(policy).Statement, [...statements, ...common(name)]);
    });
  }

  it("lets only Lambda of this account take the roles on", async () => {
    const { ofType } = await made();
    for (const role of ofType("aws:iam/role:Role")) {
      assert.deepEqual(policyOf(role, "assumeRolePolicy").Statement, [
        {
          Sid: "AssumedByService",
          Effect: "Allow",
          Principal: { Service: ["lambda.amazonaws.com"] },
          Action: ["sts:AssumeRole"],
          Condition: { StringEquals: { "aws:SourceAccount": "222222222222" } },
        },
      ]);
    }
  });

  it("lets nobody but publish move the pointer", async () => {
    const { ofType } = await made();
    const movers = ofType("aws:iam/rolePolicy:RolePolicy").filter((policy) =>
      policyOf(policy).Statement.some(
        ({ Action, Resource }) =>
          (Action as string[]).includes("s3:PutObject") &&
          (Resource as string[]).some((arn) => arn.startsWith(`${bucketArn("processed")}/_state/c`)),
      ),
    );
    assert.deepEqual(
      movers.map(({ name }) => name),
      ["f-publish-policy"],
    );
  });
});
