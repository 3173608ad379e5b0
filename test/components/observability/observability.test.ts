import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { validateObservability } from "../../../components/observability/observability.ts";
import { checkSchema } from "../../../config/outputs.ts";
import type { Run } from "../../support/harness.ts";
import { args, everything, made } from "./fixture.ts";

const dashboard = (subject: string) => `aws:cloudwatch/dashboard:Dashboard observability-${subject}`;
const usual = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm observability-rollback",
  ...["delivery", "model", "services", "streams"].map(dashboard),
  "aws:cloudwatch/metricAlarm:MetricAlarm observability-delivery-failed",
  "aws:cloudwatch/metricAlarm:MetricAlarm data-alarm",
  "slipway:index:Observability observability",
  "slipway:index:Pipeline data",
];
const told = [
  "aws:budgets/budget:Budget observability-costs-budget",
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration observability-chat-slack-critical",
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration observability-chat-slack-warning",
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration observability-chat-teams-info-critical",
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor observability-costs-monitor",
  "aws:costexplorer/anomalySubscription:AnomalySubscription observability-costs-anomalies",
  "aws:iam/role:Role observability-chat-role",
  "aws:iam/rolePolicy:RolePolicy observability-chat-policy",
  "slipway:index:Chat observability-chat",
  "slipway:index:Costs observability-costs",
];
const s3 = (type: string, name: string) =>
  `aws:s3/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type} observability-http-${name}`;
const asked = [
  "aws:cloudwatch/logGroup:LogGroup observability-http-logs",
  "aws:cloudwatch/metricAlarm:MetricAlarm observability-http-failed",
  "aws:iam/role:Role observability-http-role",
  "aws:iam/rolePolicy:RolePolicy observability-http-policy",
  "aws:kms/alias:Alias observability-http-encryption-alias",
  "aws:kms/key:Key observability-http-encryption-key",
  s3("Bucket", "bucket-bucket"),
  s3("BucketLifecycleConfiguration", "bucket-lifecycle"),
  s3("BucketObjectv2", "script"),
  s3("BucketOwnershipControls", "bucket-ownership"),
  s3("BucketPolicy", "bucket-policy"),
  s3("BucketPublicAccessBlock", "bucket-public-access"),
  s3("BucketServerSideEncryptionConfiguration", "bucket-encryption"),
  s3("BucketVersioning", "bucket-versioning"),
  "aws:synthetics/canary:Canary observability-http-canary",
  "slipway:index:EncryptionKey observability-http-encryption",
  "slipway:index:HttpChecks observability-http",
  "slipway:index:SecureBucket observability-http-bucket",
];
const outputsOf = ({ outputs }: Run) =>
  outputs as unknown as { observability: Record<string, unknown>; checks: { alarms: string[] }[] };

describe("components/observability: what it makes", () => {
  it("is pages, the signal and one alarm, as long as nobody wants more", async () => {
    assert.deepEqual((await made()).list(), usual.sort());
  });

  it("is everything with every option, in a preview as well", async () => {
    const all = [...usual, ...told, ...asked].sort();
    assert.deepEqual((await made({ settings: everything })).list(), all);
    assert.deepEqual((await made({ settings: everything }, { preview: true })).list(), all);
  });

  it("is pages on services and deliveries alone, where there are services alone", async () => {
    const alone = { topics: undefined, pipelines: [], alarms: [], model: undefined, streams: undefined };
    const found = await made(alone);
    const own = ["delivery", "services"].map(dashboard);
    assert.deepEqual(found.list(), [...own, "slipway:index:Observability observability"].sort());
    assert.deepEqual(outputsOf(found).checks, []);
    assert.deepEqual(Object.keys(outputsOf(found).observability), ["dashboards"]);
  });

  it("is no page on deliveries where the driver tells of none", async () => {
    const list = (await made({ delivery: undefined })).list();
    const without = [dashboard("delivery"), "aws:cloudwatch/metricAlarm:MetricAlarm observability-delivery-failed"];
    assert.deepEqual(list, usual.filter((resource) => !without.includes(resource)).sort());
  });

  it("makes no topic, whatever is wanted: alarms, chat and costs share those of the data pipeline", async () => {
    assert.deepEqual((await made({ settings: everything })).ofType("aws:sns/topic:Topic"), []);
  });
});

describe("components/observability: what it tells others", () => {
  it("says where to look, and has a check that the driver understands", async () => {
    const found = outputsOf(await made({ settings: everything }));
    assert.deepEqual(found.observability, {
      dashboards: Object.fromEntries(
        ["delivery", "services", "model", "streams"].map((subject) => [subject, `slipway-dev-${subject}`]),
      ),
      rollbackAlarm: "slipway-dev-rollback",
      canary: "slipway-dev-http",
    });
    assert.deepEqual(found.checks, [
      { kind: "alarm", name: "environment", region: "us-east-1", alarms: ["slipway-dev-rollback"] },
    ]);
    for (const check of found.checks) checkSchema.parse(check);
  });
});

describe("components/observability: bad arguments", () => {
  it("finds what would be told where nobody could hear it", async () => {
    const bad = { topics: undefined, apiEndpoint: undefined, settings: everything };
    const problems = validateObservability({ ...args, pipelines: [], ...bad });
    assert.deepEqual(
      problems.map((line) => line.split(":")[0]),
      ["`chat`", "`budget`", "`anomalies`", "`checks`", "`checks.models`"],
    );
    await assert.rejects(made(bad), /observability cannot be built:\n`chat`: got "on", expected topics/);
  });

  it("finds nothing wrong with good arguments", () =>
    assert.deepEqual(validateObservability({ ...args, pipelines: [], settings: everything }), []));
});
