import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { lifecycleRules } from "../../../components/shared/lifecycle.ts";
import { SecureBucket, validateSecureBucket } from "../../../components/shared/secure-bucket.ts";
import { policyOf, run } from "../../support/harness.ts";

const reader = "arn:aws:iam::222222222222:root";
const bucket = { bucket: "slipway-test", keyArn: "arn:key" };

const superseded = (days: number) => ({
  id: "expire-superseded",
  status: "Enabled",
  filter: {},
  noncurrentVersionExpiration: { noncurrentDays: days },
  abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
});

describe("components/shared/SecureBucket", () => {
  it("makes a bucket with everything that secures it", async () => {
    const { list, get } = await run(() => void new SecureBucket("b", { ...bucket, readers: [reader] }));
    assert.deepEqual(list(), [
      "aws:s3/bucket:Bucket b-bucket",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration b-lifecycle",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls b-ownership",
      "aws:s3/bucketPolicy:BucketPolicy b-policy",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock b-public-access",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration b-encryption",
      "aws:s3/bucketVersioning:BucketVersioning b-versioning",
      "slipway:index:SecureBucket b",
    ]);
    const physical = get("aws:s3/bucket:Bucket", "b-bucket");
    assert.deepEqual(physical.inputs, { bucket: "slipway-test", forceDestroy: false });
    assert.deepEqual([physical.protect, physical.retainOnDelete], [true, true]);
    const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    assert.deepEqual(get(encryption, "b-encryption").inputs.rules, [
      {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "arn:key" },
        bucketKeyEnabled: true,
      },
    ]);
    assert.deepEqual(get("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "b-public-access").inputs, {
      bucket: "slipway-test",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    assert.deepEqual(get("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "b-ownership").inputs.rule, {
      objectOwnership: "BucketOwnerEnforced",
    });
    assert.deepEqual(get("aws:s3/bucketVersioning:BucketVersioning", "b-versioning").inputs.versioningConfiguration, {
      status: "Enabled",
    });
  });

  it("refuses plain HTTP to all and lets exactly the readers read", async () => {
    const { get } = await run(() => void new SecureBucket("b", { ...bucket, readers: [reader] }));
    const arns = ["arn:aws:s3:::slipway-test", "arn:aws:s3:::slipway-test/*"];
    assert.deepEqual(policyOf(get("aws:s3/bucketPolicy:BucketPolicy", "b-policy")).Statement, [
      {
        Sid: "DenyPlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: arns,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "ReadByEnvironments",
        Effect: "Allow",
        Principal: { AWS: [reader] },
        Action: ["s3:GetObject", "s3:GetObjectVersion"],
        Resource: [arns[1]],
      },
      {
        Sid: "ListByEnvironments",
        Effect: "Allow",
        Principal: { AWS: [reader] },
        Action: ["s3:ListBucket", "s3:GetBucketLocation"],
        Resource: [arns[0]],
      },
    ]);
  });

  it("lets nobody else read where no reader is named", async () => {
    const { get } = await run(() => void new SecureBucket("b", bucket));
    const { Statement } = policyOf(get("aws:s3/bucketPolicy:BucketPolicy", "b-policy"));
    assert.deepEqual(
      Statement.map(({ Sid }) => Sid),
      ["DenyPlainHttp"],
    );
  });

  it("lets go of a bucket only where the environment does", async () => {
    const { get } = await run(() => void new SecureBucket("b", { ...bucket, removal: "destroy" }));
    const physical = get("aws:s3/bucket:Bucket", "b-bucket");
    assert.deepEqual([physical.inputs.forceDestroy, physical.protect, physical.retainOnDelete], [true, false, false]);
  });

  it("finds every problem of its arguments", () => {
    assert.deepEqual(validateSecureBucket({ bucket: "No", keepVersionsDays: 0.5 }), [
      '`bucket`: got "No", expected 3 to 63 lower-case letters, digits, dots and dashes. Rename it.',
      "`keepVersionsDays`: got 0.5, expected a whole number of days, at least 1. Raise it.",
    ]);
  });

  it("writes access logs and sends events where told to", async () => {
    const more = { accessLogs: { bucket: "slipway-logs", prefix: "test/" }, events: true };
    const { get } = await run(() => void new SecureBucket("b", { ...bucket, ...more }));
    assert.deepEqual(get("aws:s3/bucketLogging:BucketLogging", "b-logging").inputs, {
      bucket: "slipway-test",
      targetBucket: "slipway-logs",
      targetPrefix: "test/",
    });
    assert.deepEqual(get("aws:s3/bucketNotification:BucketNotification", "b-events").inputs, {
      bucket: "slipway-test",
      eventbridge: true,
    });
  });

  it("falls back to the keys of S3, and adds what the caller states to its policy", async () => {
    const statements = [{ sid: "More", principals: { Service: "x.amazonaws.com" }, actions: ["s3:PutObject"] }];
    const { get } = await run(() => void new SecureBucket("b", { bucket: "slipway-test", statements }));
    const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    assert.deepEqual(get(encryption, "b-encryption").inputs.rules, [
      { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ]);
    const { Statement } = policyOf(get("aws:s3/bucketPolicy:BucketPolicy", "b-policy"));
    assert.deepEqual(
      Statement.map(({ Sid }) => Sid),
      ["DenyPlainHttp", "More"],
    );
  });

  it("forgets only superseded versions unless told more", async () => {
    const { get } = await run(() => void new SecureBucket("b", { ...bucket, keepVersionsDays: 30 }));
    const lifecycle = get("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "b-lifecycle");
    assert.deepEqual(lifecycle.inputs, { bucket: "slipway-test", rules: [superseded(30)] });
    assert.ok(lifecycle.dependsOn.includes("aws:s3/bucketVersioning:BucketVersioning b-versioning"));
  });
});

describe("components/shared/lifecycle", () => {
  it("ages objects by prefix and tag, and clears the markers away that expiry leaves behind", () => {
    const rules = lifecycleRules(90, [
      { id: "short", prefix: "tmp/", expireDays: 7 },
      { id: "cold", infrequentDays: 60 },
      { id: "tagged", tag: { key: "gone", value: "true" }, expireDays: 7, keepExpiredDays: 3 },
      { id: "both", prefix: "tmp/", tag: { key: "gone", value: "true" }, expireDays: 7 },
    ]);
    const tag = { key: "gone", value: "true" };
    const expiration = { days: 7 };
    assert.deepEqual(rules, [
      superseded(90),
      { id: "forget-markers", status: "Enabled", filter: {}, expiration: { expiredObjectDeleteMarker: true } },
      {
        id: "short",
        status: "Enabled",
        filter: { prefix: "tmp/" },
        expiration: { days: 7 },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
      { id: "cold", status: "Enabled", filter: {}, transitions: [{ days: 60, storageClass: "STANDARD_IA" }] },
      {
        ...{ id: "tagged", status: "Enabled", filter: { tag }, expiration },
        noncurrentVersionExpiration: { noncurrentDays: 3 },
      },
      {
        ...{ id: "both", status: "Enabled", filter: { and: { prefix: "tmp/", tags: { gone: "true" } } }, expiration },
        noncurrentVersionExpiration: { noncurrentDays: 1 },
      },
    ]);
  });

  it("finds every problem of its rules", () => {
    assert.deepEqual(
      validateSecureBucket({
        ...bucket,
        ageing: [{ id: "r", expireDays: 0, keepExpiredDays: 0.5, infrequentDays: 29 }],
      }),
      [
        "`r.expireDays`: got 0, expected a whole number of days, at least 1. Raise it.",
        "`r.keepExpiredDays`: got 0.5, expected a whole number of days, at least 1. Raise it.",
        "`r.infrequentDays`: got 29, expected a whole number of days, at least 30. S3 moves nothing sooner: raise it.",
      ],
    );
  });
});
