import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { byChannel } from "../../../components/observability/chat.ts";
import { Alerts, usedByAlerts } from "../../../components/data/alerts.ts";
import { policyOf, run } from "../../support/harness.ts";
import { everything, made, topics } from "./fixture.ts";

const slackType = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration";
const teamsType = "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration";

describe("components/observability: chat", () => {
  it("brings each severity into its channel, where people read and do nothing else", async () => {
    const { get } = await made({ settings: everything });
    const common = {
      iamRoleArn: "arn:aws:iam::111111111111:role/observability-chat-role",
      guardrailPolicyArns: ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
      loggingLevel: "NONE",
    };
    assert.deepEqual(get(slackType, "observability-chat-slack-critical").inputs, {
      ...common,
      configurationName: "slipway-dev-slack-critical",
      slackTeamId: "T0123ABCD",
      slackChannelId: "C0CRIT000",
      snsTopicArns: [topics.critical],
    });
    assert.deepEqual(get(teamsType, "observability-chat-teams-info-critical").inputs, {
      ...common,
      configurationName: "slipway-dev-teams-info-critical",
      tenantId: "11111111-2222-3333-4444-555555555555",
      teamId: "66666666-7777-8888-9999-000000000000",
      channelId: "19%3aab%40thread.tacv2",
      snsTopicArns: [topics.info, topics.critical],
    });
  });

  it("lets AWS draw metrics for this account, and nothing more", async () => {
    const { get } = await made({ settings: everything });
    assert.deepEqual(policyOf(get("aws:iam/rolePolicy:RolePolicy", "observability-chat-policy")).Statement, [
      { Sid: "DrawMetrics", Effect: "Allow", Action: ["cloudwatch:GetMetricWidgetImage"], Resource: ["*"] },
    ]);
    const trust = policyOf(get("aws:iam/role:Role", "observability-chat-role"), "assumeRolePolicy");
    assert.deepEqual(trust.Statement[0]?.["Principal"], { Service: ["chatbot.amazonaws.com"] });
    assert.deepEqual(trust.Statement[0]?.["Condition"], { StringEquals: { "aws:SourceAccount": "222222222222" } });
  });

  it("makes one configuration for a channel of several severities", () => {
    assert.deepEqual(
      [...byChannel({ info: "a", warning: "b", critical: "a" })],
      [
        ["a", ["info", "critical"]],
        ["b", ["warning"]],
      ],
    );
    assert.deepEqual([...byChannel({})], []);
  });
});

describe("components/observability: costs", () => {
  it("warn at each percentage of the budget, and before the month comes to all of it", async () => {
    const { inputs } = (await made({ settings: everything })).get(
      "aws:budgets/budget:Budget",
      "observability-costs-budget",
    );
    assert.deepEqual(
      [inputs.name, inputs.budgetType, inputs.timeUnit, inputs.limitAmount, inputs.limitUnit],
      ["slipway-dev-monthly", "COST", "MONTHLY", "750.5", "USD"],
    );
    const all = inputs.notifications as Record<string, unknown>[];
    assert.deepEqual(
      all.map(({ notificationType, threshold }) => [notificationType, threshold]),
      [
        ["ACTUAL", 50],
        ["ACTUAL", 100],
        ["FORECASTED", 100],
      ],
    );
    for (const { subscriberSnsTopicArns, thresholdType } of all)
      assert.deepEqual([subscriberSnsTopicArns, thresholdType], [[topics.warning], "PERCENTAGE"]);
  });

  it("warn at once of what is out of the ordinary by the amount given", async () => {
    const { get } = await made({ settings: everything });
    assert.deepEqual(get("aws:costexplorer/anomalyMonitor:AnomalyMonitor", "observability-costs-monitor").inputs, {
      ...{ name: "slipway-dev-costs", monitorType: "DIMENSIONAL", monitorDimension: "SERVICE" },
    });
    const { inputs } = get("aws:costexplorer/anomalySubscription:AnomalySubscription", "observability-costs-anomalies");
    assert.equal(inputs.frequency, "IMMEDIATE");
    assert.deepEqual(inputs.subscribers, [{ type: "SNS", address: topics.warning }]);
    const { dimension } = inputs.thresholdExpression as { dimension: { values: string[] } };
    assert.deepEqual(dimension.values, ["20"]);
  });

  it("reach the encrypted topic of warnings, where they are wanted, and no other", async () => {
    const place = { environment: "dev", account: "222222222222", region: "us-east-1" };
    const publishers = ["budgets", "anomalies"] as const;
    const services = ["budgets.amazonaws.com", "costalerts.amazonaws.com"];
    const [key] = usedByAlerts(place, publishers);
    assert.deepEqual(
      (key?.principals as { Service: string[] }).Service.filter((service) => services.includes(service)),
      services,
    );
    const { get } = await run(() => void new Alerts("alerts", { ...place, keyArn: "arn:key", publishers }));
    for (const severity of ["info", "warning", "critical"]) {
      const { Statement } = policyOf(get("aws:sns/topicPolicy:TopicPolicy", `alerts-${severity}-policy`));
      const ofCosts = Statement.filter(({ Principal }) =>
        services.some((service) => JSON.stringify(Principal).includes(service)),
      );
      assert.equal(ofCosts.length, severity === "warning" ? 2 : 0, severity);
      for (const { Condition, Action } of ofCosts) {
        assert.deepEqual(Condition, { StringEquals: { "aws:SourceAccount": place.account } });
        assert.deepEqual(Action, ["sns:Publish"]);
      }
    }
  });
});
