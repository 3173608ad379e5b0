import type * as pulumi from "@pulumi/pulumi";
import { arnOf } from "../../data/state-machine/names.ts";
import { functionLogGroup, limited, partitionOf, prefix } from "../../shared/naming.ts";

/** Where one inference API is, and what it answers from. */
export interface InferenceScope {
  environment: string;
  account: string;
  region: string;
  keyArn: pulumi.Input<string>;
  /** Bucket and folder, without slashes around it, of the documents that say which models there are. */
  registry: { bucket: string; folder: string };
  /** Name of the endpoint that predicts. Absent where the environment has none. */
  endpoint?: string;
}

export const inferenceFunctions = ["models_api", "traffic_hook_before", "traffic_hook_after"] as const;
export type InferenceFunctionName = (typeof inferenceFunctions)[number];
export type HookPhase = "before" | "after";

/** The alias that callers reach; CodeDeploy moves it from version to version. */
export const liveAlias = "live";

/** `slipway-dev-models-api` */
export function inferenceFunctionName({ environment }: Pick<InferenceScope, "environment">, name: string): string {
  return limited("function", `${prefix}-${environment}-${name.replaceAll("_", "-")}`);
}

export function inferenceLogGroup(scope: InferenceScope, name: InferenceFunctionName): string {
  return functionLogGroup(inferenceFunctionName(scope, name));
}

/** Name of the API, of the CodeDeploy application and of its one deployment group. */
export function inferenceName({ environment }: Pick<InferenceScope, "environment">): string {
  return `${prefix}-${environment}-inference`;
}

/** Under this prefix API Gateway may write without a policy of its own per group. */
export function accessLogGroup(scope: InferenceScope): string {
  return limited("logGroup", `/aws/vendedlogs/apigateway/${inferenceName(scope)}`);
}

export function functionArn(scope: InferenceScope, name: InferenceFunctionName): string {
  return arnOf(scope, "lambda", `function:${inferenceFunctionName(scope, name)}`);
}

export function deploymentGroupArn(scope: InferenceScope): string {
  return arnOf(scope, "codedeploy", `deploymentgroup:${inferenceName(scope)}/${inferenceName(scope)}`);
}

export function alarmName(scope: InferenceScope, key: string): string {
  return `${inferenceName(scope)}-${key}`;
}

export function registryBucketArn({ region, registry }: InferenceScope): string {
  return `arn:${partitionOf(region)}:s3:::${registry.bucket}`;
}
