import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { LakeBuckets, ageingOf } from "../../../components/data/lake-buckets.ts";
import { validateNames } from "../../../components/data/lake-scope.ts";
import { LakeSecurity } from "../../../components/data/lake-security.ts";
import { QueryWorkgroup, validateWorkgroup } from "../../../components/data/query-workgroup.ts";
import { policyOf, run } from "../../support/harness.ts";
import { scope } from "./fixture.ts";

const lake = { ...scope, supersededDays: 7 };
const bucketName = (role: string) => `slipway-dev-${role}-bucket-222222222222-us-east-1`;
const lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";

describe("components/data/LakeBuckets", () => {
  it("names the buckets, keeps all but the access logs under the key, and logs who asked for what", async () => {
    const { ofType, get } = await run(() => void new LakeBuckets("lake", lake));
    assert.deepEqual(
      ofType("aws:s3/bucket:Bucket")
        .map(({ name, inputs, protect, retainOnDelete }) => [name, inputs.bucket, protect && retainOnDelete])
        .sort(),
      ["code", "logs", "processed", "quarantine", "raw", "results"].map((role) => [
        `lake-${role}-bucket`,
        bucketName(role),
        true,
      ]),
    );
    const algorithms = ofType(encryption).map(({ name, inputs }) => {
      const [rule] = inputs.rules as { applyServerSideEncryptionByDefault: Record<string, string> }[];
      return [name, ...Object.values(rule?.applyServerSideEncryptionByDefault ?? {}).sort()];
    });
    assert.deepEqual(algorithms.sort(), [
      ["lake-code-encryption", "arn:key", "aws:kms"],
      ["lake-logs-encryption", "AES256"],
      ["lake-processed-encryption", "arn:key", "aws:kms"],
      ["lake-quarantine-encryption", "arn:key", "aws:kms"],
      ["lake-raw-encryption", "arn:key", "aws:kms"],
      ["lake-results-encryption", "arn:key", "aws:kms"],
    ]);
    assert.deepEqual(
      ofType("aws:s3/bucketLogging:BucketLogging")
        .map(({ inputs }) => [inputs.targetBucket, inputs.targetPrefix])
        .sort(),
      ["code", "processed", "quarantine", "raw", "results"].map((role) => [bucketName("logs"), `${role}/`]),
    );
    const [events, ...others] = ofType("aws:s3/bucketNotification:BucketNotification");
    assert.deepEqual([events?.inputs, others], [{ bucket: bucketName("raw"), eventbridge: true }, []]);
    assert.ok(get("aws:s3/bucketLogging:BucketLogging", "lake-raw-logging").dependsOn.length > 0);
  });

  it("lets S3 deliver the access logs of exactly these buckets", async () => {
    const { get } = await run(() => void new LakeBuckets("lake", lake));
    const { Statement } = policyOf(get("aws:s3/bucketPolicy:BucketPolicy", "lake-logs-policy"));
    assert.deepEqual(
      Statement.map(({ Sid }) => Sid),
      ["DenyPlainHttp", "DeliverAccessLogs"],
    );
    assert.deepEqual(Statement[1], {
      Sid: "DeliverAccessLogs",
      Effect: "Allow",
      Principal: { Service: ["logging.s3.amazonaws.com"] },
      Action: ["s3:PutObject"],
      Resource: [`arn:aws:s3:::${bucketName("logs")}/*`],
      Condition: {
        StringEquals: { "aws:SourceAccount": "222222222222" },
        ArnEquals: {
          "aws:SourceArn": ["raw", "processed", "quarantine", "code", "results"].map(
            (role) => `arn:aws:s3:::${bucketName(role)}`,
          ),
        },
      },
    });
  });

  it("lets every other bucket be read by nobody but the account's own roles", async () => {
    const { ofType } = await run(() => void new LakeBuckets("lake", lake));
    for (const policy of ofType("aws:s3/bucketPolicy:BucketPolicy")) {
      if (policy.name === "lake-logs-policy") continue;
      const sids = policyOf(policy).Statement.map(({ Sid }) => Sid);
      assert.deepEqual(sids, ["DenyPlainHttp"], policy.name);
    }
  });

  it("lets go of what leaves in time, and of nothing else", () => {
    const verification = { id: "expire-verification", prefix: "verification/", expireDays: 7 };
    const cold = { id: "rarely-read", infrequentDays: 60 };
    const days = { infrequentDays: 60, supersededDays: 30 };
    assert.deepEqual(ageingOf("raw", { supersededDays: 30 }), [verification]);
    assert.deepEqual(ageingOf("quarantine", days), [verification, cold]);
    assert.deepEqual(ageingOf("processed", days), [
      verification,
      { id: "expire-runs", prefix: "_runs/", expireDays: 90 },
      {
        id: "expire-superseded-data",
        tag: { key: "slipway:superseded", value: "true" },
        expireDays: 30,
        keepExpiredDays: 30,
      },
      cold,
    ]);
    assert.deepEqual(ageingOf("code", days), []);
    assert.deepEqual(ageingOf("results", days), [{ id: "expire-results", expireDays: 7 }]);
    assert.deepEqual(ageingOf("logs", days), [{ id: "expire-access-logs", expireDays: 90 }]);
  });

  it("lets superseded data go by its tag, and keeps it as long again as an older version", async () => {
    const { get } = await run(() => void new LakeBuckets("lake", lake));
    const rules = get(lifecycle, "lake-processed-lifecycle").inputs.rules as { id: string }[];
    assert.deepEqual(rules.at(-1), {
      id: "expire-superseded-data",
      status: "Enabled",
      filter: { tag: { key: "slipway:superseded", value: "true" } },
      expiration: { days: 7 },
      noncurrentVersionExpiration: { noncurrentDays: 7 },
    });
    const others = ["raw", "quarantine", "code", "results", "logs"].flatMap(
      (role) => get(lifecycle, `lake-${role}-lifecycle`).inputs.rules as { id: string }[],
    );
    assert.ok(others.every(({ id }) => id !== "expire-superseded-data"));
  });

  it("moves data that gets old to infrequent access where the environment wants that", async () => {
    const { get } = await run(() => void new LakeBuckets("lake", { ...lake, infrequentDays: 60 }));
    const rules = get(lifecycle, "lake-raw-lifecycle").inputs.rules as { id: string }[];
    assert.deepEqual(
      rules.map(({ id }) => id),
      ["expire-superseded", "forget-markers", "expire-verification", "rarely-read"],
    );
  });

  it("lets the buckets go only where the environment does", async () => {
    const { ofType } = await run(() => void new LakeBuckets("lake", { ...lake, removal: "destroy" }));
    for (const { inputs, protect, retainOnDelete } of ofType("aws:s3/bucket:Bucket")) {
      assert.deepEqual([inputs.forceDestroy, protect, retainOnDelete], [true, false, false]);
    }
  });
});

describe("components/data/LakeSecurity", () => {
  const secrets = { "source-credentials": { description: "Credentials", readers: [] } };

  it("encrypts everything that jobs write, and makes secrets without values", async () => {
    const { list, get } = await run(() => void new LakeSecurity("s", { ...scope, secrets, recoveryDays: 30 }));
    assert.deepEqual(list(), [
      "aws:glue/securityConfiguration:SecurityConfiguration s-configuration",
      "aws:secretsmanager/secret:Secret s-source-credentials",
      "slipway:index:LakeSecurity s",
    ]);
    assert.deepEqual(get("aws:glue/securityConfiguration:SecurityConfiguration", "s-configuration").inputs, {
      name: "slipway-dev-data-encrypted",
      encryptionConfiguration: {
        s3Encryption: { s3EncryptionMode: "SSE-KMS", kmsKeyArn: "arn:key" },
        cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS", kmsKeyArn: "arn:key" },
        jobBookmarksEncryption: { jobBookmarksEncryptionMode: "CSE-KMS", kmsKeyArn: "arn:key" },
      },
    });
    const secret = get("aws:secretsmanager/secret:Secret", "s-source-credentials");
    assert.deepEqual(secret.inputs, {
      name: "slipway/dev/data/source-credentials",
      description: "Credentials",
      kmsKeyId: "arn:key",
      recoveryWindowInDays: 30,
    });
    assert.deepEqual([secret.protect, secret.retainOnDelete], [true, true]);
  });

  it("lets the name of a secret be used again at once where things are meant to go", async () => {
    const going = { ...scope, secrets, recoveryDays: 30, removal: "destroy" as const };
    const { get } = await run(() => void new LakeSecurity("s", going));
    const secret = get("aws:secretsmanager/secret:Secret", "s-source-credentials");
    assert.deepEqual([secret.inputs.recoveryWindowInDays, secret.protect], [0, false]);
  });
});

describe("components/data/QueryWorkgroup", () => {
  const settings = { environment: "dev", keyArn: "arn:key", resultsBucket: "slipway-results", scanLimitGb: 2 };

  it("limits what a query reads and encrypts its answer, whatever the client asks for", async () => {
    const { get } = await run(() => void new QueryWorkgroup("q", settings));
    const workgroup = get("aws:athena/workgroup:Workgroup", "q-workgroup");
    assert.deepEqual(workgroup.inputs, {
      name: "slipway-dev-data-queries",
      description: "Queries of the lakehouse",
      forceDestroy: false,
      configuration: {
        enforceWorkgroupConfiguration: true,
        publishCloudwatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: 2_147_483_648,
        engineVersion: { selectedEngineVersion: "Athena engine version 3" },
        resultConfiguration: {
          outputLocation: "s3://slipway-results/",
          encryptionConfiguration: { encryptionOption: "SSE_KMS", kmsKeyArn: "arn:key" },
        },
      },
    });
  });

  for (const [scanLimitGb, fine] of [
    [0.01, true],
    [0.009, false],
    [0, false],
    [Number.NaN, false],
  ] as const) {
    it(`${fine ? "takes" : "refuses"} a limit of ${scanLimitGb} GB`, () => {
      const line = `\`scanLimitGb\`: got ${JSON.stringify(scanLimitGb)}, expected at least 10 MB, which is 0.01. Raise it.`;
      assert.deepEqual(validateWorkgroup({ scanLimitGb }), fine ? [] : [line]);
    });
  }
});

describe("components/data/lake-scope", () => {
  it("finds every name that would be too long", () => {
    assert.deepEqual(validateNames(scope), []);
    const problems = validateNames({ ...scope, environment: "an-environment-with-a-very-long-name" });
    assert.equal(problems.length, 7);
    assert.equal(
      problems[0],
      '`environment`: got "an-environment-with-a-very-long-name", expected one whose names fit. Shorten it: bucket name ' +
        '"slipway-an-environment-with-a-very-long-name-raw-bucket-222222222222-us-east-1" has 78 characters, at most 63 are allowed.',
    );
  });
});
