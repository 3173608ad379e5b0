import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const topicArn = "arn:aws:sns:eu-west-1:111111111111:t";
const alarm = {
  ...{ name: "a", comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1, threshold: 0, period: 60 },
  ...{ metricName: "ExecutionsFailed", namespace: "AWS/States", statistic: "Sum", alarmActions: [topicArn] },
};
const query = (id: string, more: object) => ({ id, ...more });
const queries = [
  query("e", { expression: "failed / started", returnData: true }),
  query("failed", { metric: { metricName: "Failed" } }),
];
const math = { ...alarm, metricName: undefined, statistic: undefined, namespace: undefined, period: undefined };
const widget = (more: object) => ({
  ...{ type: "metric", x: 0, y: 0, width: 12, height: 6, properties: { metrics: [["AWS/States", "ExecutionTime"]] } },
  ...more,
});
const dashboard = (...widgets: object[]) => ({ dashboardName: "d", dashboardBody: JSON.stringify({ widgets }) });
const object = { bucket: "b", key: "k", content: "x" };
const send = (events: string[], filterPrefix: string) => ({
  ...{ lambdaFunctionArn: "arn:aws:lambda:eu-west-1:111111111111:function:f", events },
  filterPrefix,
});
const created = ["s3:ObjectCreated:*"];

/** Alarms, dashboards, queries and what is in buckets. */
export const monitoringCases: Readonly<Record<string, InputCases>> = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    valid: [alarm, { ...math, metricQueries: queries }, { ...alarm, threshold: unknown, period: unknown }],
    invalid: [
      ["comparisonOperator", { ...alarm, comparisonOperator: ">" }],
      ["statistic", { ...alarm, statistic: undefined }],
      ["statistic", { ...alarm, extendedStatistic: "p99" }],
      ["extendedStatistic", { ...alarm, statistic: undefined, extendedStatistic: "median" }],
      ["namespace", { ...alarm, namespace: undefined }],
      ["metricName", { ...alarm, metricName: undefined }],
      ["metricQueries", { ...alarm, metricQueries: queries }],
      ["metricQueries", { ...math, metricQueries: [queries[1] ?? {}] }],
      ["metricQueries", { ...math, metricQueries: [...queries, queries[0] ?? {}] }],
      ["metricQueries", { ...math, metricQueries: [query("E", { expression: "1", returnData: true })] }],
      ["metricQueries", { ...math, metricQueries: [query("e", { returnData: true })] }],
      ["period", { ...alarm, period: 45 }],
      ["evaluationPeriods", { ...alarm, period: 300, evaluationPeriods: 289 }],
      ["evaluationPeriods", { ...alarm, period: 86_400, evaluationPeriods: 8 }],
      ["datapointsToAlarm", { ...alarm, datapointsToAlarm: 2 }],
      ["threshold", { ...alarm, threshold: undefined }],
      ["treatMissingData", { ...alarm, treatMissingData: "quiet" }],
      ["alarmActions", { ...alarm, alarmActions: ["t"] }],
      ["alarmActions", { ...alarm, alarmActions: Array.from({ length: 6 }, () => topicArn) }],
    ],
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    valid: ['ALARM("a b") AND NOT (OK(c) OR TRUE)', "AT_LEAST(2, ALARM, (a, b, c))"].map((alarmRule) => ({
      alarmName: "c",
      alarmRule,
    })),
    invalid: [
      "",
      "ALARM(a",
      "RINGS(a)",
      "ALARM(a) ALARM(b)",
      "ALARM()",
      "ALARM(a) AND",
      "AT_LEAST(two, ALARM, (a))",
    ].map((alarmRule) => ["alarmRule", { alarmName: "c", alarmRule }]),
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    valid: [
      dashboard(widget({}), widget({ x: 12 }), widget({ type: "text", properties: { markdown: "# x" } })),
      { dashboardName: "d", dashboardBody: unknown },
    ],
    invalid: [
      ["dashboardName", { ...dashboard(), dashboardName: "a b" }],
      ["dashboardBody", { dashboardName: "d", dashboardBody: "{" }],
      ["dashboardBody", { dashboardName: "d", dashboardBody: "{}" }],
      ["dashboardBody", dashboard(widget({ x: 13 }))],
      ["dashboardBody", dashboard(widget({ width: 25 }))],
      ["dashboardBody", dashboard(widget({ height: 0 }))],
      ["dashboardBody", dashboard(widget({ type: "picture" }))],
      ["dashboardBody", dashboard(widget({ properties: {} }))],
      ["dashboardBody", dashboard(widget({ type: "log" }))],
    ],
  },
  "aws:athena/workgroup:Workgroup": {
    valid: [
      { name: "w" },
      {
        name: "w",
        configuration: {
          bytesScannedCutoffPerQuery: 10_737_418_240,
          resultConfiguration: {
            outputLocation: "s3://b/results/",
            encryptionConfiguration: { encryptionOption: "SSE_KMS", kmsKeyArn: "k" },
          },
        },
      },
    ],
    invalid: [
      ["name", { name: "a b" }],
      ["state", { name: "w", state: "ON" }],
      ["configuration", { name: "w", configuration: { bytesScannedCutoffPerQuery: 1 } }],
      ["configuration", { name: "w", configuration: { resultConfiguration: { outputLocation: "/tmp" } } }],
      [
        "configuration",
        {
          name: "w",
          configuration: { resultConfiguration: { encryptionConfiguration: { encryptionOption: "SSE_KMS" } } },
        },
      ],
    ],
  },
  "aws:s3/bucketObjectv2:BucketObjectv2": {
    valid: [object, { bucket: "b", key: "k" }, { ...object, key: unknown }],
    invalid: [
      ["bucket", { key: "k" }],
      ["content", { ...object, source: { hash: "00" } }],
      ["kmsKeyId", { ...object, kmsKeyId: "alias/x" }],
      ["etag", { ...object, kmsKeyId: "arn:aws:kms:eu-west-1:111111111111:key/k", etag: "x" }],
      ["metadata", { ...object, metadata: { Owner: "x" } }],
      ["tags", { ...object, tags: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, ""])) }],
    ],
  },
  "aws:s3/bucketNotification:BucketNotification": {
    valid: [
      { bucket: "b", eventbridge: true },
      { bucket: "b", lambdaFunctions: [send(created, "a/"), send(created, "b/")] },
      { bucket: "b", lambdaFunctions: [send(created, "a/"), send(["s3:ObjectRemoved:*"], "a/")] },
    ],
    invalid: [
      ["lambdaFunctions", { bucket: "b", lambdaFunctions: [send(["s3:Created"], "")] }],
      ["queues", { bucket: "b", queues: [{ queueArn: topicArn, events: created }] }],
      ["bucket", { bucket: "b", lambdaFunctions: [send(created, "a/"), send(["s3:ObjectCreated:Put"], "a/b/")] }],
    ],
  },
};
