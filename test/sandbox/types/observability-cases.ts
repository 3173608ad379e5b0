import type { Properties } from "../../../sandbox/types/type-spec.ts";
import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const role = "arn:aws:iam::111111111111:role/r";
const topic = "arn:aws:sns:eu-west-1:111111111111:t";
const uuid = "11111111-2222-3333-4444-555555555555";
const common = { configurationName: "c", iamRoleArn: role, snsTopicArns: [topic] };
const slack = { ...common, slackChannelId: "C0123ABCD", slackTeamId: "T0123ABCD" };
const teams = { ...common, channelId: "19%3aab%40thread.tacv2", teamId: uuid, tenantId: uuid };
const notification = {
  ...{ comparisonOperator: "GREATER_THAN", notificationType: "ACTUAL", threshold: 80, thresholdType: "PERCENTAGE" },
  subscriberSnsTopicArns: [topic],
};
const budget = { name: "b", budgetType: "COST", timeUnit: "MONTHLY", limitAmount: "100", limitUnit: "USD" };
const warned = (more: Properties) => ({ ...budget, notifications: [{ ...notification, ...more }] });
const monitor = { name: "m", monitorType: "DIMENSIONAL", monitorDimension: "SERVICE" };
const subscription = {
  ...{ name: "s", frequency: "IMMEDIATE", monitorArnLists: ["arn:aws:ce::111111111111:anomalymonitor/1"] },
  subscribers: [{ type: "SNS", address: topic }],
};
const canary = {
  ...{ name: "slipway-staging-http", artifactS3Location: "s3://b/results", executionRoleArn: role },
  ...{ handler: "check.handler", runtimeVersion: "syn-python-selenium-14.0", s3Bucket: "b", s3Key: "k" },
  schedule: { expression: "rate(5 minutes)" },
};

/** Chat, costs and canaries. */
export const observabilityCases: Readonly<Record<string, InputCases>> = {
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
    valid: [slack, { ...slack, loggingLevel: "ERROR" }, { ...slack, iamRoleArn: unknown, snsTopicArns: unknown }],
    invalid: [
      ["configurationName", { ...slack, configurationName: "a b" }],
      ["iamRoleArn", { ...slack, iamRoleArn: topic }],
      ["slackChannelId", { ...slack, slackChannelId: "#ops" }],
      ["slackTeamId", { ...slack, slackTeamId: undefined }],
      ["loggingLevel", { ...slack, loggingLevel: "DEBUG" }],
      ["snsTopicArns", { ...slack, snsTopicArns: [role] }],
      ["guardrailPolicyArns", { ...slack, guardrailPolicyArns: ["ReadOnlyAccess"] }],
    ],
  },
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": {
    valid: [teams],
    invalid: [
      ["channelId", { ...teams, channelId: "19:ab@thread.tacv2" }],
      ["teamId", { ...teams, teamId: "team" }],
      ["tenantId", { ...teams, tenantId: undefined }],
    ],
  },
  "aws:budgets/budget:Budget": {
    valid: [budget, warned({}), warned({ subscriberSnsTopicArns: undefined, subscriberEmailAddresses: ["a@b.de"] })],
    invalid: [
      ["name", { ...budget, name: "a:b" }],
      ["budgetType", { ...budget, budgetType: "MONEY" }],
      ["timeUnit", { ...budget, timeUnit: undefined }],
      ["limitAmount", { ...budget, limitAmount: "-1" }],
      ["limitUnit", { ...budget, limitUnit: undefined }],
      ["notifications", warned({ subscriberSnsTopicArns: undefined })],
      ["notifications", warned({ subscriberSnsTopicArns: [topic, topic] })],
      ["notifications", warned({ subscriberSnsTopicArns: ["t"] })],
      ["notifications", warned({ threshold: -1 })],
      ["notifications", warned({ notificationType: "GUESSED" })],
      ["notifications", { ...budget, notifications: Array.from({ length: 11 }, () => notification) }],
    ],
  },
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
    valid: [monitor, { name: "m", monitorType: "CUSTOM", monitorSpecification: "{}" }],
    invalid: [
      ["monitorType", { ...monitor, monitorType: "ALL" }],
      ["monitorDimension", { ...monitor, monitorDimension: undefined }],
      ["monitorSpecification", { ...monitor, monitorType: "CUSTOM" }],
    ],
  },
  "aws:costexplorer/anomalySubscription:AnomalySubscription": {
    valid: [
      subscription,
      { ...subscription, frequency: "DAILY", subscribers: [{ type: "EMAIL", address: "a@b.de" }] },
      { ...subscription, monitorArnLists: unknown },
    ],
    invalid: [
      ["frequency", { ...subscription, frequency: "HOURLY" }],
      ["subscribers", { ...subscription, frequency: "DAILY" }],
      ["subscribers", { ...subscription, subscribers: [{ type: "EMAIL", address: "a@b.de" }] }],
      ["subscribers", { ...subscription, subscribers: [{ type: "SNS", address: "t" }] }],
      ["monitorArnLists", { ...subscription, monitorArnLists: ["1"] }],
    ],
  },
  "aws:synthetics/canary:Canary": {
    valid: [
      canary,
      { ...canary, s3Bucket: undefined, s3Key: undefined, zipFile: "check.zip" },
      { ...canary, schedule: { expression: "rate(0 minute)" }, runConfig: { memoryInMb: 960, timeoutInSeconds: 60 } },
      { ...canary, s3Key: unknown, executionRoleArn: unknown },
    ],
    invalid: [
      ["name", { ...canary, name: "slipway-production-http" }],
      ["name", { ...canary, name: "Web" }],
      ["handler", { ...canary, handler: "check" }],
      ["runtimeVersion", { ...canary, runtimeVersion: "python3.13" }],
      ["artifactS3Location", { ...canary, artifactS3Location: "b/results" }],
      ["executionRoleArn", { ...canary, executionRoleArn: "r" }],
      ["zipFile", { ...canary, s3Bucket: undefined, s3Key: undefined }],
      ["s3Bucket", { ...canary, zipFile: "check.zip" }],
      ["s3Key", { ...canary, s3Key: undefined }],
      ["schedule", { ...canary, schedule: { expression: "rate(5 minute)" } }],
      ["schedule", { ...canary, schedule: {} }],
      ["runConfig", { ...canary, runConfig: { memoryInMb: 1000 } }],
      ["runConfig", { ...canary, runConfig: { timeoutInSeconds: 901 } }],
      ["runConfig", { ...canary, runConfig: { environmentVariables: { X: "x".repeat(4096) } } }],
      ["artifactConfig", { ...canary, artifactConfig: { s3Encryption: { encryptionMode: "NONE" } } }],
      ["failureRetentionPeriod", { ...canary, failureRetentionPeriod: 0 }],
    ],
  },
};
