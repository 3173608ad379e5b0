import * as pulumi from "@pulumi/pulumi";
import { modelAlarmSpecs } from "./alarms-specs.ts";
import { deploymentSeconds } from "./endpoint.ts";
import type { InferenceCheck, ShiftOutput } from "./inference/inference-outputs.ts";
import type { ModelScope } from "./model-scope.ts";
import type { ModelSettings } from "./model-settings.ts";
import { alarmName, endpointName, modelBucket, registryUri } from "./names.ts";

/** What others need to know of the model pipeline. */
export interface ModelOutputs {
  bucket: string;
  pipeline: string;
  pipelineArn: string;
  packageGroup: string;
  endpoint?: string;
  registry: string;
  /** ARNs by name. */
  functions: Record<string, string>;
  shifts: ShiftOutput[];
}

/** Where everything of one pipeline is. */
export function modelOutputs(args: {
  scope: ModelScope;
  training: {
    pipeline: pulumi.Output<string>;
    pipelineArn: pulumi.Output<string>;
    packageGroup: pulumi.Output<string>;
  };
  /** Name of the endpoint, where there is one. */
  endpoint?: pulumi.Output<string>;
  functions: Readonly<Record<string, { arn: pulumi.Output<string> }>>;
  inference: { functions: Readonly<Record<string, pulumi.Output<string>>>; shifts: pulumi.Output<ShiftOutput[]> };
}): pulumi.Output<ModelOutputs> {
  const { scope, training, endpoint, functions, inference } = args;
  const own = Object.entries(functions).map(([name, { arn }]) => [name, arn] as const);
  return pulumi
    .output({
      pipeline: training.pipeline,
      pipelineArn: training.pipelineArn,
      packageGroup: training.packageGroup,
      functions: { ...Object.fromEntries(own), ...inference.functions },
      shifts: inference.shifts,
      endpoint,
    })
    .apply(({ endpoint: name, ...known }) => ({
      bucket: modelBucket(scope, "model"),
      registry: registryUri(scope),
      ...known,
      ...(name !== undefined && { endpoint: name }),
    }));
}

/** The endpoint answers, once whatever changes it is through. */
export interface EndpointCheck {
  kind: "sagemaker-endpoint";
  name: string;
  region: string;
  endpoint: string;
  payload: string;
  predictions: number;
  timeoutSeconds: number;
}

interface AlarmCheck {
  kind: "alarm";
  name: string;
  region: string;
  alarms: string[];
}

export type ModelCheck = InferenceCheck | EndpointCheck | AlarmCheck;

/** Houses that any model that was trained on houses has an answer for. */
const sample = [
  { area: 85, bedrooms: 3, bathrooms: 1, age: 20 },
  { area: 140, bedrooms: 4, bathrooms: 2, age: 5 },
];

/** Names of the alarms that wake somebody up, beside those that stop a shift. */
export function criticalAlarms(scope: Pick<ModelScope, "environment">, settings: ModelSettings): string[] {
  return modelAlarmSpecs({ environment: scope.environment, settings })
    .filter(({ severity }) => severity === "critical")
    .map(({ key }) => alarmName(scope, key));
}

/** The checks of one model pipeline: it predicts, the API answers, and nothing complains. */
export function modelChecks(args: {
  scope: ModelScope;
  settings: ModelSettings;
  inference: pulumi.Input<InferenceCheck[]>;
  /** Names. */
  alarms: pulumi.Input<string[]>;
}): pulumi.Output<ModelCheck[]> {
  const { scope, settings } = args;
  const { region } = scope;
  const { endpoint } = settings;
  const predicts: EndpointCheck[] =
    endpoint.kind === "none"
      ? []
      : [
          {
            kind: "sagemaker-endpoint",
            name: "model-endpoint",
            region,
            endpoint: endpointName(scope),
            payload: JSON.stringify({ rows: sample }),
            predictions: sample.length,
            timeoutSeconds: deploymentSeconds(endpoint),
          },
        ];
  return pulumi
    .all([args.inference, args.alarms])
    .apply(([inference, alarms]): ModelCheck[] => [
      ...predicts,
      ...inference,
      { kind: "alarm", name: "model-alarms", region, alarms },
    ]);
}
