import { type Place, type Row, type Table, arn, bucket, iam, may, not } from "./row.ts";

const functions = ["validate", "catalog", "quality-gate", "publish", "quarantine"] as const;
const jobs = ["raw-to-processed", "daily-features", "quality"] as const;

const namespace = (name: string) => ({ "cloudwatch:namespace": name });
const tagging = (key: string) => ({ "s3:RequestObjectTagKeys": key });
const throughS3 = { "kms:ViaService": "s3.us-east-1.amazonaws.com" };

const dataKey = (place: Place) => arn(place, "kms", "key/data-encryption-key");
const table = (place: Place, database: string, name: string) =>
  arn(place, "glue", `table/slipway_${place.environment}_lakehouse${database}/${name}`);
const secret = (place: Place) =>
  arn(place, "secretsmanager", `secret:slipway/${place.environment}/data/source-credentials-abcdef`);
const other = (place: Place): Place => ({
  environment: place.environment === "prod" ? "dev" : "prod",
  account: place.account,
});

/** What every function and job has, and none of them has. */
function common(place: Place, logGroup: string): Row[] {
  const { account, environment } = place;
  const elsewhere = other(place);
  return [
    may("logs:PutLogEvents", arn(place, "logs", `log-group:${logGroup}:log-stream:x`)),
    may("kms:Decrypt", dataKey(place), throughS3),
    not("kms:Decrypt", dataKey(place)),
    not("kms:Decrypt", arn(place, "kms", "key/foundation-platform-key"), throughS3),
    not("s3:PutObject", bucket(place, "raw", "incoming/orders/a.csv")),
    not("s3:DeleteBucket", bucket(place, "raw")),
    not("s3:GetObject", bucket(elsewhere, "raw", "incoming/orders/a.csv")),
    not("lambda:InvokeFunction", arn(place, "lambda", `function:slipway-${environment}-data-validate`)),
    not("iam:PassRole", iam(account, `role/slipway-${environment}-data-pipeline-role`), {
      "iam:PassedToService": "lambda.amazonaws.com",
    }),
  ];
}

const functionRows: Readonly<Record<(typeof functions)[number], (place: Place) => Row[]>> = {
  validate: (place) => [
    may("s3:GetObject", bucket(place, "raw", "incoming/orders/a.csv")),
    may("s3:GetObject", bucket(place, "raw", "verification/run-1/incoming/orders/a.csv")),
    may("s3:ListBucket", bucket(place, "raw"), { "s3:prefix": "incoming/" }),
    not("s3:ListBucket", bucket(place, "raw"), { "s3:prefix": "private/" }),
    may("s3:PutObject", bucket(place, "quarantine", "files/orders/ab/x.csv")),
    not("s3:DeleteObject", bucket(place, "raw", "incoming/orders/a.csv")),
    not("s3:PutObject", bucket(place, "processed", "_state/current.json")),
    not("s3:DeleteObject", bucket(place, "processed", "_state/deliveries/o/a.json")),
    not("secretsmanager:GetSecretValue", secret(place)),
  ],
  catalog: (place) => [
    may("glue:BatchCreatePartition", table(place, "_staging", "orders")),
    not("glue:BatchUpdatePartition", table(place, "", "orders")),
    not("s3:PutObject", bucket(place, "processed", "_runs/1/x.json")),
    not("s3:PutObjectTagging", bucket(place, "processed", "orders/run=1/a.parquet"), tagging("slipway:superseded")),
  ],
  "quality-gate": (place) => [
    may("s3:GetObject", bucket(place, "processed", "_runs/1/quality.json")),
    not("s3:PutObject", bucket(place, "processed", "_runs/1/quality.json")),
    not("glue:GetTable", table(place, "", "orders")),
  ],
  publish: (place) => [
    may("s3:PutObject", bucket(place, "processed", "_state/current.json")),
    may("glue:BatchCreatePartition", table(place, "", "orders")),
    // That it may in its own name is not asked: the simulator wants a set operator on this key, EventBridge's own examples have none.
    not("events:PutEvents", arn(place, "events", "event-bus/default"), { "events:source": ["aws.s3"] }),
    may("cloudwatch:PutMetricData", "*", namespace("Slipway/Data")),
    not("cloudwatch:PutMetricData", "*", namespace("AWS/Lambda")),
    may("s3:PutObjectTagging", bucket(place, "processed", "orders/run=1/a.parquet"), tagging("slipway:superseded")),
    not("s3:PutObjectTagging", bucket(place, "processed", "orders/run=1/a.parquet"), tagging("owner")),
    not("s3:DeleteObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("glue:CreateTable", table(place, "", "orders")),
    not("glue:DeleteTable", table(place, "_verification", "orders")),
  ],
  quarantine: (place) => [
    may("s3:PutObject", bucket(place, "processed", "_state/given-up/a.json")),
    may("cloudwatch:PutMetricData", "*", namespace("Slipway/Data")),
    not("s3:PutObject", bucket(place, "processed", "_state/current.json")),
    not("events:PutEvents", arn(place, "events", "event-bus/default"), { "events:source": ["slipway.data"] }),
  ],
};

const jobRows: Readonly<Record<(typeof jobs)[number], (place: Place) => Row[]>> = {
  "raw-to-processed": (place) => [
    may("s3:GetObject", bucket(place, "raw", "incoming/orders/a.csv")),
    may("s3:PutObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    may("s3:PutObject", bucket(place, "quarantine", "rows/orders/a.json")),
    may("secretsmanager:GetSecretValue", secret(place)),
    not("secretsmanager:GetSecretValue", secret(other(place))),
    not("secretsmanager:PutSecretValue", secret(place)),
    not("s3:PutObject", bucket(place, "processed", "daily_features/run=1/a")),
    not("s3:PutObject", bucket(place, "processed", "_state/current.json")),
  ],
  "daily-features": (place) => [
    may("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    may("s3:PutObject", bucket(place, "processed", "daily_features/run=1/a.parquet")),
    not("s3:PutObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("s3:GetObject", bucket(place, "raw", "incoming/orders/a.csv")),
    not("secretsmanager:GetSecretValue", secret(place)),
  ],
  quality: (place) => [
    may("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    may("s3:PutObject", bucket(place, "processed", "_runs/1/quality.json")),
    not("s3:PutObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("s3:GetObject", bucket(place, "code", "scripts/quality/3.py")),
    not("secretsmanager:GetSecretValue", secret(place)),
  ],
};

function startRows(place: Place): Row[] {
  const own = `slipway-${place.environment}-data`;
  return [
    may("states:StartExecution", arn(place, "states", `stateMachine:${own}-pipeline`)),
    not("states:StartExecution", arn(place, "states", "stateMachine:other")),
    not("states:DeleteStateMachine", arn(place, "states", `stateMachine:${own}-pipeline`)),
    not("lambda:InvokeFunction", arn(place, "lambda", `function:${own}-validate`)),
  ];
}

function pipelineRows(place: Place): Row[] {
  const own = `slipway-${place.environment}-data`;
  return [
    may("lambda:InvokeFunction", arn(place, "lambda", `function:${own}-publish`)),
    not("lambda:InvokeFunction", arn(place, "lambda", "function:other")),
    may("glue:StartJobRun", arn(place, "glue", `job/${own}-quality`)),
    not("glue:UpdateJob", arn(place, "glue", `job/${own}-quality`)),
    may("sns:Publish", arn(place, "sns", `${own}-warning`)),
    not("sns:Publish", arn(place, "sns", "other")),
    not("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("kms:Decrypt", dataKey(place)),
  ];
}

/** Rows of the roles of the data pipeline. */
export function dataTable(place: Place): Table {
  const own = `slipway-${place.environment}-data`;
  const jobLogs = (job: string) => `/aws-glue/jobs/${own}-${job}/${own}-encrypted-role/${own}-${job}/output`;
  const queue = arn(place, "sqs", `${own}-dead-letters`);
  return {
    ...Object.fromEntries(
      functions.map((name) => [
        `${own}-functions-${name}-role`,
        [...common(place, `/aws/lambda/${own}-${name}`), ...functionRows[name](place)],
      ]),
    ),
    ...Object.fromEntries(
      jobs.map((name) => [`${own}-${name}`, [...common(place, jobLogs(name)), ...jobRows[name](place)]]),
    ),
    [`${own}-pipeline-role`]: pipelineRows(place),
    [`${own}-triggers-schedule-role`]: [...startRows(place), may("sqs:SendMessage", queue)],
    [`${own}-triggers-object-role`]: [...startRows(place), not("sqs:SendMessage", queue)],
  };
}
