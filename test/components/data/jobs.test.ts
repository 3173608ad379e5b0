import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { JobSettings } from "../../../components/data/data-job.ts";
import { DataJobs, validateJobs } from "../../../components/data/data-jobs.ts";
import { policyOf, run } from "../../support/harness.ts";
import { args, scope } from "./fixture.ts";
import { allow, bucketArn, keyThrough } from "./statements.ts";

const { artifacts } = args;
const settings: JobSettings = {
  workers: { type: "G.1X", count: 2 },
  executionClass: "FLEX",
  timeoutMinutes: 15,
  tableFormat: "parquet",
};
const secrets = { "source-credentials": { description: "Credentials", readers: ["raw_to_processed" as const] } };
const jobs = {
  ...settings,
  ...{ scope, artifacts, secrets, securityConfiguration: "slipway-dev-data-encrypted", logRetentionDays: 7 },
};
const made = async () => await run(() => void new DataJobs("j", jobs));
const names = ["daily-features", "quality", "raw-to-processed"];
const groupsOf = (name: string) =>
  ["output", "error"].map(
    (kind) =>
      `/aws-glue/jobs/slipway-dev-data-${name}/slipway-dev-data-encrypted-role/slipway-dev-data-${name}/${kind}`,
  );

describe("components/data/DataJobs", () => {
  it("makes for each job a role, its two log groups and nothing more", async () => {
    const { list } = await made();
    assert.deepEqual(list(), [
      ...names.flatMap((name) =>
        ["error", "output"].map((kind) => `aws:cloudwatch/logGroup:LogGroup j-${name}-${kind}-logs`),
      ),
      ...names.map((name) => `aws:glue/job:Job j-${name}-job`),
      ...names.map((name) => `aws:iam/role:Role j-${name}-role`),
      ...names.map((name) => `aws:iam/rolePolicy:RolePolicy j-${name}-policy`),
      ...names.map((name) => `slipway:index:DataJob j-${name}`),
      "slipway:index:DataJobs j",
    ]);
  });

  it("runs exactly the script of the release on Glue 5.1, once, encrypted and for a limited time", async () => {
    const { get } = await made();
    const job = get("aws:glue/job:Job", "j-raw-to-processed-job");
    const { defaultArguments: _, ...inputs } = job.inputs;
    assert.deepEqual(inputs, {
      name: "slipway-dev-data-raw-to-processed",
      description: "Casts, checks, deduplicates and partitions what was delivered; sets bad rows aside",
      roleArn: "arn:aws:iam::111111111111:role/j-raw-to-processed-role",
      glueVersion: "5.1",
      command: {
        name: "glueetl",
        pythonVersion: "3",
        scriptLocation: `s3://slipway-dev-code-bucket-222222222222-us-east-1/scripts/raw_to_processed/${"5".repeat(64)}.py`,
      },
      workerType: "G.1X",
      numberOfWorkers: 2,
      executionClass: "FLEX",
      timeout: 15,
      maxRetries: 0,
      executionProperty: { maxConcurrentRuns: 2 },
      jobRunQueuingEnabled: true,
      securityConfiguration: "slipway-dev-data-encrypted",
    });
    for (const kind of ["output", "error"]) {
      assert.ok(job.dependsOn.includes(`aws:cloudwatch/logGroup:LogGroup j-raw-to-processed-${kind}-logs`));
    }
    assert.ok(job.dependsOn.includes("aws:iam/rolePolicy:RolePolicy j-raw-to-processed-policy"));
  });

  it("tells every run where everything is", async () => {
    const { get } = await made();
    assert.deepEqual(get("aws:glue/job:Job", "j-raw-to-processed-job").inputs.defaultArguments, {
      "--environment": "dev",
      "--raw_bucket": "slipway-dev-raw-bucket-222222222222-us-east-1",
      "--processed_bucket": "slipway-dev-processed-bucket-222222222222-us-east-1",
      "--quarantine_bucket": "slipway-dev-quarantine-bucket-222222222222-us-east-1",
      "--database": "slipway_dev_lakehouse",
      "--staging_database": "slipway_dev_lakehouse_staging",
      "--verification_database": "slipway_dev_lakehouse_verification",
      "--table_format": "parquet",
      "--extra-py-files": `s3://slipway-dev-code-bucket-222222222222-us-east-1/libraries/lakehouse/${"b".repeat(64)}.zip`,
      "--job-bookmark-option": "job-bookmark-disable",
      "--enable-metrics": "true",
      "--enable-continuous-cloudwatch-log": "true",
      "--custom-logGroup-prefix": "/aws-glue/jobs/slipway-dev-data-raw-to-processed",
    });
  });

  it("makes the groups that Glue will write to, encrypted and forgetting in time", async () => {
    const { ofType, get } = await made();
    const groups = ofType("aws:cloudwatch/logGroup:LogGroup");
    assert.deepEqual(groups.map(({ inputs }) => inputs.name).sort(), names.flatMap(groupsOf).sort());
    for (const { inputs } of groups) assert.deepEqual([inputs.kmsKeyId, inputs.retentionInDays], ["arn:key", 7]);
    assert.equal(get("aws:iam/role:Role", "j-quality-role").inputs.name, "slipway-dev-data-quality");
  });

  const rule = "G.1X, G.2X, G.4X, G.8X, R.1X, R.2X, R.4X, R.8X";
  const wrong: [title: string, change: Partial<JobSettings>, problems: string[]][] = [
    [
      "too few workers",
      { workers: { type: "G.1X", count: 1 } },
      ["`workers.count`: got 1, expected a whole number, at least 2. One of them only coordinates."],
    ],
    [
      "workers of no kind",
      { workers: { type: "G.025X", count: 2.5 } },
      [
        `\`workers.type\`: got "G.025X", expected ${rule}. Choose one of them.`,
        "`workers.count`: got 2.5, expected a whole number, at least 2. One of them only coordinates.",
      ],
    ],
    [
      "large workers on spare capacity",
      { workers: { type: "G.4X", count: 2 } },
      ['`workers.type`: got "G.4X", expected G.1X or G.2X with execution class FLEX. Change one of the two.'],
    ],
    [
      "no time at all",
      { timeoutMinutes: 0 },
      ["`timeoutMinutes`: got 0, expected whole minutes from 1 to 10080. Correct it."],
    ],
    ["nothing", {}, []],
  ];
  for (const [title, change, problems] of wrong) {
    it(`finds ${title}`, () => assert.deepEqual(validateJobs({ ...settings, ...change }), problems));
  }
});

const [raw, processed, quarantine] = [bucketArn("raw"), bucketArn("processed"), bucketArn("quarantine")];
const paths = (...folders: string[]) => folders.flatMap((folder) => [folder, `${folder}/*`]);
const objects = (bucket: string, ...folders: string[]) => paths(...folders).map((path) => `${bucket}/${path}`);
const read = (sid: string, bucket: string, ...folders: string[]) =>
  allow(sid, ["s3:GetObject"], objects(bucket, ...folders, "verification"));
const write = (sid: string, bucket: string, ...folders: string[]) =>
  allow(
    sid,
    ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
    objects(bucket, ...folders, ...folders.map((folder) => `verification/*/${folder}`)),
  );
const list = (sid: string, bucket: string, ...folders: string[]) =>
  allow(sid, ["s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket], {
    StringLikeIfExists: { "s3:prefix": paths(...folders, "verification") },
  });
const everything = ["orders", "daily_features", "_runs", "_state"];

const expected: Record<string, { statements: Record<string, unknown>[]; digit: string }> = {
  "raw-to-processed": {
    digit: "5",
    statements: [
      read("ReadDeliveries", raw, "incoming"),
      { ...list("ListDeliveries", raw, "incoming"), Action: ["s3:ListBucket"] },
      read("ReadTablesAndNotes", processed, "orders", "_runs", "_state"),
      list("ListTablesAndNotes", processed, "orders", "_runs", "_state"),
      write("WriteCandidate", processed, "orders", "_runs"),
      read("ReadRowsSetAside", quarantine, "rows"),
      list("ListRowsSetAside", quarantine, "rows"),
      write("SetRowsAside", quarantine, "rows"),
      allow(
        "ReadSecretSourceCredentials",
        ["secretsmanager:GetSecretValue"],
        ["arn:aws:secretsmanager:us-east-1:222222222222:secret:slipway/dev/data/source-credentials-??????"],
      ),
      keyThrough("s3", "secretsmanager"),
    ],
  },
  "daily-features": {
    digit: "6",
    statements: [
      read("ReadTablesAndNotes", processed, ...everything),
      list("ListTablesAndNotes", processed, ...everything),
      write("WriteCandidate", processed, "daily_features", "_runs"),
      keyThrough("s3"),
    ],
  },
  quality: {
    digit: "7",
    statements: [
      read("ReadTablesAndNotes", processed, ...everything),
      list("ListTablesAndNotes", processed, ...everything),
      write("WriteQuality", processed, "_runs"),
      keyThrough("s3"),
    ],
  },
};

describe("components/data/jobs", () => {
  for (const [name, { statements, digit }] of Object.entries(expected)) {
    it(`allows ${name} exactly what it does`, async () => {
      const { get } = await made();
      const script = `scripts/${name.replaceAll("-", "_")}/${digit.repeat(64)}.py`;
      const library = `libraries/lakehouse/${"b".repeat(64)}.zip`;
      const logs = groupsOf(name).map((group) => `arn:aws:logs:us-east-1:222222222222:log-group:${group}`);
      assert.deepEqual(policyOf(get("aws:iam/rolePolicy:RolePolicy", `j-${name}-policy`)).Statement, [
        allow("ReadCode", ["s3:GetObject"], [`${bucketArn("code")}/${script}`, `${bucketArn("code")}/${library}`]),
        ...statements,
        allow(
          "WriteEncryptedLogs",
          ["logs:CreateLogGroup", "logs:AssociateKmsKey", "logs:CreateLogStream", "logs:PutLogEvents"],
          logs.flatMap((arn) => [arn, `${arn}:log-stream:*`]),
        ),
        allow("PutMetrics", ["cloudwatch:PutMetricData"], ["*"], {
          StringEquals: { "cloudwatch:namespace": ["Glue"] },
        }),
      ]);
    });
  }

  it("lets no job change the published state or what was delivered", async () => {
    const { ofType } = await made();
    for (const policy of ofType("aws:iam/rolePolicy:RolePolicy")) {
      const written = policyOf(policy).Statement.flatMap(({ Action, Resource }) =>
        (Action as string[]).includes("s3:PutObject") ? (Resource as string[]) : [],
      );
      assert.ok(written.length > 0);
      assert.deepEqual(
        written.filter((arn) => arn.includes("_state") || arn.startsWith(raw)),
        [],
      );
    }
  });
});
