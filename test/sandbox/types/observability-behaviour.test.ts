import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith, resource } from "./context.ts";
import { roleArn, roleFor } from "./data-resources.ts";
import { of } from "./model-resources.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);
const topicArn = `arn:aws:sns:eu-west-1:${account}:t`;
const topic = resource("aws:sns/topic:Topic", topicArn, { name: "t" }, { arn: topicArn });
const bucket = resource("aws:s3/bucket:Bucket", "b", { bucket: "b" });
const code = resource("aws:s3/bucketObjectv2:BucketObjectv2", "b/k", { bucket: "b", key: "k" });
const slackType = of("chatbot/SlackChannelConfiguration");
const teamsType = of("chatbot/TeamsChannelConfiguration");
const monitorType = of("costexplorer/AnomalyMonitor");
const canaryType = of("synthetics/Canary");
const channel = { configurationName: "c", iamRoleArn: roleArn, snsTopicArns: [topicArn] };
const canary = { name: "n", s3Bucket: "b", s3Key: "k", artifactS3Location: "s3://b/r", executionRoleArn: roleArn };
const services = { monitorType: "DIMENSIONAL", monitorDimension: "SERVICE" };

describe("type tables: outputs of chat, costs and canaries", () => {
  const expected: [type: string, inputs: Properties, outputs: Record<string, unknown>][] = [
    [
      slackType,
      channel,
      {
        chatConfigurationArn: `arn:aws:chatbot::${account}:chat-configuration/slack-channel/c`,
        guardrailPolicyArns: /AdministratorAccess/,
      },
    ],
    [slackType, { ...channel, guardrailPolicyArns: ["p"] }, { guardrailPolicyArns: /^p$/ }],
    [teamsType, { ...channel, teamId: "t-1" }, { id: "t-1", chatConfigurationArn: /microsoft-teams-channel\/c$/ }],
    [
      of("budgets/Budget"),
      { name: "b" },
      { id: `${account}:b`, arn: `arn:aws:budgets::${account}:budget/b`, timePeriodStart: "2026-01-01_00:00" },
    ],
    [monitorType, services, { id: new RegExp(`^arn:aws:ce::${account}:anomalymonitor/[0-9a-f-]{36}$`) }],
    [of("costexplorer/AnomalySubscription"), {}, { arn: /:anomalysubscription\/[0-9a-f-]{36}$/, accountId: account }],
    [
      canaryType,
      { ...canary, startCanary: true },
      {
        id: "n",
        arn: `arn:aws:synthetics:eu-west-1:${account}:canary:n`,
        engineArn: new RegExp(`^arn:aws:lambda:eu-west-1:${account}:function:cwsyn-n-[0-9a-f-]{36}:1$`),
        status: "RUNNING",
      },
    ],
    [canaryType, canary, { status: "READY" }],
  ];
  for (const [type, inputs, outputs] of expected)
    it(`${type} answers ${Object.keys(outputs).join(", ")}`, () => {
      const context = contextWith();
      const id = spec(type).id(inputs, context);
      const found: Properties = { id, ...spec(type).outputs?.(inputs, id, context) };
      for (const [property, form] of Object.entries(outputs))
        if (form instanceof RegExp) assert.match(String(found[property]), form, property);
        else assert.equal(found[property], form, property);
    });
});

describe("type tables: what chat, costs and canaries refuse", () => {
  const chatbot = roleFor("chatbot.amazonaws.com");
  const lambda = roleFor("lambda.amazonaws.com");
  const notified = { notifications: [{ subscriberSnsTopicArns: [topicArn] }] };
  const subscribed = { subscribers: [{ type: "SNS", address: topicArn }] };
  const monitor = resource(monitorType, "m", services);
  const table: [type: string, inputs: Properties, there: CloudResource[], refused: RegExp | undefined][] = [
    [slackType, channel, [topic, chatbot], undefined],
    [slackType, channel, [chatbot], /SNS topic .*:t does not exist/],
    [teamsType, channel, [topic, lambda], /cannot assume the role/],
    [of("budgets/Budget"), notified, [topic], undefined],
    [of("budgets/Budget"), notified, [], /does not exist/],
    [of("costexplorer/AnomalySubscription"), subscribed, [], /does not exist/],
    [monitorType, services, [], undefined],
    [monitorType, services, [monitor], /Limit exceeded/],
    [canaryType, canary, [bucket, code, lambda], undefined],
    [canaryType, canary, [code, lambda], /The bucket b does not exist/],
    [canaryType, canary, [bucket, lambda], /There is no object k in b/],
    [canaryType, canary, [bucket, code, chatbot], /cannot be assumed by Lambda/],
  ];
  for (const [type, inputs, there, refused] of table)
    it(`${type} ${refused === undefined ? "is made" : `is refused: ${refused.source}`}`, () => {
      const answer = spec(type).refuseCreate?.(inputs, contextWith(there));
      if (refused === undefined) assert.equal(answer, undefined);
      else assert.match(answer ?? "", refused);
    });
});
