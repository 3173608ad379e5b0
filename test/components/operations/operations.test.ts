import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { ImageRepository } from "../../../components/operations/image-repository.ts";
import { OperationsPipeline, validateOperations } from "../../../components/operations/operations-pipeline.ts";
import { policyOf, run } from "../../support/harness.ts";

const reader = "arn:aws:iam::222222222222:root";
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

  it("has images looked through again and again where that is asked for, and else when they are pushed", async () => {
    const type = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration";
    const enhanced = await run(() => void new OperationsPipeline("operations", { ...args, scanning: "enhanced" }));
    assert.deepEqual(enhanced.get(type, "operations-scanning").inputs, {
      scanType: "ENHANCED",
      rules: [
        {
          scanFrequency: "CONTINUOUS_SCAN",
          repositoryFilters: [{ filter: "slipway/*", filterType: "WILDCARD" }],
        },
      ],
    });
    const basic = await run(() => void new OperationsPipeline("operations", { ...args, scanning: "basic" }));
    assert.deepEqual(basic.ofType(type), []);
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
