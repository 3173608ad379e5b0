import * as pulumi from "@pulumi/pulumi";
import type { Json } from "../../model/pipeline/types.ts";
import { captureUri, deploymentSeconds } from "./endpoint.ts";
import type { ModelNetwork, ModelScope } from "./model-scope.ts";
import type { EndpointSettings, ModelSettings } from "./model-settings.ts";
import {
  type ModelFunctionName,
  alarmName,
  endpointName,
  modelBucket,
  modelName,
  modelRoleArn,
  registryUri,
  trainingDataset,
  trainingPipelineName,
} from "./names.ts";
import { sourceGroup } from "./promotion-statements.ts";

/** What decides, beside the scope, what functions are told. */
export interface FunctionContext {
  scope: ModelScope;
  settings: ModelSettings;
  codeDigest: string;
  /** Image that serves models. */
  image: string;
  /** Parameters of an execution, as the pipeline's definition has them. */
  parameters: Json;
  network?: ModelNetwork | undefined;
  /** Keys of the alarms that stop a deployment of the endpoint. */
  guardrails: readonly string[];
}

type OnInstances = Extract<EndpointSettings, { kind: "instances" }>;

function deployment({ scope, guardrails }: FunctionContext, endpoint: OnInstances) {
  const { canary, terminationMinutes } = endpoint;
  return {
    ...(canary === undefined
      ? { strategy: "all-at-once", waitSeconds: 0 }
      : { strategy: "canary", percent: canary.percentage, waitSeconds: canary.minutes * 60 }),
    terminationWaitSeconds: terminationMinutes * 60,
    maximumSeconds: deploymentSeconds(endpoint),
    alarms: guardrails.map((key) => alarmName(scope, key)),
  };
}

function onInstances(context: FunctionContext, endpoint: OnInstances) {
  const { scope, network } = context;
  const { instanceType: type, count, capturePercentage: percent } = endpoint;
  return {
    instances: { type, count },
    isolated: true,
    ...(network && { network: { subnets: network.subnets, securityGroups: network.securityGroups } }),
    keyArn: scope.keyArn,
    ...(percent > 0 && { capture: { percent, destination: captureUri(scope) } }),
    deployment: deployment(context, endpoint),
  };
}

/** How what is approved is served: the endpoint as the program made it, with another model. */
export function serving(context: FunctionContext): pulumi.Output<string> | undefined {
  const { scope, settings, image } = context;
  const { endpoint } = settings;
  if (endpoint.kind === "none") return undefined;
  const common = { endpoint: endpointName(scope), image, roleArn: modelRoleArn(scope, "serving") };
  if (endpoint.kind === "instances") return pulumi.jsonStringify({ ...common, ...onInstances(context, endpoint) });
  const { memoryMb, maxConcurrency } = endpoint;
  return pulumi.jsonStringify({ ...common, serverless: { memoryMb, maxConcurrency } });
}

/** What a function is told of where it runs. */
export function functionVariables(
  name: ModelFunctionName,
  context: FunctionContext,
): Record<string, pulumi.Input<string>> {
  const { scope, settings } = context;
  const common = { ENVIRONMENT: scope.environment, MODEL_NAME: modelName };
  if (name === "training_handler") {
    return {
      ...common,
      PIPELINE: trainingPipelineName(scope),
      PIPELINE_PARAMETERS: JSON.stringify(context.parameters),
      THRESHOLD_METRIC: settings.metric,
      CODE_DIGEST: context.codeDigest,
      MODEL_BUCKET: modelBucket(scope, "model"),
      PROCESSED_BUCKET: scope.lake.bucket,
      DATASET: trainingDataset,
    };
  }
  const served = serving(context);
  return {
    ...common,
    PACKAGE_GROUP: sourceGroup(scope, settings.promotion),
    MODEL_REGISTRY: registryUri(scope),
    ...(served !== undefined && { SERVING: served }),
  };
}
