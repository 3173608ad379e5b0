import { writeLogs, writeTraces } from "../data/grants.ts";
import { arnOf } from "../data/state-machine/names.ts";
import type { Statement } from "../shared/iam.ts";
import { encryptDisks, listObjects, readLake, readObjects, useKey, writeObjects } from "./grants.ts";
import type { ModelScope } from "./model-scope.ts";
import type { ModelSettings } from "./model-settings.ts";
import {
  type ModelFunctionName,
  deadLetterQueueName,
  endpointName,
  modelFunctionLogGroup,
  modelRoleArn,
  registryFolder,
  trainingDataset,
  trainingPipelineName,
} from "./names.ts";
import { foreignModels, sourcePackages } from "./promotion-statements.ts";

type FunctionSettings = Pick<ModelSettings, "endpoint" | "promotion">;

/** Starting the pipeline on what the lake published last. */
function trainingHandler(scope: ModelScope): Statement[] {
  return [
    // It lists the files of its table and reads none of them.
    ...readLake(scope, ["_state"], ["_state", trainingDataset]),
    readObjects(scope, "ReadInputs", ["inputs/*"]),
    writeObjects(scope, "WriteInputs", ["inputs/*"]),
    listObjects(scope, ["inputs/*"]),
    {
      sid: "StartPipeline",
      actions: ["sagemaker:StartPipelineExecution"],
      resources: [arnOf(scope, "sagemaker", `pipeline/${trainingPipelineName(scope)}`)],
    },
  ];
}

/** Moving the endpoint to another model. */
function moveEndpoint(scope: ModelScope): Statement[] {
  const name = endpointName(scope);
  const endpoint = arnOf(scope, "sagemaker", `endpoint/${name}`);
  const configurations = arnOf(scope, "sagemaker", `endpoint-config/${name}-*`);
  return [
    {
      sid: "MoveEndpoint",
      actions: ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
      resources: [endpoint, configurations],
    },
    {
      sid: "LookAtEndpoint",
      actions: ["sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint"],
      resources: [endpoint],
    },
    {
      sid: "MakeConfigurations",
      actions: ["sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig"],
      resources: [configurations],
    },
    {
      sid: "MakeModels",
      actions: ["sagemaker:CreateModel", "sagemaker:DescribeModel"],
      resources: [arnOf(scope, "sagemaker", `model/${name}-*`)],
    },
    {
      sid: "PassServingRole",
      actions: ["iam:PassRole"],
      resources: [modelRoleArn(scope, "serving")],
      conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    },
  ];
}

/** Keeping mirror and endpoint in step with the package group. */
function deployEndpoint(scope: ModelScope, { endpoint, promotion }: FunctionSettings): Statement[] {
  const { group, packages } = sourcePackages(scope, promotion);
  const registry = `${registryFolder(scope)}/*`;
  return [
    {
      sid: "SeeModels",
      actions: ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
      resources: [group, packages],
    },
    readObjects(scope, "ReadRunsAndRegistry", ["runs/*", registry]),
    writeObjects(scope, "WriteRegistry", [registry]),
    { ...readObjects(scope, "ClearRegistry", [registry]), actions: ["s3:DeleteObject"] },
    listObjects(scope, ["runs/*", registry]),
    ...foreignModels(scope, promotion),
    ...(endpoint.kind === "none" ? [] : moveEndpoint(scope)),
    ...(endpoint.kind === "instances" ? encryptDisks(scope) : []),
  ];
}

/** All that a function may do. */
export function functionStatements(
  scope: ModelScope,
  name: ModelFunctionName,
  settings: FunctionSettings,
): Statement[] {
  const own = name === "training_handler" ? trainingHandler(scope) : deployEndpoint(scope, settings);
  return [
    ...own,
    useKey(scope, ["s3", "sqs"]),
    {
      sid: "SendDeadLetters",
      actions: ["sqs:SendMessage"],
      resources: [arnOf(scope, "sqs", deadLetterQueueName(scope))],
    },
    writeLogs([arnOf(scope, "logs", `log-group:${modelFunctionLogGroup(scope, name)}`)]),
    writeTraces(),
  ];
}
