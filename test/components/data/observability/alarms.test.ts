import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { alarmSpecs } from "../../../../components/data/alarms-specs.ts";
import { PipelineAlarms, type PipelineAlarmsArgs } from "../../../../components/data/alarms.ts";
import { promised, run } from "../../../support/harness.ts";
import { calls } from "../state-machine/args.ts";

const args: PipelineAlarmsArgs = {
  environment: "dev",
  stateMachineArn: "arn:machine",
  ...calls,
  datasets: ["orders", "daily_features"],
  deadLetterQueue: "dead-letters",
  deadLetterQueueArn: "arn:aws:sqs:us-east-1:222222222222:dead-letters",
  functionDeadLetterQueue: "function-dead-letters",
  thresholds: { durationMinutes: 45, quarantineRate: 0.2, qualityScore: 0.9 },
};

const specs = alarmSpecs(args);

/** What an alarm watches, when it rings, and what it makes of silence. */
const summary = specs.map((spec) => [
  spec.key,
  spec.severity,
  `${spec.namespace as string} ${spec.metricName as string} ${spec.statistic as string}`,
  `${spec.comparisonOperator as string} ${spec.threshold as number}`,
  spec.treatMissingData,
]);

const once = "GreaterThanOrEqualToThreshold 1";
const errors = "AWS/Lambda Errors Sum";

const table = [
  ["executions-failed", "critical", "AWS/States ExecutionsFailed Sum", once, "notBreaching"],
  ["executions-timed-out", "critical", "AWS/States ExecutionsTimedOut Sum", once, "notBreaching"],
  ["executions-throttled", "warning", "AWS/States ExecutionThrottled Sum", once, "notBreaching"],
  ["executions-slow", "warning", "AWS/States ExecutionTime Maximum", "GreaterThanThreshold 2700000", "notBreaching"],
  ...["orders", "daily-features"].flatMap((dataset) => [
    [
      `quarantine-rate-${dataset}`,
      "warning",
      "Slipway/Data QuarantineRate Maximum",
      "GreaterThanThreshold 0.2",
      "notBreaching",
    ],
    [
      `quality-score-${dataset}`,
      "warning",
      "Slipway/Data QualityScore Minimum",
      "LessThanThreshold 0.9",
      "notBreaching",
    ],
  ]),
  ["function-errors-validate", "warning", errors, once, "notBreaching"],
  ["function-errors-catalog", "warning", errors, once, "notBreaching"],
  ["function-errors-quality-gate", "warning", errors, once, "notBreaching"],
  ["function-errors-publish", "warning", errors, "GreaterThanOrEqualToThreshold 4", "notBreaching"],
  ["function-errors-quarantine", "warning", errors, once, "notBreaching"],
  ...["dead-letters", "function-dead-letters"].map((key) => [
    key,
    "critical",
    "AWS/SQS ApproximateNumberOfMessagesVisible Maximum",
    "GreaterThanThreshold 0",
    "ignore",
  ]),
];

describe("components/data/alarmSpecs", () => {
  it("watches executions, data, functions and starts that failed", () => {
    assert.deepEqual(summary, table);
  });

  it("looks at the metrics of this pipeline", () => {
    const dimensions = new Map(specs.map(({ key, dimensions: own }) => [key, own]));
    assert.deepEqual(dimensions.get("executions-failed"), { StateMachineArn: "arn:machine" });
    assert.deepEqual(dimensions.get("quality-score-daily-features"), { Environment: "dev", Dataset: "daily_features" });
    assert.deepEqual(dimensions.get("function-errors-quality-gate"), { FunctionName: "slipway-dev-data-quality-gate" });
    assert.deepEqual(dimensions.get("dead-letters"), { QueueName: "dead-letters" });
    assert.deepEqual(dimensions.get("function-dead-letters"), { QueueName: "function-dead-letters" });
  });

  it("says why it rings", () => {
    assert.ok(
      specs.every(({ alarmDescription }) => typeof alarmDescription === "string" && alarmDescription.length > 20),
    );
  });
});

describe("components/data/PipelineAlarms", () => {
  it("makes each alarm of the table, and a rule for job runs that fail", async () => {
    const { list } = await run(() => void new PipelineAlarms("alarms", args));
    assert.deepEqual(
      list(),
      [
        ...specs.map(({ key }) => `aws:cloudwatch/metricAlarm:MetricAlarm alarms-${key}`),
        "aws:cloudwatch/eventRule:EventRule alarms-jobs",
        "aws:cloudwatch/eventTarget:EventTarget alarms-jobs-target",
        "slipway:index:PipelineAlarms alarms",
      ].sort(),
    );
  });

  it("wakes the topic of the alarm's severity", async () => {
    const { get } = await run(() => void new PipelineAlarms("alarms", args));
    const alarm = (key: string) => get("aws:cloudwatch/metricAlarm:MetricAlarm", `alarms-${key}`).inputs;
    assert.deepEqual(alarm("executions-failed"), {
      name: "slipway-dev-data-executions-failed",
      alarmDescription: "An execution of the pipeline failed",
      namespace: "AWS/States",
      metricName: "ExecutionsFailed",
      dimensions: { StateMachineArn: "arn:machine" },
      statistic: "Sum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      alarmActions: [calls.topics.critical],
    });
    assert.deepEqual(alarm("executions-slow").alarmActions, [calls.topics.warning]);
  });

  it("tells the warning topic of job runs that did not end well", async () => {
    const { get } = await run(() => void new PipelineAlarms("alarms", args));
    const { eventPattern } = get("aws:cloudwatch/eventRule:EventRule", "alarms-jobs").inputs;
    assert.deepEqual(JSON.parse(String(eventPattern)), {
      source: ["aws.glue"],
      "detail-type": ["Glue Job State Change"],
      detail: {
        jobName: ["slipway-dev-data-raw-to-processed", "slipway-dev-data-daily-features", "slipway-dev-data-quality"],
        state: ["FAILED", "TIMEOUT", "STOPPED"],
      },
    });
    const target = get("aws:cloudwatch/eventTarget:EventTarget", "alarms-jobs-target").inputs;
    const { arn, rule, inputTransformer } = target;
    assert.deepEqual(target["deadLetterConfig"], { arn: args.deadLetterQueueArn }, "what no topic takes is kept");
    assert.deepEqual([arn, rule], [calls.topics.warning, "slipway-dev-data-job-failed"]);
    const { inputPaths, inputTemplate } = inputTransformer as {
      inputPaths: Record<string, string>;
      inputTemplate: string;
    };
    const names = Array.from(inputTemplate.matchAll(/<(\w+)>/g), ([, name]) => name);
    assert.deepEqual(names.toSorted(), Object.keys(inputPaths).toSorted());
    assert.deepEqual(Object.keys(JSON.parse(inputTemplate.replaceAll(/<\w+>/g, '""')) as object), names);
  });

  it("hands on the ARNs of its alarms, in the order of the table", async () => {
    let made: PipelineAlarms | undefined;
    const outputs = { "aws:cloudwatch/metricAlarm:MetricAlarm": (name: string) => ({ arn: `arn:${name}` }) };
    await run(
      () => {
        made = new PipelineAlarms("alarms", args);
      },
      { outputs },
    );
    assert.deepEqual(
      await promised(made?.alarms),
      specs.map(({ key }) => `arn:alarms-${key}`),
    );
  });
});
