import { fileURLToPath } from "node:url";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Observability, type ObservabilityArgs } from "../../../components/observability/observability.ts";
import { SlipwayComponent, childOf } from "../../../components/shared/component.ts";
import { deliveryMetrics, streamMetrics } from "../../../config/metrics.ts";
import { type Run, type RunOptions, run } from "../../support/harness.ts";

const at = "us-east-1:222222222222";
export const topics = {
  info: `arn:aws:sns:${at}:slipway-dev-data-info`,
  warning: `arn:aws:sns:${at}:slipway-dev-data-warning`,
  critical: `arn:aws:sns:${at}:slipway-dev-data-critical`,
};
export const script = {
  path: fileURLToPath(new URL("../../../observability/canary/check.py", import.meta.url)),
  digest: `sha256:${"a".repeat(64)}`,
};

/** Every option there is. */
export const everything: ObservabilityArgs["settings"] = {
  chat: {
    slack: { workspace: "T0123ABCD", channels: { warning: "C0WARN000", critical: "C0CRIT000" } },
    teams: {
      tenant: "11111111-2222-3333-4444-555555555555",
      team: "66666666-7777-8888-9999-000000000000",
      channels: { info: "19%3aab%40thread.tacv2", critical: "19%3aab%40thread.tacv2" },
    },
  },
  budget: { monthlyUsd: 750.5, percentages: [50, 100] },
  anomalies: { minimumUsd: 20 },
  checks: { everyMinutes: 5, models: true, urls: { web: "https://www.example.com/health" } },
};

export const args: Omit<ObservabilityArgs, "pipelines"> = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  settings: {},
  delivery: deliveryMetrics,
  topics,
  alarms: ["slipway-dev-data-executions-failed", "slipway-dev-model-endpoint-errors"],
  services: { clusterName: "slipway-dev" },
  model: {
    trainingPipeline: "slipway-dev-training-pipeline",
    endpoint: { name: "slipway-dev-housing", variant: "serving" },
    functions: ["slipway-dev-training-handler", "slipway-dev-models-api"],
    apiId: "abc123",
    deadLetterQueue: "slipway-dev-model-dead-letters",
  },
  streams: { processors: ["orders", "fraud"], metrics: streamMetrics },
  apiEndpoint: "https://abc123.execute-api.us-east-1.amazonaws.com",
  script,
  lifetimes: { logRetentionDays: 7, keyDeletionDays: 7, removal: "retain" },
};

/** Stands for a pipeline, whose alarms have to be there before any rule about them. */
class Pipeline extends SlipwayComponent {
  constructor() {
    super("Pipeline", "data");
    const watched = { comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1 };
    new aws.cloudwatch.MetricAlarm("data-alarm", watched, childOf(this));
    this.registerOutputs({});
  }
}

const options: RunOptions = {
  outputs: {
    "aws:cloudwatch/metricAlarm:MetricAlarm": (_, { name }) => ({
      arn: `arn:aws:cloudwatch:${at}:alarm:${String(name)}`,
    }),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (_, { alarmName }) => ({
      arn: `arn:aws:cloudwatch:${at}:alarm:${String(alarmName)}`,
    }),
    "aws:synthetics/canary:Canary": (_, { name }) => ({
      engineArn: `arn:aws:lambda:${at}:function:cwsyn-${String(name)}-0a1b:3`,
    }),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": () => ({ arn: "arn:aws:ce::222222222222:anomalymonitor/1" }),
  },
};

export type Change = Partial<ObservabilityArgs>;

/** Observability with some arguments changed. */
export function made(change: Change = {}, more: RunOptions = {}): Promise<Run> {
  return run(
    () => {
      const pipelines = change.pipelines ?? [new Pipeline()];
      const { observability, checks } = new Observability("observability", { ...args, pipelines, ...change });
      return { observability, checks: pulumi.output(checks) };
    },
    { ...options, ...more },
  );
}
