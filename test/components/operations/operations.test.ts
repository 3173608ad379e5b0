import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { ImageRepository } from "../../../components/operations/image-repository.ts";
import { OperationsPipeline, validateOperations } from "../../../components/operations/operations-pipeline.ts";
import { SecureBucket, validateSecureBucket } from "../../../components/shared/secure-bucket.ts";
import { policyOf, run } from "../../support/harness.ts";

const reader = "arn:aws:iam::222222222222:root";
const bucket = { bucket: "slipway-test", keyArn: "arn:key" };

describe("components/operations/SecureBucket", () => {
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
});

describe("components/operations/ImageRepository", () => {
  it("keeps tags where they are, scans, encrypts and lets exactly the readers pull", async () => {
    const { list, get } = await run(
      () => void new ImageRepository("r", { service: "api", keyArn: "arn:key", readers: [reader] }),
    );
    assert.deepEqual(list(), [
      "aws:ecr/lifecyclePolicy:LifecyclePolicy r-lifecycle",
      "aws:ecr/repository:Repository r-repository",
      "aws:ecr/repositoryPolicy:RepositoryPolicy r-policy",
      "slipway:index:ImageRepository r",
    ]);
    const repository = get("aws:ecr/repository:Repository", "r-repository");
    assert.deepEqual(repository.inputs, {
      name: "slipway/api",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: "arn:key" }],
      forceDelete: false,
    });
    assert.equal(repository.protect, true);
    assert.deepEqual(policyOf(get("aws:ecr/repositoryPolicy:RepositoryPolicy", "r-policy")).Statement, [
      {
        Sid: "PullByEnvironments",
        Effect: "Allow",
        Principal: { AWS: [reader] },
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      },
    ]);
    const lifecycle = JSON.parse(
      String(get("aws:ecr/lifecyclePolicy:LifecyclePolicy", "r-lifecycle").inputs.policy),
    ) as { rules: { selection: unknown }[] };
    assert.deepEqual(
      lifecycle.rules.map(({ selection }) => selection),
      [{ tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 }],
    );
  });
});

describe("components/operations/OperationsPipeline", () => {
  const args = {
    account: "111111111111",
    region: "us-east-1",
    environmentAccounts: { dev: "222222222222", staging: "222222222222", prod: "444444444444" },
    repositories: ["api"],
  };

  it("names each account once, however many environments share it", async () => {
    const { get } = await run(() => void new OperationsPipeline("operations", args));
    const policy = get("aws:ecr/repositoryPolicy:RepositoryPolicy", "operations-api-policy");
    assert.deepEqual(policyOf(policy).Statement[0]?.Principal, {
      AWS: ["arn:aws:iam::222222222222:root", "arn:aws:iam::444444444444:root"],
    });
  });

  it("lets no environment near the state", async () => {
    const { get } = await run(() => void new OperationsPipeline("operations", args));
    const sids = (name: string, type: string) => policyOf(get(type, name)).Statement.map(({ Sid }) => Sid);
    assert.deepEqual(sids("operations-states-policy", "aws:s3/bucketPolicy:BucketPolicy"), ["DenyPlainHttp"]);
    assert.deepEqual(sids("operations-state-key", "aws:kms/key:Key"), ["AdministeredByAccount"]);
  });

  it("names a service that is listed twice, at the component and without a stack trace", async () => {
    const twice = { ...args, repositories: ["api", "web", "api"] };
    const line = '`repositories`: got "api", expected each service once. Remove the second one.';
    assert.deepEqual(validateOperations(twice), [line]);
    await run(() => {
      assert.throws(
        () => new OperationsPipeline("operations", twice),
        (error: unknown) => {
          assert.ok(pulumi.ResourceError.isInstance(error));
          assert.equal(error.message, `operations cannot be built:\n${line}`);
          assert.equal(error.hideStack, true);
          return true;
        },
      );
    });
  });
});
