import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pipelineDefinition } from "../../../../components/data/state-machine/pipeline-definition.ts";
import {
  PipelineStateMachine,
  validatePipelineTimes,
} from "../../../../components/data/state-machine/pipeline-state-machine.ts";
import { usedByLogDelivery } from "../../../../components/data/state-machine/role.ts";
import { policyOf, run } from "../../../support/harness.ts";
import { calls, definitionArgs, scope } from "./args.ts";

const args = {
  ...scope,
  ...calls,
  keyArn: "arn:key",
  pollSeconds: 20,
  timeoutMinutes: 60,
  logRetentionDays: 30,
};
const machineArn = "arn:aws:states:us-east-1:222222222222:stateMachine:slipway-dev-data-pipeline";
const logArn = "arn:aws:logs:us-east-1:111111111111:log-group:/aws/vendedlogs/states/slipway-dev-data-pipeline";
const allLogs = "arn:aws:logs:us-east-1:222222222222:*";

const build = () => void new PipelineStateMachine("pipeline", args);

describe("components/data/state-machine/PipelineStateMachine", () => {
  it("makes a machine, its role and its log group", async () => {
    const { list, get } = await run(build);
    assert.deepEqual(list(), [
      "aws:cloudwatch/logGroup:LogGroup pipeline-logs",
      "aws:iam/role:Role pipeline-role",
      "aws:iam/rolePolicy:RolePolicy pipeline-policy",
      "aws:sfn/stateMachine:StateMachine pipeline-machine",
      "slipway:index:PipelineStateMachine pipeline",
    ]);
    const machine = get("aws:sfn/stateMachine:StateMachine", "pipeline-machine");
    const { definition, ...inputs } = machine.inputs;
    assert.deepEqual(inputs, {
      name: "slipway-dev-data-pipeline",
      type: "STANDARD",
      roleArn: "arn:aws:iam::111111111111:role/pipeline-role",
      loggingConfiguration: { level: "ALL", includeExecutionData: false, logDestination: `${logArn}:*` },
      tracingConfiguration: { enabled: true },
      encryptionConfiguration: {
        type: "CUSTOMER_MANAGED_KMS_KEY",
        kmsKeyId: "arn:key",
        kmsDataKeyReusePeriodSeconds: 300,
      },
      publish: true,
    });
    // Nothing in the arguments is an Output, so nothing in the definition is.
    assert.deepEqual(JSON.parse(String(definition)), pipelineDefinition(definitionArgs).definition);
    assert.ok(machine.dependsOn.includes("aws:iam/rolePolicy:RolePolicy pipeline-policy"));
    assert.deepEqual(get("aws:cloudwatch/logGroup:LogGroup", "pipeline-logs").inputs, {
      name: "/aws/vendedlogs/states/slipway-dev-data-pipeline",
      retentionInDays: 30,
      kmsKeyId: "arn:key",
    });
  });

  it("is trusted to Step Functions for this account", async () => {
    const { get } = await run(build);
    const [trust] = policyOf(get("aws:iam/role:Role", "pipeline-role"), "assumeRolePolicy").Statement;
    assert.deepEqual(
      [trust?.Principal, trust?.Condition],
      [{ Service: ["states.amazonaws.com"] }, { StringEquals: { "aws:SourceAccount": "222222222222" } }],
    );
  });

  it("may call exactly what its states call", async () => {
    const { get } = await run(build);
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "pipeline-policy"));
    const arns = (things: Record<string, { arn: string }>) => Object.values(things).map(({ arn }) => arn);
    const allow = (Sid: string, Action: string[], Resource: string[], Condition?: object) => ({
      Sid,
      Effect: "Allow",
      Action,
      Resource,
      ...(Condition && { Condition }),
    });
    const { info, warning, critical } = calls.topics;
    assert.deepEqual(Statement.slice(0, 5), [
      allow("InvokeFunctions", ["lambda:InvokeFunction"], arns(calls.functions)),
      allow("StartJobs", ["glue:StartJobRun"], arns(calls.jobs)),
      allow("WatchJobs", ["glue:GetJobRun"], arns(calls.jobs)),
      allow("PublishToTopics", ["sns:Publish"], [info, warning, critical]),
      allow("EncryptMessages", ["kms:Decrypt", "kms:GenerateDataKey"], ["arn:key"], {
        StringLike: {
          "kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:us-east-1:222222222222:slipway-dev-data-*",
        },
      }),
    ]);
  });

  it("may do what every machine has to, and nothing else", async () => {
    const { get } = await run(build);
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "pipeline-policy"));
    assert.deepEqual(
      Statement.slice(5).map(({ Sid, Action, Resource, Condition }) => [Sid, Action, Resource, Condition]),
      [
        [
          "EncryptExecutions",
          ["kms:Decrypt", "kms:GenerateDataKey"],
          ["arn:key"],
          { StringEquals: { "kms:EncryptionContext:aws:states:stateMachineArn": machineArn } },
        ],
        [
          "EncryptLogs",
          ["kms:GenerateDataKey"],
          ["arn:key"],
          { StringEquals: { "kms:EncryptionContext:SourceArn": allLogs } },
        ],
        [
          "DeliverLogs",
          [
            ...["CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"],
            ...["PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"],
          ].map((action) => `logs:${action}`),
          ["*"],
          undefined,
        ],
        [
          "WriteTraces",
          ["PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets"].map(
            (action) => `xray:${action}`,
          ),
          ["*"],
          undefined,
        ],
      ],
    );
  });

  it("lets log delivery decrypt in the key's policy", () => {
    const { sid, principals, actions, conditions } = usedByLogDelivery(scope);
    assert.deepEqual(
      [sid, principals, actions],
      ["UsedByLogDelivery", { Service: "delivery.logs.amazonaws.com" }, ["kms:Decrypt"]],
    );
    assert.deepEqual(conditions, { StringEquals: { "kms:EncryptionContext:SourceArn": allLogs } });
  });

  it("finds every problem of its arguments", () => {
    assert.deepEqual(validatePipelineTimes({ pollSeconds: 0, timeoutMinutes: 1.5 }), [
      "`pollSeconds`: got 0, expected a whole number of seconds, at least 1. Raise it.",
      "`timeoutMinutes`: got 1.5, expected a whole number of minutes, at least 1. Raise it.",
    ]);
    assert.deepEqual(validatePipelineTimes(args), []);
  });
});
