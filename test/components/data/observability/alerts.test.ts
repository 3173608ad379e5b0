import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Alerts, severities, usedByAlerts } from "../../../../components/data/alerts.ts";
import { type RunOptions, policyOf, run } from "../../../support/harness.ts";

const args = { environment: "dev", account: "222222222222", region: "us-east-1", keyArn: "arn:key" };
const arn = (severity: string) => `arn:aws:sns:us-east-1:222222222222:slipway-dev-data-${severity}`;
const options: RunOptions = {
  outputs: { "aws:sns/topic:Topic": (_, { name }) => ({ arn: arn(String(name).replace("slipway-dev-data-", "")) }) },
};

const plain = ["info", "warning", "critical"].flatMap((severity) => [
  `aws:sns/topic:Topic alerts-${severity}`,
  `aws:sns/topicPolicy:TopicPolicy alerts-${severity}-policy`,
]);

describe("components/data/Alerts", () => {
  it("makes an encrypted topic for each severity", async () => {
    const { list, get } = await run(() => void new Alerts("alerts", args), options);
    assert.deepEqual(list(), [...plain, "slipway:index:Alerts alerts"].sort());
    for (const severity of severities) {
      const { inputs } = get("aws:sns/topic:Topic", `alerts-${severity}`);
      assert.deepEqual(inputs, { name: `slipway-dev-data-${severity}`, kmsMasterKeyId: "arn:key" });
    }
  });

  it("subscribes the addresses of each severity to its topic", async () => {
    const subscribers = { warning: ["data@example.com"], critical: ["data@example.com", "on-call@example.com"] };
    const { list, get } = await run(() => void new Alerts("alerts", { ...args, subscribers }), options);
    const subscription = "aws:sns/topicSubscription:TopicSubscription";
    assert.deepEqual(
      list().filter((entry) => entry.startsWith(subscription)),
      ["critical-data", "critical-on-call", "warning-data"].map((who) => `${subscription} alerts-${who}@example.com`),
    );
    assert.deepEqual(get(subscription, "alerts-critical-on-call@example.com").inputs, {
      topic: arn("critical"),
      protocol: "email",
      endpoint: "on-call@example.com",
    });
  });

  const alarms = {
    Sid: "PublishByAlarms",
    Effect: "Allow",
    Principal: { Service: ["cloudwatch.amazonaws.com"] },
    Condition: {
      StringEquals: { "aws:SourceAccount": "222222222222" },
      ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:222222222222:alarm:*" },
    },
  };
  const events = { Sid: "PublishByEvents", Effect: "Allow", Principal: { Service: ["events.amazonaws.com"] } };
  const publishers = { info: [], warning: [alarms, events], critical: [alarms] };
  for (const severity of severities) {
    it(`takes ${severity} messages over TLS from exactly who has any`, async () => {
      const { get } = await run(() => void new Alerts("alerts", args), options);
      const policy = get("aws:sns/topicPolicy:TopicPolicy", `alerts-${severity}-policy`);
      assert.equal(policy.inputs.arn, arn(severity));
      const what = { Action: ["sns:Publish"], Resource: [arn(severity)] };
      assert.deepEqual(policyOf(policy).Statement, [
        {
          Sid: "DenyPlainHttp",
          Effect: "Deny",
          Principal: "*",
          ...what,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        ...publishers[severity].map((publisher) => ({ ...publisher, ...what })),
      ]);
    });
  }

  it("lets services use the key for these topics and queues only", () => {
    assert.deepEqual(
      usedByAlerts(args).map(({ sid, principals, actions, conditions }) => [sid, principals, actions, conditions]),
      [
        [
          "UsedForAlerts",
          { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] },
          ["kms:Decrypt", "kms:GenerateDataKey"],
          { StringLike: { "kms:EncryptionContext:aws:sns:topicArn": arn("*") } },
        ],
        [
          "UsedForDeadLetters",
          { Service: "events.amazonaws.com" },
          ["kms:Decrypt", "kms:GenerateDataKey"],
          {
            StringLike: {
              "kms:EncryptionContext:aws:sqs:arn": "arn:aws:sqs:us-east-1:222222222222:slipway-dev-data-*",
            },
          },
        ],
      ],
    );
  });
});
