import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pipelineParameters, pipelineSettings } from "../../../components/model/training.ts";
import { args, endpoint, key, made, once, scope, settings } from "./fixture.ts";

const retained = once(() => made());
const { artifacts } = args;

describe("components/model/Training", () => {
  it("runs as its own role, once code, group and log groups are there", async () => {
    const [, { get }] = await retained();
    const { inputs, dependsOn } = get("aws:sagemaker/pipeline:Pipeline", "model-training-pipeline");
    assert.equal(inputs.pipelineName, "slipway-dev-training-pipeline");
    assert.equal(inputs.roleArn, "arn:aws:iam::222222222222:role/slipway-dev-model-pipeline");
    for (const before of [
      "aws:s3/bucketObjectv2:BucketObjectv2 model-code-training",
      "aws:sagemaker/modelPackageGroup:ModelPackageGroup model-training-models",
      "aws:cloudwatch/logGroup:LogGroup model-training-processing-logs",
      "aws:cloudwatch/logGroup:LogGroup model-training-training-logs",
    ])
      assert.ok(dependsOn.includes(before), before);
  });

  it("keeps the logs of jobs under the key, and for as long as the environment keeps logs", async () => {
    const [, { get }] = await retained();
    for (const [kind, name] of [
      ["processing", "/aws/sagemaker/ProcessingJobs"],
      ["training", "/aws/sagemaker/TrainingJobs"],
    ]) {
      const { inputs } = get("aws:cloudwatch/logGroup:LogGroup", `model-training-${kind}-logs`);
      assert.deepEqual([inputs.name, inputs.kmsKeyId, inputs.retentionInDays], [name, key, 7]);
    }
  });

  it("writes under the key and in the network of the environment", async () => {
    const [, { get }] = await retained();
    const { pipelineDefinition } = get("aws:sagemaker/pipeline:Pipeline", "model-training-pipeline").inputs;
    const { Steps } = JSON.parse(String(pipelineDefinition)) as { Steps: { Arguments: Record<string, unknown> }[] };
    const [preprocess, train] = Steps.map((step) => step.Arguments);
    const vpc = { Subnets: ["subnet-1", "subnet-2"], SecurityGroupIds: ["model-network-access-id"] };
    assert.deepEqual(preprocess?.NetworkConfig, { EnableNetworkIsolation: true, VpcConfig: vpc });
    assert.equal((preprocess?.ProcessingOutputConfig as { KmsKeyId: string }).KmsKeyId, key);
    assert.deepEqual([train?.EnableNetworkIsolation, train?.VpcConfig], [true, vpc]);
    assert.equal((train?.OutputDataConfig as { KmsKeyId: string }).KmsKeyId, key);
  });

  it("lets a model be served by whatever the endpoint runs on, and usual machines beside it", () => {
    const own = { ...settings, endpoint: { ...endpoint, instanceType: "ml.c7i.large" } };
    const types = pipelineSettings(scope, own, artifacts).servingInstanceTypes;
    assert.equal(types[0], "ml.c7i.large");
    assert.equal(new Set(types).size, types.length);
    assert.ok(
      pipelineSettings(scope, { ...settings, endpoint: { kind: "none" } }, artifacts).servingInstanceTypes.length > 0,
    );
  });

  it("takes no parameter for what a grid tries", () => {
    const names = (some: typeof settings) =>
      (pipelineParameters({ scope, settings: some, artifacts }) as { Name: string }[]).map(({ Name }) => Name);
    const all = ["InputManifest", "Threshold", "Seed", "Algorithm", "Alpha", "Trees", "Depth"];
    assert.deepEqual(names(settings), all);
    const tuning = { grid: { alpha: [1, 2] }, parallel: 1 };
    assert.deepEqual(
      names({ ...settings, tuning }),
      all.filter((name) => name !== "Alpha"),
    );
  });
});
