import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pullImages, repositoryArn } from "../../../components/model/grants.ts";
import { type ModelRole, modelRoles } from "../../../components/model/names.ts";
import { type RoleContext, roleStatements } from "../../../components/model/role-statements.ts";
import type { Statement } from "../../../components/shared/iam.ts";
import { policyOf } from "../../support/harness.ts";
import { arnOf, images, made, once, sagemaker, scope, settings } from "./fixture.ts";
import {
  allow,
  disks,
  list,
  logsOf,
  metrics,
  network,
  packages,
  pull,
  read,
  readLake,
  role,
  toSageMaker,
  useKey,
  write,
} from "./statements.ts";

const context: RoleContext = { images, settings, guardrails: ["endpoint-errors", "endpoint-latency"] };

/** Statements without the reasons of their wildcards, which are for people. */
function of(name: ModelRole, change: Partial<RoleContext["settings"]> = {}) {
  const statements = roleStatements(scope, name, { ...context, settings: { ...settings, ...change } });
  return statements.map(({ wildcardReason: _, ...statement }: Statement) => statement);
}

const job = (kind: string) => [
  useKey("s3"),
  ...disks,
  ...pull("model"),
  logsOf(`/aws/sagemaker/${kind}`),
  metrics(`/aws/sagemaker/${kind}`),
  ...network,
];

const runJobs = allow(
  "RunJobs",
  ["Processing", "Training"].flatMap((kind) =>
    ["Create", "Describe", "Stop"].map((verb) => `sagemaker:${verb}${kind}Job`),
  ),
  [sagemaker("processing-job/pipelines-*"), sagemaker("training-job/pipelines-*")],
);

const expected: Record<ModelRole, unknown[]> = {
  preprocess: [
    read("ReadInputs", "code/model/*", "inputs/*"),
    ...readLake(["houses"]),
    write("WriteSplits", "runs/*/preprocess-data/*"),
    list("code/*", "inputs/*", "runs/*"),
    ...job("ProcessingJobs"),
  ],
  train: [
    read("ReadSplits", "code/model/*", "runs/*/preprocess-data/train/*", "runs/*/preprocess-data/validation/*"),
    write("WriteModel", "runs/*/train-model/*", "runs/tune-model/*"),
    list("code/*", "runs/*"),
    ...job("TrainingJobs"),
  ],
  evaluate: [
    read("ReadModelAndSplits", "code/model/*", "runs/*/model.tar.gz", "runs/*/preprocess-data/*"),
    write("WriteEvaluation", "runs/*/evaluate-model/*"),
    list("code/*", "runs/*"),
    ...job("ProcessingJobs"),
  ],
  pipeline: [
    runJobs,
    allow("RegisterModels", ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"], packages),
    allow(
      "TagWhatItMakes",
      ["sagemaker:AddTags"],
      [sagemaker("processing-job/*"), sagemaker("training-job/*"), ...packages],
    ),
    allow("PassRolesToJobs", ["iam:PassRole"], [role("preprocess"), role("train"), role("evaluate")], toSageMaker),
    read("ReadEvaluation", "runs/*/evaluate-model/*", "runs/*/model.tar.gz"),
    list("runs/*"),
    useKey("s3"),
  ],
  serving: [
    read("ReadModels", "runs/*/model.tar.gz"),
    list("runs/*"),
    ...pull("predict"),
    logsOf("/aws/sagemaker/Endpoints/slipway-dev-housing"),
    metrics("/aws/sagemaker/Endpoints"),
    useKey("s3"),
    write("KeepRequests", "capture/*"),
    ...disks,
    allow(
      "WatchAlarms",
      ["cloudwatch:DescribeAlarms"],
      ["errors", "latency"].map((key) => arnOf("cloudwatch", `alarm:slipway-dev-model-endpoint-${key}`)),
    ),
    ...network,
  ],
};

describe("components/model: what roles of SageMaker may do", () => {
  for (const name of modelRoles) it(`${name}: exactly this`, () => assert.deepEqual(of(name), expected[name]));

  it("is nothing in networks, outside of them", () => {
    for (const name of modelRoles) {
      const sids = of(name, { vpc: false }).map(({ sid }) => sid);
      assert.ok(!sids.includes("AttachToNetwork"), name);
    }
  });

  it("is tuning only where something is tuned", () => {
    const tuning = { grid: { alpha: [1, 2] }, parallel: 2 };
    const tuned = of("pipeline", { tuning }).find(({ sid }) => sid === "RunTuning");
    assert.deepEqual(tuned?.resources, [sagemaker("hyper-parameter-tuning-job/*"), sagemaker("training-job/*")]);
    assert.deepEqual(tuned.actions, [
      "sagemaker:CreateHyperParameterTuningJob",
      "sagemaker:DescribeHyperParameterTuningJob",
      "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
      "sagemaker:StopHyperParameterTuningJob",
      "sagemaker:CreateTrainingJob",
      "sagemaker:DescribeTrainingJob",
      "sagemaker:StopTrainingJob",
    ]);
    assert.ok(!of("pipeline").some(({ sid }) => sid === "RunTuning"));
  });

  it("is reporting to a tracking server only where there is one, and for training alone", () => {
    const tracking = { size: "Small" } as const;
    for (const name of modelRoles) {
      const report = of(name, { tracking }).find(({ sid }) => sid === "ReportToTracking");
      assert.deepEqual(
        report?.resources,
        name === "train" ? [sagemaker("mlflow-tracking-server/slipway-dev-model-tracking")] : undefined,
        name,
      );
    }
  });

  it("is neither disks nor captured requests for what is serverless", () => {
    const serverless = { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 } as const;
    const sids = of("serving", { endpoint: serverless }).map(({ sid }) => sid);
    assert.deepEqual(sids, [
      "ReadModels",
      "ListModels",
      "PullImages",
      "LogInToRegistry",
      "WriteLogs",
      "PutMetrics",
      "UseKey",
    ]);
  });

  it("ends at models of the environment before, where they are taken over", () => {
    const from = { environment: "staging", account: "333333333333" };
    const statements = of("serving", { promotion: { mode: "model", from } });
    const theirs = "arn:aws:s3:::slipway-staging-model-bucket-333333333333-us-east-1";
    assert.deepEqual(statements.find(({ sid }) => sid === "ReadModelsOfOthers")?.resources, [
      `${theirs}/runs/*/model.tar.gz`,
      `${theirs}/runs/*/evaluation.json`,
    ]);
    assert.deepEqual(
      statements.find(({ sid }) => sid === "UseKeyOfOthers"),
      {
        ...allow("UseKeyOfOthers", ["kms:Decrypt"], ["arn:aws:kms:us-east-1:333333333333:key/*"]),
        conditions: {
          "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/slipway/staging/model" },
          StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" },
        },
      },
    );
  });
});

describe("components/model/ModelRoles", () => {
  const pipeline = once(() => made());

  it("has roles of known names, which SageMaker alone takes on for this account", async () => {
    const [, { get }] = await pipeline();
    for (const name of modelRoles) {
      const made = get("aws:iam/role:Role", `model-roles-${name}-role`);
      assert.equal(made.inputs.name, `slipway-dev-model-${name}`);
      assert.deepEqual(policyOf(made, "assumeRolePolicy").Statement, [
        {
          Sid: "AssumedByService",
          Effect: "Allow",
          Principal: { Service: ["sagemaker.amazonaws.com"] },
          Action: ["sts:AssumeRole"],
          Condition: { StringEquals: { "aws:SourceAccount": "222222222222" } },
        },
      ]);
    }
  });

  it("lets whatever uses a role wait for what it may do", async () => {
    const [, { get }] = await pipeline();
    const waiting = [
      get("aws:sagemaker/pipeline:Pipeline", "model-training-pipeline"),
      get("aws:sagemaker/model:Model", "model-endpoint-model"),
      get("aws:sagemaker/endpoint:Endpoint", "model-endpoint-endpoint"),
    ];
    for (const { name, dependsOn } of waiting) {
      for (const one of modelRoles)
        assert.ok(dependsOn.includes(`aws:iam/rolePolicy:RolePolicy model-roles-${one}-policy`), `${name} ${one}`);
    }
  });
});

describe("components/model: images", () => {
  it("come from the repository in their address, whatever its partition", () => {
    const digest = `@sha256:${"0".repeat(64)}`;
    const of = (host: string) => repositoryArn(`${host}/slipway/model${digest}`);
    assert.equal(
      of("111111111111.dkr.ecr.us-east-1.amazonaws.com"),
      "arn:aws:ecr:us-east-1:111111111111:repository/slipway/model",
    );
    assert.equal(
      of("111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn"),
      "arn:aws-cn:ecr:cn-north-1:111111111111:repository/slipway/model",
    );
  });

  it("are pulled from each repository once", () => {
    assert.equal(pullImages([images.model, images.model])[0]?.resources?.length, 1);
  });

  it("are refused without a digest", () => {
    assert.throws(() => repositoryArn("111111111111.dkr.ecr.us-east-1.amazonaws.com/slipway/model:1"), RangeError);
  });
});
