import { allow, bucketArn, glueArns, keyThrough, traces, under } from "./statements.ts";

export const queue = "arn:aws:sqs:us-east-1:222222222222:slipway-dev-data-function-dead-letters";

const [raw, processed, quarantine] = [bucketArn("raw"), bucketArn("processed"), bucketArn("quarantine")];
const read = (sid: string, bucket: string, ...prefixes: string[]) =>
  allow(sid, ["s3:GetObject"], under(bucket, ...prefixes));
const write = (sid: string, bucket: string, ...prefixes: string[]) =>
  allow(sid, ["s3:PutObject", "s3:AbortMultipartUpload"], under(bucket, ...prefixes));
const list = (sid: string, bucket: string, ...prefixes: string[]) =>
  allow(sid, ["s3:ListBucket"], [bucket], {
    StringLikeIfExists: {
      "s3:prefix": [
        ...prefixes.map((prefix) => `${prefix}*`),
        ...prefixes.map((prefix) => `verification/*/${prefix}*`),
      ],
    },
  });
const listNotes = list("ListNotes", processed, "_runs/", "_state/");
const [readRun, writeRun] = [read("ReadRun", processed, "_runs/"), write("WriteRun", processed, "_runs/")];
const readState = read("ReadState", processed, "_state/");
const tables = (...databases: string[]) =>
  allow("ReadTables", ["glue:GetTable", "glue:GetPartitions"], glueArns(...databases));
const partitions = (...databases: string[]) =>
  allow(
    "ChangePartitions",
    ["glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:DeletePartition"],
    glueArns(...databases),
  );
const copies = (database: string) =>
  allow("KeepCopiesOfTables", ["glue:CreateTable", "glue:UpdateTable"], glueArns(database));
const metrics = allow("PutMetrics", ["cloudwatch:PutMetricData"], ["*"], {
  StringEquals: { "cloudwatch:namespace": ["Slipway/Data"] },
});
const takeNote = write("NoteGivenUp", processed, "_state/given-up/");
const dropNote = allow("ForgetGivenUp", ["s3:DeleteObject"], under(processed, "_state/given-up/"));
const folders = ["orders/run=*", "daily_features/run=*"];
const tagging = [
  allow("ListData", ["s3:ListBucket"], [processed], { StringLike: { "s3:prefix": folders } }),
  allow(
    "TagSuperseded",
    ["s3:PutObjectTagging"],
    folders.map((folder) => `${processed}/${folder}`),
    { "ForAllValues:StringEquals": { "s3:RequestObjectTagKeys": ["slipway:superseded"] } },
  ),
];
const finish = [
  write("FinishPublished", processed, "_state/deliveries/", "_state/seen/", "_state/shown.json"),
  tables("", "_verification"),
  partitions("", "_verification"),
  copies("_verification"),
  metrics,
  allow("PutEvents", ["events:PutEvents"], ["arn:aws:events:us-east-1:222222222222:event-bus/default"], {
    StringEquals: { "events:source": "slipway.data" },
  }),
  ...tagging,
];

/** What each function may do beside what all may. */
export const expected: Record<string, Record<string, unknown>[]> = {
  validate: [
    read("ReadDeliveries", raw, "incoming/"),
    allow("ReadTags", ["s3:GetObjectTagging"], under(raw, "incoming/")),
    list("ListDeliveries", raw, "incoming/"),
    allow(
      "SetFilesAside",
      ["s3:PutObject", "s3:AbortMultipartUpload", "s3:PutObjectTagging"],
      under(quarantine, "files/"),
    ),
    readRun,
    writeRun,
    allow("ClearRun", ["s3:DeleteObject"], under(processed, "_runs/")),
    readState,
    listNotes,
    dropNote,
    ...finish,
  ],
  catalog: [readRun, readState, listNotes, tables("", "_staging"), partitions("_staging"), copies("_staging")],
  "quality-gate": [readRun, listNotes],
  publish: [
    readRun,
    writeRun,
    readState,
    listNotes,
    write("MovePointer", processed, "_state/current.json", "_state/snapshots/"),
    takeNote,
    dropNote,
    ...finish,
  ],
  quarantine: [readRun, writeRun, readState, listNotes, takeNote, dropNote, metrics, ...tagging],
};

/** What every function may do. */
export function common(name: string): Record<string, unknown>[] {
  const group = `arn:aws:logs:us-east-1:222222222222:log-group:/aws/lambda/slipway-dev-data-${name}`;
  return [
    keyThrough("s3", "sqs"),
    allow("SendDeadLetters", ["sqs:SendMessage"], [queue]),
    allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [group, `${group}:log-stream:*`]),
    traces,
  ];
}
