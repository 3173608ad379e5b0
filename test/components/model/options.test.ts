import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { studioStatements } from "../../../components/model/studio.ts";
import { trackingStatements } from "../../../components/model/tracking.ts";
import { key, made, once, sagemaker, scope } from "./fixture.ts";
import { allow, disks, list, network, packages, read, readWithKey, useKey, write } from "./statements.ts";

const everything = once(() =>
  made({
    settings: { tracking: { size: "Small" }, quotas: { "L-3F53BF0F": 1, "L-2F1EB012": 2 }, studio: { users: ["ada"] } },
  }),
);

describe("components/model/Tracking", () => {
  it("keeps what runs leave behind in the bucket, and registers nothing by itself", async () => {
    const [, { get }] = await everything();
    const server = get("aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer", "model-tracking-server").inputs;
    assert.deepEqual(
      [
        server.trackingServerName,
        server.trackingServerSize,
        server.artifactStoreUri,
        server.automaticModelRegistration,
      ],
      ["slipway-dev-model-tracking", "Small", "s3://slipway-dev-model-bucket-222222222222-us-east-1/mlflow", false],
    );
    assert.deepEqual(trackingStatements(scope), [
      read("ReadArtifacts", "mlflow/*"),
      write("WriteArtifacts", "mlflow/*"),
      list("mlflow/*"),
      useKey("s3"),
    ]);
  });

  it("is what training reports to, and training alone is not cut off", async () => {
    const [, { get }] = await everything();
    const { pipelineDefinition } = get("aws:sagemaker/pipeline:Pipeline", "model-training-pipeline").inputs;
    const { Steps } = JSON.parse(String(pipelineDefinition)) as {
      Steps: { Arguments: { Environment?: unknown; EnableNetworkIsolation?: boolean } }[];
    };
    const uri = sagemaker("mlflow-tracking-server/slipway-dev-model-tracking");
    assert.deepEqual(Steps[1]?.Arguments.Environment, { MLFLOW_TRACKING_URI: uri });
    assert.equal(Steps[1]?.Arguments.EnableNetworkIsolation, false);
    assert.equal(Steps[0]?.Arguments.Environment, undefined);
  });
});

describe("components/model/Studio", () => {
  it("is in the private subnets alone, under the key, and keeps what people have there", async () => {
    const [, { get }] = await everything();
    const { inputs, dependsOn } = get("aws:sagemaker/domain:Domain", "model-studio-domain");
    assert.deepEqual(
      [inputs.authMode, inputs.appNetworkAccessType, inputs.vpcId, inputs.subnetIds, inputs.kmsKeyId],
      ["IAM", "VpcOnly", "vpc-1", ["subnet-1", "subnet-2"], key],
    );
    assert.deepEqual(inputs.retentionPolicy, { homeEfsFileSystem: "Retain" });
    const { securityGroups } = inputs.defaultUserSettings as { securityGroups: string[] };
    assert.deepEqual(securityGroups, ["model-network-access-id"]);
    assert.ok(dependsOn.includes("aws:iam/rolePolicy:RolePolicy model-studio-policy"));
    assert.equal(get("aws:sagemaker/userProfile:UserProfile", "model-studio-ada").inputs.userProfileName, "ada");
  });

  it("lets people look at runs and models and start the pipeline, and neither approve nor deploy", () => {
    const pipeline = sagemaker("pipeline/slipway-dev-training-pipeline");
    const statements = studioStatements(scope).map(({ wildcardReason: _, ...statement }) => statement);
    assert.deepEqual(statements, [
      allow(
        "RunPipeline",
        [
          "DescribePipeline",
          "DescribePipelineExecution",
          "ListPipelineExecutions",
          "ListPipelineExecutionSteps",
          "ListPipelineParametersForExecution",
          "StartPipelineExecution",
          "StopPipelineExecution",
        ].map((action) => `sagemaker:${action}`),
        [pipeline, `${pipeline}/execution/*`],
      ),
      allow(
        "SeeModels",
        ["DescribeModelPackage", "DescribeModelPackageGroup", "ListModelPackages"].map(
          (action) => `sagemaker:${action}`,
        ),
        packages,
      ),
      read("ReadRuns", "runs/*", "registry/*"),
      list("runs/*", "registry/*"),
      readWithKey,
      ...disks,
      ...network,
    ]);
  });
});

describe("components/model: quotas and the network", () => {
  it("asks for quotas of SageMaker by their code", async () => {
    const [, { ofType }] = await everything();
    assert.deepEqual(
      ofType("aws:servicequotas/serviceQuota:ServiceQuota").map(({ inputs }) => inputs),
      [
        { serviceCode: "sagemaker", quotaCode: "L-3F53BF0F", value: 1 },
        { serviceCode: "sagemaker", quotaCode: "L-2F1EB012", value: 2 },
      ],
    );
  });

  it("lets nobody in, and HTTPS alone out", async () => {
    const [, { get }] = await everything();
    const group = get("aws:ec2/securityGroup:SecurityGroup", "model-network-access");
    assert.deepEqual([group.inputs.vpcId, group.inputs.ingress, group.inputs.egress], ["vpc-1", [], []]);
    assert.deepEqual(group.ignoreChanges, ["ingress", "egress"]);
    const rule = get("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "model-network-https").inputs;
    assert.deepEqual([rule.ipProtocol, rule.fromPort, rule.toPort], ["tcp", 443, 443]);
  });
});
