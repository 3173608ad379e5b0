import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { CreateModelPackageCommand, UpdateModelPackageCommand } from "@aws-sdk/client-sagemaker";

import { awsApiVariables } from "../../../sandbox/aws-api/index.ts";
import { region } from "../live/live-lab.ts";
import { EndpointLab } from "./endpoint-lab.ts";

const model = resolve(import.meta.dirname, "../../../model");
const group = "lab-housing";
const endpoint = "lab-housing";
const program = `
import json, sys
from handler import handler
print(json.dumps([handler(event, None)["action"] for event in json.load(sys.stdin)]))
`;

/** The platform's own function, on the services that it meets in the sandbox. */
describe("the function that deploys models, in the sandbox", function () {
  this.timeout(60_000);
  let lab: EndpointLab;
  before(async function () {
    this.timeout(600_000);
    lab = await EndpointLab.open();
    lab.lab.alarm("lab-errors");
    lab.lab.recorded("aws:sagemaker/modelPackageGroup:ModelPackageGroup", group, { modelPackageGroupName: group });
  });
  after(async () => {
    await lab?.close();
  });

  const arn = (version: number) => `arn:aws:sagemaker:${region}:${lab.lab.account}:model-package/${group}/${version}`;
  const register = async (name: string, ModelApprovalStatus: "Approved" | "PendingManualApproval" = "Approved") => {
    const S3Uri = await lab.lab.object(
      `${name}/evaluation.json`,
      JSON.stringify({ schema: 1, metrics: { r2: { value: 0.8 } } }),
    );
    const ModelDataUrl = await lab.archive(name, { attributes: `x-model-version=${name}` });
    const command = new CreateModelPackageCommand({
      ...{ ModelPackageGroupName: group, ModelApprovalStatus },
      InferenceSpecification: {
        Containers: [{ Image: lab.image, ModelDataUrl }],
        SupportedContentTypes: ["application/json"],
      },
      ModelMetrics: { ModelQuality: { Statistics: { ContentType: "application/json", S3Uri } } },
      CustomerMetadataProperties: {
        ...{ data: "s3://lab-models/manifest.json", code: `sha256:${"0".repeat(64)}` },
        ...{ execution: "run-1", metric: "r2", threshold: "0.6" },
      },
    });
    await lab.clients.sagemaker.send(command);
  };
  const serving = () =>
    JSON.stringify({
      ...{ endpoint, roleArn: "arn:aws:iam::111111111111:role/lab", instances: { type: "ml.m5.large", count: 1 } },
      deployment: { strategy: "canary", percent: 10, waitSeconds: 1_800, alarms: ["lab-errors"] },
    });
  /** What the function does for the event of a version, as often as it comes. */
  const deploy = async (version: number, ModelApprovalStatus: string, times = 1): Promise<unknown> => {
    const detail = {
      ModelPackageGroupName: group,
      ModelPackageVersion: version,
      ModelPackageArn: arn(version),
      ModelApprovalStatus,
      ModelPackageStatus: "Completed",
    };
    const event = {
      source: "aws.sagemaker",
      "detail-type": "SageMaker Model Package State Change",
      account: lab.lab.account,
      region,
      detail,
    };
    const env = {
      ...{
        PATH: process.env["PATH"],
        PYTHONPATH: [resolve(model, "functions/deploy_endpoint"), resolve(model, "src")].join(":"),
      },
      ...{
        ENVIRONMENT: "dev",
        PACKAGE_GROUP: group,
        MODEL_REGISTRY: `s3://${lab.lab.bucket}/registry/${group}`,
        SERVING: serving(),
      },
      ...{
        PYTHONDONTWRITEBYTECODE: "1",
        AWS_DEFAULT_REGION: region,
        ...lab.lab.emulator.environment(lab.lab.account),
        ...awsApiVariables(lab.api.endpoint),
      },
    };
    const running = promisify(execFile)(lab.lab.python, ["-c", program], { env });
    running.child.stdin?.end(JSON.stringify(Array.from({ length: times }, () => event)));
    const lines = (await running).stdout.trim().split("\n");
    return JSON.parse(lines.at(-1) ?? "");
  };

  it("creates the endpoint for the first approved version, and once", async () => {
    await register("first");
    assert.deepEqual(await deploy(1, "Approved", 2), ["create", "ignore"]);
    assert.equal((await lab.settled(endpoint)).EndpointStatus, "InService");
    assert.equal((await lab.invoke(endpoint)).CustomAttributes, "x-model-version=first");
  });

  it("gives the next one a canary when it is approved", async () => {
    await register("second", "PendingManualApproval");
    await lab.clients.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn: arn(2), ModelApprovalStatus: "Approved" }),
    );
    assert.deepEqual(await deploy(2, "Approved"), ["update"]);
    const { FailureReason, LastDeploymentConfig } = await lab.settled(endpoint);
    assert.equal(FailureReason, undefined);
    const { TrafficRoutingConfiguration } = LastDeploymentConfig?.BlueGreenUpdatePolicy ?? {};
    assert.deepEqual(TrafficRoutingConfiguration?.CanarySize, { Type: "CAPACITY_PERCENT", Value: 10 });
    assert.deepEqual(await lab.counted(endpoint, 5), { second: 5 });
  });

  it("takes a rejected version back", async () => {
    await lab.clients.sagemaker.send(
      new UpdateModelPackageCommand({ ModelPackageArn: arn(2), ModelApprovalStatus: "Rejected" }),
    );
    assert.deepEqual(await deploy(2, "Rejected"), ["update"]);
    await lab.settled(endpoint);
    assert.deepEqual(await lab.counted(endpoint, 5), { first: 5 });
  });
});
