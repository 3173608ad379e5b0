import { InferenceApi, type InferenceApiArgs } from "../../../../components/model/inference/inference-api.ts";
import type { FunctionCode } from "../../../../components/model/inference/inference-function.ts";
import type { InferenceScope } from "../../../../components/model/inference/inference-scope.ts";
import { run } from "../../../support/harness.ts";

export const scope: InferenceScope = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  keyArn: "arn:key",
  registry: { bucket: "slipway-dev-model-bucket", folder: "registry/slipway-dev-housing" },
  endpoint: "slipway-dev-housing",
};

const code = (name: string): FunctionCode => ({ bucket: "slipway-code", key: `${name}.zip`, hash: `${name}-hash` });

export const args: InferenceApiArgs = {
  scope,
  code: { modelsApi: code("models_api"), trafficHook: code("traffic_hook") },
  layerArns: ["arn:layer:modelkit:1"],
  logRetentionDays: 7,
  removal: "destroy",
};

const at = "us-east-1:222222222222";
export const target = `arn:aws:lambda:${at}:function:slipway-dev-models-api`;
export const hook = (phase: string) => `arn:aws:lambda:${at}:function:slipway-dev-traffic-hook-${phase}`;
export const group = `arn:aws:codedeploy:${at}:deploymentgroup:slipway-dev-inference/slipway-dev-inference`;
export const alarm = (key: string) => `arn:aws:cloudwatch:${at}:alarm:slipway-dev-inference-${key}`;
export const logs = (name: string) => `arn:aws:logs:${at}:log-group:/aws/lambda/slipway-dev-${name}`;

const outputs = {
  "aws:lambda/function:Function": (_: string, { name }: Record<string, unknown>) => ({
    version: "3",
    arn: `arn:${String(name)}`,
  }),
  "aws:lambda/alias:Alias": () => ({ invokeArn: "arn:invoke:live" }),
  "aws:apigatewayv2/api:Api": () => ({
    apiEndpoint: "https://abc.execute-api.us-east-1.amazonaws.com",
    executionArn: "arn:execution",
  }),
};

/** The component with its arguments changed, as it is registered. */
export async function made(changes: Partial<InferenceApiArgs> = {}) {
  let api: InferenceApi | undefined;
  const result = await run(() => void (api = new InferenceApi("api", { ...args, ...changes })), { outputs });
  return { ...result, api: api as InferenceApi };
}
