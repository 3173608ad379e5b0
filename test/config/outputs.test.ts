import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { repositoryUrls } from "../../config/operations.ts";
import { parseOperationsOutputs, parseStackOutputs } from "../../config/outputs.ts";
import { operationsOutputs } from "../support/operations-outputs.ts";

const image = `registry.test/slipway/api@sha256:${"a".repeat(64)}`;

const environment = {
  contract: 1,
  kind: "environment",
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  checks: [{ kind: "argo-application", name: "api", cluster: "slipway-dev", namespace: "argocd", images: [image] }],
  vpcId: "vpc-1",
  privateSubnetIds: ["subnet-1"],
  clusterName: "slipway-dev",
  clusterEndpoint: "https://cluster.test",
  clusterCertificateAuthority: "Y2E=",
  services: { api: { application: "api", namespace: "services", image, port: 8000 } },
};

const where = { name: "orders", region: "us-east-1" };
const withData = {
  ...environment,
  checks: [
    {
      ...{ kind: "state-machine", ...where, arn: "arn:aws:states:::stateMachine:x", sample: "data/samples/1k" },
      ...{ rawBucket: "r", processedBucket: "p", quarantineBucket: "q", timeoutSeconds: 60 },
    },
    {
      ...{ kind: "glue-table", ...where, database: "lake", table: "orders", location: "s3://p/orders/" },
      ...{ columns: [{ name: "order_id", type: "string" }], partitionKeys: [{ name: "order_date", type: "date" }] },
    },
  ],
  RawBucket: "r",
  ProcessedBucket: "p",
  StepFunctionsArn: "arn:aws:states:::stateMachine:x",
  data: {
    quarantineBucket: "q",
    codeBucket: "c",
    databases: { live: "lake", staging: "lake_staging", verification: "lake_verification" },
    stateMachine: "x",
    workgroup: "w",
    jobs: ["j"],
    functions: { validate: "arn:aws:lambda:::function:v" },
    topics: { info: "i", warning: "w", critical: "c" },
  },
};

function failure(outputs: unknown, code: ExitCode, message: RegExp): void {
  assert.throws(
    () => parseStackOutputs(outputs, "dev"),
    (error: unknown) => error instanceof SlipwayError && error.code === code && message.test(error.message),
  );
}

describe("config/outputs", () => {
  it("reads both kinds of stack", () => {
    assert.deepEqual(parseStackOutputs(environment), environment);
    assert.deepEqual(parseStackOutputs(operationsOutputs()), operationsOutputs());
  });

  it("reads an environment with a data pipeline", () => {
    assert.deepEqual(parseStackOutputs(withData), withData);
  });

  for (const outputs of [undefined, null, {}, "text"]) {
    it(`says that ${JSON.stringify(outputs)} are no outputs yet`, () => {
      failure(outputs, ExitCode.notFound, /^dev has no outputs yet\.$/);
    });
  }

  const broken: [title: string, change: object, message: RegExp][] = [
    ["an output the contract does not know", { extra: 1 }, /Unrecognized key: "extra"/],
    [
      "an image by tag",
      { services: { api: { ...environment.services.api, image: "api:latest" } } },
      /services\.api\.image/,
    ],
    ["another contract", { contract: 2 }, /contract/],
    ["an unknown kind of check", { checks: [{ kind: "ping", name: "x" }] }, /checks\[0\]\.kind/],
    ["a missing output", { vpcId: undefined }, /vpcId/],
  ];
  const [machine, table] = withData.checks;
  broken.push(
    ["a sample that takes no time", { checks: [{ ...machine, timeoutSeconds: 0 }] }, /checks\[0\]\.timeoutSeconds/],
    ["a table outside S3", { checks: [{ ...table, location: "/tmp" }] }, /checks\[0\]\.location/],
    ["a table without columns", { checks: [{ ...table, columns: [] }] }, /checks\[0\]\.columns/],
    ["a pipeline without a topic", { data: { ...withData.data, topics: { info: "i" } } }, /data\.topics\.warning/],
  );
  for (const [title, change, message] of broken) {
    it(`refuses ${title}`, () => failure({ ...environment, ...change }, ExitCode.unexpected, message));
  }

  it("tells an environment from the operations stack", () => {
    assert.throws(
      () => parseOperationsOutputs(environment),
      /operations has the outputs of an environment, expected those of the operations stack/,
    );
  });
});

describe("config/operations", () => {
  it("picks the repositories of the services", () => {
    assert.deepEqual(repositoryUrls(operationsOutputs(), ["api"]), {
      api: "111111111111.dkr.ecr.us-east-1.amazonaws.com/slipway/api",
    });
  });

  it("names every service without a repository and the way on", () => {
    assert.throws(
      () => repositoryUrls(operationsOutputs(["api"]), ["api", "predict", "search"]),
      (error: unknown) => {
        assert.ok(error instanceof SlipwayError);
        assert.equal(error.message, "the operations stack has no image repository for predict, search.");
        assert.equal(error.where, "Pulumi.operations.yaml: slipway:repositories");
        assert.match(String(error.next), /^Add predict, search to .*\.\/slipway up operations$/);
        return true;
      },
    );
  });
});
