import type { Properties } from "../../../sandbox/types/type-spec.ts";
import type { InputCases } from "./input-cases.ts";
import { definition } from "./pipeline-resources.ts";

const unknown = Symbol.for("slipway:unknown");
const role = "arn:aws:iam::111111111111:role/r";
const pipeline = { pipelineName: "p", pipelineDisplayName: "p", roleArn: role, pipelineDefinition: definition() };
const groupPolicy = (Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action, Resource: "*" }] });
const container = { image: "1.dkr.ecr.eu-west-1.amazonaws.com/model@sha256:0", modelDataUrl: "s3://b/model.tar.gz" };
const model = { name: "m", executionRoleArn: role, primaryContainer: container };
const server = { variantName: "AllTraffic", modelName: "m", instanceType: "ml.m5.large", initialInstanceCount: 1 };
const serverless = {
  ...{ variantName: "AllTraffic", modelName: "m" },
  serverlessConfig: { maxConcurrency: 5, memorySizeInMb: 2_048 },
};
const capture = {
  ...{ destinationS3Uri: "s3://b/capture", initialSamplingPercentage: 100 },
  captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
};
const configuration = (variant: Properties, more: Properties = {}) => ({ productionVariants: [variant], ...more });
const percent = (value: number) => ({ type: "CAPACITY_PERCENT", value });
const canary = { type: "CANARY", waitIntervalInSeconds: 600, canarySize: percent(10) };
const linear = { type: "LINEAR", waitIntervalInSeconds: 600, linearStepSize: percent(20) };
const endpoint = (traffic: Properties, more: Properties = {}, config: Properties = {}) => ({
  endpointConfigName: "c",
  deploymentConfig: { blueGreenUpdatePolicy: { trafficRoutingConfiguration: traffic, ...more }, ...config },
});
const alarms = (count: number) => ({
  autoRollbackConfiguration: { alarms: Array.from({ length: count }, (_, index) => ({ alarmName: `a${index}` })) },
});
const rolling = { maximumBatchSize: percent(5), waitIntervalInSeconds: 0 };
const domain = {
  ...{ authMode: "IAM", domainName: "d", vpcId: "vpc-1", subnetIds: ["subnet-a"] },
  defaultUserSettings: { executionRole: role },
};
const server2 = { artifactStoreUri: "s3://b/mlflow", roleArn: role, trackingServerName: "t" };

/** SageMaker: pipelines, registry, endpoints and Studio. */
export const modelCases: Readonly<Record<string, InputCases>> = {
  "aws:sagemaker/pipeline:Pipeline": {
    valid: [
      pipeline,
      { ...pipeline, parallelismConfiguration: { maxParallelExecutionSteps: 2 } },
      { ...pipeline, pipelineDefinition: unknown },
    ],
    invalid: [
      ["pipelineName", { ...pipeline, pipelineName: "a_b" }],
      ["pipelineDisplayName", { ...pipeline, pipelineDisplayName: undefined }],
      ["roleArn", { ...pipeline, roleArn: "r" }],
      ["pipelineDefinition", { ...pipeline, pipelineDefinition: undefined }],
      ["pipelineDefinition", { ...pipeline, pipelineDefinition: "{}" }],
      ["pipelineDefinition", { ...pipeline, pipelineDefinitionS3Location: { bucket: "b", objectKey: "k" } }],
      ["parallelismConfiguration", { ...pipeline, parallelismConfiguration: { maxParallelExecutionSteps: 0 } }],
    ],
  },
  "aws:sagemaker/modelPackageGroup:ModelPackageGroup": {
    valid: [{ modelPackageGroupName: "slipway-dev-housing" }],
    invalid: [
      ["modelPackageGroupName", {}],
      ["modelPackageGroupName", { modelPackageGroupName: "-a" }],
      ["modelPackageGroupName", { modelPackageGroupName: "a".repeat(64) }],
    ],
  },
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": {
    valid: [{ modelPackageGroupName: "g", resourcePolicy: groupPolicy("sagemaker:DescribeModelPackage") }],
    invalid: [
      ["resourcePolicy", { modelPackageGroupName: "g" }],
      ["resourcePolicy", { modelPackageGroupName: "g", resourcePolicy: "{" }],
      ["resourcePolicy", { modelPackageGroupName: "g", resourcePolicy: groupPolicy("s3:GetObject") }],
    ],
  },
  "aws:sagemaker/model:Model": {
    valid: [
      model,
      { ...model, primaryContainer: { modelPackageName: "arn" } },
      { ...model, primaryContainer: unknown },
    ],
    invalid: [
      ["name", { ...model, name: "a_b" }],
      ["executionRoleArn", { ...model, executionRoleArn: undefined }],
      ["primaryContainer", { ...model, primaryContainer: undefined }],
      ["containers", { ...model, containers: [container] }],
      ["primaryContainer", { ...model, primaryContainer: { modelDataUrl: "s3://b/m" } }],
      ["primaryContainer", { ...model, primaryContainer: { ...container, modelDataUrl: "model.tar.gz" } }],
      ["primaryContainer", { ...model, primaryContainer: { ...container, mode: "Both" } }],
    ],
  },
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {
    valid: [
      configuration(server, { dataCaptureConfig: capture }),
      configuration(serverless),
      configuration({ ...server, modelName: unknown }),
    ],
    invalid: [
      ["productionVariants", {}],
      ["productionVariants", { productionVariants: [] }],
      ["productionVariants", { productionVariants: [server, server] }],
      ["productionVariants", configuration({ ...server, instanceType: undefined })],
      ["productionVariants", configuration({ ...server, instanceType: "m5.large" })],
      ["productionVariants", configuration({ ...server, initialInstanceCount: 0 })],
      ["productionVariants", configuration({ ...serverless, instanceType: "ml.m5.large" })],
      ["productionVariants", { productionVariants: [serverless, server] }],
      [
        "productionVariants",
        configuration({ ...serverless, serverlessConfig: { maxConcurrency: 5, memorySizeInMb: 512 } }),
      ],
      [
        "productionVariants",
        configuration({ ...serverless, serverlessConfig: { maxConcurrency: 201, memorySizeInMb: 1_024 } }),
      ],
      [
        "productionVariants",
        configuration({
          ...serverless,
          serverlessConfig: { maxConcurrency: 2, memorySizeInMb: 1_024, provisionedConcurrency: 3 },
        }),
      ],
      ["dataCaptureConfig", configuration(serverless, { dataCaptureConfig: capture })],
      [
        "dataCaptureConfig",
        configuration(server, { dataCaptureConfig: { ...capture, initialSamplingPercentage: 101 } }),
      ],
      ["dataCaptureConfig", configuration(server, { dataCaptureConfig: { ...capture, captureOptions: [] } })],
      ["dataCaptureConfig", configuration(server, { dataCaptureConfig: { ...capture, destinationS3Uri: "/tmp" } })],
      [
        "dataCaptureConfig",
        configuration(server, { dataCaptureConfig: { ...capture, captureOptions: [{ captureMode: "All" }] } }),
      ],
    ],
  },
  "aws:sagemaker/endpoint:Endpoint": {
    valid: [
      { endpointConfigName: "c" },
      endpoint(canary, { terminationWaitInSeconds: 300, maximumExecutionTimeoutInSeconds: 1_800 }, alarms(10)),
      endpoint(linear),
      endpoint({ type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 }),
      endpoint({ ...canary, type: unknown }),
      { endpointConfigName: "c", deploymentConfig: { rollingUpdatePolicy: rolling } },
    ],
    invalid: [
      ["endpointConfigName", { name: "e" }],
      ["deploymentConfig", endpoint({ ...canary, canarySize: percent(51) })],
      ["deploymentConfig", endpoint({ ...canary, canarySize: { type: "SHARE", value: 1 } })],
      ["deploymentConfig", endpoint({ ...canary, canarySize: undefined })],
      ["deploymentConfig", endpoint({ ...canary, linearStepSize: percent(20) })],
      ["deploymentConfig", endpoint({ ...canary, type: "SLOW" })],
      ["deploymentConfig", endpoint({ ...canary, waitIntervalInSeconds: 3_601 })],
      ["deploymentConfig", endpoint({ ...linear, linearStepSize: percent(9) })],
      ["deploymentConfig", endpoint(canary, { terminationWaitInSeconds: 3_601 })],
      ["deploymentConfig", endpoint(canary, { maximumExecutionTimeoutInSeconds: 599 })],
      ["deploymentConfig", endpoint(canary, { terminationWaitInSeconds: 100, maximumExecutionTimeoutInSeconds: 650 })],
      ["deploymentConfig", endpoint(canary, {}, alarms(0))],
      ["deploymentConfig", endpoint(canary, {}, alarms(11))],
      ["deploymentConfig", endpoint(canary, {}, { rollingUpdatePolicy: rolling })],
      [
        "deploymentConfig",
        {
          endpointConfigName: "c",
          deploymentConfig: { rollingUpdatePolicy: { ...rolling, maximumBatchSize: percent(4) } },
        },
      ],
    ],
  },
  "aws:sagemaker/domain:Domain": {
    valid: [domain, { ...domain, retentionPolicy: { homeEfsFileSystem: "Delete" } }],
    invalid: [
      ["authMode", { ...domain, authMode: "PASSWORD" }],
      ["subnetIds", { ...domain, subnetIds: [] }],
      ["appNetworkAccessType", { ...domain, appNetworkAccessType: "Open" }],
      ["defaultUserSettings", { ...domain, defaultUserSettings: {} }],
      ["retentionPolicy", { ...domain, retentionPolicy: { homeEfsFileSystem: "Keep" } }],
    ],
  },
  "aws:sagemaker/userProfile:UserProfile": {
    valid: [{ domainId: "d-1", userProfileName: "ann" }],
    invalid: [
      ["userProfileName", { domainId: "d-1", userProfileName: "ann@example.com" }],
      ["singleSignOnUserValue", { domainId: "d-1", userProfileName: "ann", singleSignOnUserValue: "ann" }],
    ],
  },
  "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": {
    valid: [server2, { ...server2, trackingServerSize: "Large", weeklyMaintenanceWindowStart: "TUE:03:30" }],
    invalid: [
      ["artifactStoreUri", { ...server2, artifactStoreUri: "/var/mlflow" }],
      ["trackingServerSize", { ...server2, trackingServerSize: "Huge" }],
      ["weeklyMaintenanceWindowStart", { ...server2, weeklyMaintenanceWindowStart: "TUE:24:30" }],
      ["mlflowVersion", { ...server2, mlflowVersion: "latest" }],
    ],
  },
};
