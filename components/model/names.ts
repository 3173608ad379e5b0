import { type DataScope, arnOf } from "../data/state-machine/names.ts";
import { bucketName, functionLogGroup, limited, partitionOf, prefix } from "../shared/naming.ts";

/** What the model is called, in documents and in names. */
export const modelName = "housing";

/** Table of the lake that it learns from. */
export const trainingDataset = "houses";

/** SageMaker counts requests by variant; the endpoint has one, which whoever deploys calls the same. */
export const endpointVariant = "serving";

/** Folder of the bucket with the documents that services read. */
export const registryPrefix = "registry";

type Environment = Pick<DataScope, "environment">;

/** Name of anything of the model pipeline: `slipway-dev-<name>`. */
export function modelResource({ environment }: Environment, name: string): string {
  return `${prefix}-${environment}-${name}`;
}

export function modelBucket({ environment, account, region }: DataScope, role: "model" | "model-logs"): string {
  return bucketName(`${environment}-${role}-bucket`, account, region);
}

export function modelBucketArn(scope: DataScope): string {
  return `arn:${partitionOf(scope.region)}:s3:::${modelBucket(scope, "model")}`;
}

export function trainingPipelineName(scope: Environment): string {
  return modelResource(scope, "training-pipeline");
}

export function packageGroupName(scope: Environment): string {
  return modelResource(scope, modelName);
}

export function endpointName(scope: Environment): string {
  return modelResource(scope, modelName);
}

/** Folder, without slashes around it, that the registry is mirrored in. */
export function registryFolder(scope: Environment): string {
  return `${registryPrefix}/${packageGroupName(scope)}`;
}

/** Where services find the registry. */
export function registryUri(scope: DataScope): string {
  return `s3://${modelBucket(scope, "model")}/${registryFolder(scope)}`;
}

/** Roles whose names stand in other policies and in the pipeline's definition. */
export const modelRoles = ["preprocess", "train", "evaluate", "pipeline", "serving"] as const;
export type ModelRole = (typeof modelRoles)[number];

export function modelRoleName(scope: Environment, role: ModelRole | "tracking" | "studio"): string {
  return modelResource(scope, `model-${role}`);
}

export function modelRoleArn(scope: DataScope, role: ModelRole): string {
  return `arn:${partitionOf(scope.region)}:iam::${scope.account}:role/${modelRoleName(scope, role)}`;
}

/** Functions that belong to training and deployment; those behind the API are the inference API's. */
export const modelFunctions = ["training_handler", "deploy_endpoint"] as const;
export type ModelFunctionName = (typeof modelFunctions)[number];

export function modelFunction(scope: Environment, name: ModelFunctionName): string {
  return limited("function", modelResource(scope, name.replaceAll("_", "-")));
}

export function modelFunctionLogGroup(scope: Environment, name: ModelFunctionName): string {
  return functionLogGroup(modelFunction(scope, name));
}

/** SageMaker writes to exactly this group. */
export function endpointLogGroup(scope: Environment): string {
  return limited("logGroup", `/aws/sagemaker/Endpoints/${endpointName(scope)}`);
}

/** Groups that SageMaker writes the output of jobs to: one of a kind in a whole account. */
export const jobLogGroups = {
  processing: "/aws/sagemaker/ProcessingJobs",
  training: "/aws/sagemaker/TrainingJobs",
} as const;

export function deadLetterQueueName(scope: Environment): string {
  return modelResource(scope, "model-dead-letters");
}

export function trackingServerName(scope: Environment): string {
  return modelResource(scope, "model-tracking");
}

export function alarmName(scope: Environment, key: string): string {
  return modelResource(scope, `model-${key}`);
}

/** ARNs of a package group and of the packages in it. */
export function packageArns(scope: DataScope): { group: string; packages: string } {
  const name = packageGroupName(scope);
  return {
    group: arnOf(scope, "sagemaker", `model-package-group/${name}`),
    packages: arnOf(scope, "sagemaker", `model-package/${name}/*`),
  };
}
