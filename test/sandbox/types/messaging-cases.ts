import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const account = "111111111111";
const role = `arn:aws:iam::${account}:role/r`;
const queueArn = `arn:aws:sqs:eu-west-1:${account}:q`;
const topicArn = `arn:aws:sns:eu-west-1:${account}:t`;
const machineArn = `arn:aws:states:eu-west-1:${account}:stateMachine:m`;
const busArn = (owner: string) => `arn:aws:events:eu-west-1:${owner}:event-bus/default`;
const policy = (Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action, Resource: "*" }] });
const redrive = (maxReceiveCount: unknown) => JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount });
const subscription = { topic: topicArn, protocol: "email", endpoint: "ann@example.com" };
const daily = { name: "r", scheduleExpression: "cron(0 2 * * ? *)" };
const target = { rule: "r", arn: machineArn, roleArn: role };
const schedule = {
  ...{ name: "s", scheduleExpression: "rate(1 day)", flexibleTimeWindow: { mode: "OFF" } },
  target: { arn: machineArn, roleArn: role },
};
const pattern = (value: unknown) => ({ name: "r", eventPattern: JSON.stringify(value) });

/** Queues, topics, events, schedules and secrets. */
export const messagingCases: Readonly<Record<string, InputCases>> = {
  "aws:sqs/queue:Queue": {
    valid: [
      { name: "q", redrivePolicy: redrive(5), policy: policy("sqs:SendMessage") },
      { name: "q.fifo", fifoQueue: true, contentBasedDeduplication: true },
      { name: "q", redrivePolicy: unknown, policy: unknown },
    ],
    invalid: [
      ["name", { name: "q.fifo" }],
      ["name", { name: "q", fifoQueue: true }],
      ["name", { name: "a b" }],
      ["contentBasedDeduplication", { name: "q", contentBasedDeduplication: true }],
      ["redrivePolicy", { name: "q", redrivePolicy: "{" }],
      ["redrivePolicy", { name: "q", redrivePolicy: redrive(0) }],
      ["redrivePolicy", { name: "q", redrivePolicy: '{"maxReceiveCount":3}' }],
      ["redriveAllowPolicy", { name: "q", redriveAllowPolicy: '{"redrivePermission":"some"}' }],
      ["messageRetentionSeconds", { name: "q", messageRetentionSeconds: 10 }],
      ["visibilityTimeoutSeconds", { name: "q", visibilityTimeoutSeconds: 43_201 }],
      ["sqsManagedSseEnabled", { name: "q", sqsManagedSseEnabled: true, kmsMasterKeyId: "k" }],
      ["policy", { name: "q", policy: policy("sns:Publish") }],
    ],
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    valid: [{ queueUrl: "u", policy: policy("sqs:SendMessage") }],
    invalid: [
      ["policy", { queueUrl: "u" }],
      ["policy", { queueUrl: "u", policy: "{" }],
    ],
  },
  "aws:sqs/redrivePolicy:RedrivePolicy": {
    valid: [{ queueUrl: "u", redrivePolicy: redrive(3) }],
    invalid: [["redrivePolicy", { queueUrl: "u", redrivePolicy: redrive("many") }]],
  },
  "aws:sns/topic:Topic": {
    valid: [{ name: "t" }, { name: "t.fifo", fifoTopic: true }],
    invalid: [
      ["name", { name: "t.fifo" }],
      ["name", { name: "a/b" }],
      ["contentBasedDeduplication", { name: "t", contentBasedDeduplication: true }],
      ["policy", { name: "t", policy: policy("sqs:SendMessage") }],
    ],
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    valid: [{ arn: topicArn, policy: policy("sns:Publish") }],
    invalid: [["policy", { arn: topicArn, policy: "[]" }]],
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    valid: [
      subscription,
      { topic: topicArn, protocol: "sqs", endpoint: queueArn, filterPolicy: '{"severity":["critical"]}' },
      { ...subscription, endpoint: unknown },
    ],
    invalid: [
      ["protocol", { ...subscription, protocol: "pigeon" }],
      ["endpoint", { ...subscription, endpoint: "ann" }],
      ["endpoint", { ...subscription, protocol: "sqs" }],
      ["protocol", { ...subscription, topic: `${topicArn}.fifo` }],
      ["rawMessageDelivery", { ...subscription, rawMessageDelivery: true }],
      ["filterPolicy", { ...subscription, filterPolicy: '{"severity":"critical"}' }],
      ["topic", { ...subscription, topic: "t" }],
    ],
  },
  "aws:cloudwatch/eventBus:EventBus": {
    valid: [{ name: "data" }],
    invalid: [["name", { name: "default" }]],
  },
  "aws:cloudwatch/eventRule:EventRule": {
    valid: [
      daily,
      pattern({ source: ["aws.s3"], detail: { object: { key: [{ prefix: "incoming/" }] } } }),
      pattern({ $or: [{ source: ["a"] }, { source: ["b"] }] }),
      { name: "r", eventPattern: unknown },
    ],
    invalid: [
      ["eventPattern", { name: "r" }],
      ["eventPattern", { name: "r", eventPattern: "{" }],
      ["eventPattern", pattern({})],
      ["eventPattern", pattern({ source: "aws.s3" })],
      ["eventPattern", pattern({ source: [] })],
      ["eventPattern", pattern({ source: [{ begins: "aws" }] })],
      ["eventPattern", pattern({ source: [{ prefix: "a", suffix: "b" }] })],
      ["eventPattern", pattern({ $or: [{ source: ["a"] }] })],
      ["scheduleExpression", { name: "r", scheduleExpression: "at(2026-01-01T00:00:00)" }],
      ["scheduleExpression", { ...daily, eventBusName: "data" }],
      ["state", { ...daily, state: "ON" }],
      ["isEnabled", { ...daily, state: "ENABLED", isEnabled: true }],
    ],
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    valid: [
      target,
      { rule: "r", arn: queueArn, input: '{"mode":"live"}' },
      { ...target, arn: unknown },
      { rule: "r", arn: busArn(account) },
      { rule: "r", arn: busArn("222222222222"), roleArn: role },
    ],
    invalid: [
      ["arn", { rule: "r", arn: "m" }],
      ["roleArn", { rule: "r", arn: machineArn }],
      ["roleArn", { rule: "r", arn: busArn("222222222222") }],
      ["input", { ...target, input: "{" }],
      ["inputPath", { ...target, input: "{}", inputPath: "$.detail" }],
      ["retryPolicy", { ...target, retryPolicy: { maximumRetryAttempts: 186 } }],
      ["sqsTarget", { rule: "r", arn: `${queueArn}.fifo` }],
    ],
  },
  "aws:scheduler/schedule:Schedule": {
    valid: [
      schedule,
      { ...schedule, scheduleExpression: "at(2027-01-01T00:00:00)", scheduleExpressionTimezone: "Europe/Berlin" },
    ],
    invalid: [
      ["target", { ...schedule, target: undefined }],
      ["target", { ...schedule, target: { arn: machineArn } }],
      ["scheduleExpression", { ...schedule, scheduleExpression: "daily" }],
      ["scheduleExpressionTimezone", { ...schedule, scheduleExpressionTimezone: "Mars/Olympus" }],
      ["flexibleTimeWindow", { ...schedule, flexibleTimeWindow: { mode: "FLEXIBLE" } }],
      ["flexibleTimeWindow", { ...schedule, flexibleTimeWindow: { mode: "SOMETIMES" } }],
      ["startDate", { ...schedule, startDate: "tomorrow" }],
    ],
  },
  "aws:scheduler/scheduleGroup:ScheduleGroup": { valid: [{ name: "g" }], invalid: [["name", { name: "default" }]] },
  "aws:secretsmanager/secret:Secret": {
    valid: [{ name: "slipway/dev/data" }, { name: "s", recoveryWindowInDays: 0 }],
    invalid: [
      ["name", { name: "a b" }],
      ["recoveryWindowInDays", { name: "s", recoveryWindowInDays: 3 }],
      ["policy", { name: "s", policy: policy("s3:GetObject") }],
    ],
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    valid: [{ secretId: "s", secretString: "x" }],
    invalid: [
      ["secretId", {}],
      ["secretBinary", { secretId: "s", secretString: "x", secretBinary: "eA==" }],
    ],
  },
  "aws:secretsmanager/secretRotation:SecretRotation": {
    valid: [{ secretId: "s", rotationRules: { automaticallyAfterDays: 30 } }],
    invalid: [
      ["rotationRules", { secretId: "s", rotationRules: {} }],
      ["rotationRules", { secretId: "s", rotationRules: { scheduleExpression: "monthly" } }],
      [
        "rotationLambdaArn",
        { secretId: "s", rotationLambdaArn: queueArn, rotationRules: { automaticallyAfterDays: 1 } },
      ],
    ],
  },
};
