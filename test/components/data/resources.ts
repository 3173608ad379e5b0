const functions = ["catalog", "publish", "quality-gate", "quarantine", "validate"];
const jobs = ["daily-features", "quality", "raw-to-processed"];
const buckets = ["code", "logs", "processed", "quarantine", "raw", "results"];
const datasets = ["daily-features", "orders"];
const severities = ["critical", "info", "warning"];

/** Names with something before and after them. */
const each = (before: string, names: readonly string[], after = "") => names.map((name) => `${before}${name}${after}`);

const roles = [
  ...each("data-functions-", functions),
  ...each("data-jobs-", jobs),
  "data-pipeline",
  "data-triggers-object",
  "data-triggers-schedule",
];

const alarms = [
  "dead-letters",
  "function-dead-letters",
  ...each("executions-", ["failed", "slow", "throttled", "timed-out"]),
  ...each("function-errors-", functions),
  ...each("quality-score-", datasets),
  ...each("quarantine-rate-", datasets),
];

const code = [...each("functions-", functions), "layers-lakehouse", "libraries-lakehouse", ...each("scripts-", jobs)];

const parts: readonly [type: string, part: string][] = [
  ["bucket:Bucket", "bucket"],
  ["bucketLifecycleConfiguration:BucketLifecycleConfiguration", "lifecycle"],
  ["bucketOwnershipControls:BucketOwnershipControls", "ownership"],
  ["bucketPolicy:BucketPolicy", "policy"],
  ["bucketPublicAccessBlock:BucketPublicAccessBlock", "public-access"],
  ["bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "encryption"],
  ["bucketVersioning:BucketVersioning", "versioning"],
];

const byType: readonly [type: string, names: readonly string[]][] = [
  ["athena/workgroup:Workgroup", ["data-queries-workgroup"]],
  ["cloudwatch/dashboard:Dashboard", ["data-page-dashboard"]],
  ["cloudwatch/eventRule:EventRule", ["data-alarms-jobs", "data-triggers-object"]],
  ["cloudwatch/eventTarget:EventTarget", ["data-alarms-jobs-target", "data-triggers-object-target"]],
  [
    "cloudwatch/logGroup:LogGroup",
    [
      ...each("data-functions-", functions, "-logs"),
      ...each("data-jobs-", jobs, "-error-logs"),
      ...each("data-jobs-", jobs, "-output-logs"),
      "data-pipeline-logs",
    ],
  ],
  ["cloudwatch/metricAlarm:MetricAlarm", each("data-alarms-", alarms)],
  ["glue/catalogDatabase:CatalogDatabase", each("data-catalog-", ["live", "staging", "verification"])],
  ["glue/catalogTable:CatalogTable", each("data-catalog-", datasets)],
  ["glue/dataQualityRuleset:DataQualityRuleset", each("data-catalog-", datasets, "-rules")],
  ["glue/job:Job", each("data-jobs-", jobs, "-job")],
  ["glue/securityConfiguration:SecurityConfiguration", ["data-security-configuration"]],
  ["iam/role:Role", each("", roles, "-role")],
  ["iam/rolePolicy:RolePolicy", each("", roles, "-policy")],
  ["kms/alias:Alias", ["data-encryption-alias"]],
  ["kms/key:Key", ["data-encryption-key"]],
  ["lambda/function:Function", each("data-functions-", functions, "-function")],
  ["lambda/layerVersion:LayerVersion", ["data-functions-library"]],
  ...parts.map(([type, part]): [string, string[]] => [`s3/${type}`, each("data-lake-", buckets, `-${part}`)]),
  [
    "s3/bucketLogging:BucketLogging",
    each("data-lake-", ["code", "processed", "quarantine", "raw", "results"], "-logging"),
  ],
  ["s3/bucketNotification:BucketNotification", ["data-lake-raw-events"]],
  ["s3/bucketObjectv2:BucketObjectv2", each("data-code-", code)],
  ["scheduler/schedule:Schedule", ["data-triggers-schedule"]],
  ["secretsmanager/secret:Secret", ["data-security-source-credentials"]],
  ["sfn/stateMachine:StateMachine", ["data-pipeline-machine"]],
  ["sns/topic:Topic", each("data-alerts-", severities)],
  ["sns/topicPolicy:TopicPolicy", each("data-alerts-", severities, "-policy")],
  ["sns/topicSubscription:TopicSubscription", ["data-alerts-critical-oncall@example.com"]],
  ["sqs/queue:Queue", ["data-functions-dead-letters", "data-triggers-dead-letters"]],
  ["sqs/queuePolicy:QueuePolicy", ["data-functions-dead-letters-policy", "data-triggers-dead-letters-policy"]],
];

/** Everything that the pipeline of the fixture consists of, by type and name. */
export const resources = byType.flatMap(([type, names]) => names.map((name) => `aws:${type} ${name}`));

const componentsByKind: readonly [kind: string, names: readonly string[]][] = [
  ["Alerts", ["data-alerts"]],
  ["DataFunction", each("data-functions-", functions)],
  ["DataFunctions", ["data-functions"]],
  ["DataJob", each("data-jobs-", jobs)],
  ["DataJobs", ["data-jobs"]],
  ["DataPipeline", ["data"]],
  ["EncryptionKey", ["data-encryption"]],
  ["LakeBuckets", ["data-lake"]],
  ["LakeCatalog", ["data-catalog"]],
  ["LakeCode", ["data-code"]],
  ["LakeSecurity", ["data-security"]],
  ["PipelineAlarms", ["data-alarms"]],
  ["PipelineDashboard", ["data-page"]],
  ["PipelineStateMachine", ["data-pipeline"]],
  ["QueryWorkgroup", ["data-queries"]],
  ["SecureBucket", each("data-lake-", buckets)],
  ["Triggers", ["data-triggers"]],
];

/** The components that group it. */
export const components = componentsByKind.flatMap(([kind, names]) =>
  names.map((name) => `slipway:index:${kind} ${name}`),
);
