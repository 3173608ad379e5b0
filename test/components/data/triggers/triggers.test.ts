import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Triggers, type TriggersArgs } from "../../../../components/data/triggers.ts";
import { type RunOptions, policyOf, run } from "../../../support/harness.ts";

const machine = "arn:aws:states:us-east-1:222222222222:stateMachine:slipway-dev-data-pipeline";
const queueArn = "arn:aws:sqs:us-east-1:222222222222:slipway-dev-data-dead-letters";
const options: RunOptions = {
  outputs: { "aws:sqs/queue:Queue": () => ({ arn: queueArn, url: "https://sqs/dead-letters" }) },
};

const args: TriggersArgs = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  keyArn: "arn:key",
  stateMachineArn: machine,
  rawBucket: "raw-bucket",
  objectTrigger: true,
  schedule: { expression: "cron(0 4 * * ? *)", enabled: false },
};

const build = (change: Partial<TriggersArgs> = {}) =>
  run(() => void new Triggers("triggers", { ...args, ...change }), options);

const withoutObjects = [
  "aws:iam/role:Role triggers-schedule-role",
  "aws:iam/rolePolicy:RolePolicy triggers-schedule-policy",
  "aws:scheduler/schedule:Schedule triggers-schedule",
  "aws:sqs/queue:Queue triggers-dead-letters",
  "aws:sqs/queuePolicy:QueuePolicy triggers-dead-letters-policy",
  "slipway:index:Triggers triggers",
];

const retryPolicy = { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 24 };
const input = '{"mode":"live","prefix":"incoming/"}';

describe("components/data/Triggers", () => {
  it("makes a schedule, a rule for objects, their roles and a queue for what fails", async () => {
    const { list } = await build();
    assert.deepEqual(list(), [
      "aws:cloudwatch/eventRule:EventRule triggers-object",
      "aws:cloudwatch/eventTarget:EventTarget triggers-object-target",
      "aws:iam/role:Role triggers-object-role",
      "aws:iam/role:Role triggers-schedule-role",
      "aws:iam/rolePolicy:RolePolicy triggers-object-policy",
      ...withoutObjects.slice(1),
    ]);
  });

  it("leaves the rule out where objects are no trigger", async () => {
    const { list } = await build({ objectTrigger: false });
    assert.deepEqual(list(), withoutObjects);
  });

  it("starts the machine for deliveries to the bucket and for nothing else in it", async () => {
    const { get } = await build();
    const rule = get("aws:cloudwatch/eventRule:EventRule", "triggers-object").inputs;
    assert.deepEqual(JSON.parse(String(rule.eventPattern)), {
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: ["raw-bucket"] }, object: { key: [{ prefix: "incoming/" }] } },
    });
    assert.deepEqual(get("aws:cloudwatch/eventTarget:EventTarget", "triggers-object-target").inputs, {
      rule: "slipway-dev-data-object-created",
      targetId: "pipeline",
      arn: machine,
      roleArn: "arn:aws:iam::111111111111:role/triggers-object-role",
      input,
      retryPolicy,
      deadLetterConfig: { arn: queueArn },
    });
  });

  for (const [enabled, state] of [
    [true, "ENABLED"],
    [false, "DISABLED"],
  ] as const) {
    it(`keeps the schedule, ${state.toLowerCase()}`, async () => {
      const { get } = await build({ schedule: { ...args.schedule, enabled } });
      const { description: _, ...schedule } = get("aws:scheduler/schedule:Schedule", "triggers-schedule").inputs;
      assert.deepEqual(schedule, {
        name: "slipway-dev-data-pipeline",
        scheduleExpression: "cron(0 4 * * ? *)",
        scheduleExpressionTimezone: "UTC",
        state,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: machine,
          roleArn: "arn:aws:iam::111111111111:role/triggers-schedule-role",
          input,
          retryPolicy,
          deadLetterConfig: { arn: queueArn },
        },
      });
    });
  }

  it("lets each role start this machine, and the scheduler's leave dead letters", async () => {
    const { get } = await build();
    const start = { Sid: "StartPipeline", Effect: "Allow", Action: ["states:StartExecution"], Resource: [machine] };
    assert.deepEqual(policyOf(get("aws:iam/rolePolicy:RolePolicy", "triggers-object-policy")).Statement, [start]);
    assert.deepEqual(policyOf(get("aws:iam/rolePolicy:RolePolicy", "triggers-schedule-policy")).Statement, [
      start,
      { Sid: "SendDeadLetters", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: [queueArn] },
      {
        Sid: "EncryptDeadLetters",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: ["arn:key"],
        Condition: { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": queueArn } },
      },
    ]);
    const services = ["object", "schedule"].map((trigger) => {
      const role = get("aws:iam/role:Role", `triggers-${trigger}-role`);
      return policyOf(role, "assumeRolePolicy").Statement[0]?.Principal;
    });
    assert.deepEqual(services, [{ Service: ["events.amazonaws.com"] }, { Service: ["scheduler.amazonaws.com"] }]);
  });

  it("keeps dead letters for two weeks, encrypted, and takes them from this account's rules only", async () => {
    const { get } = await build();
    assert.deepEqual(get("aws:sqs/queue:Queue", "triggers-dead-letters").inputs, {
      name: "slipway-dev-data-dead-letters",
      kmsMasterKeyId: "arn:key",
      messageRetentionSeconds: 1209600,
    });
    const policy = get("aws:sqs/queuePolicy:QueuePolicy", "triggers-dead-letters-policy");
    assert.equal(policy.inputs.queueUrl, "https://sqs/dead-letters");
    assert.deepEqual(policyOf(policy).Statement, [
      {
        Sid: "DenyPlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: ["sqs:*"],
        Resource: [queueArn],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "SendByRules",
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com"] },
        Action: ["sqs:SendMessage"],
        Resource: [queueArn],
        Condition: { ArnLike: { "aws:SourceArn": "arn:aws:events:us-east-1:222222222222:rule/slipway-dev-data-*" } },
      },
    ]);
  });
});
