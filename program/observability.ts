import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { DataPipeline } from "../components/data/data-pipeline.ts";
import { inferenceFunctionName, inferenceFunctions } from "../components/model/inference/inference-scope.ts";
import type { ModelPipeline } from "../components/model/model-pipeline.ts";
import {
  deadLetterQueueName,
  endpointName,
  endpointVariant,
  modelFunction,
  modelFunctions,
  trainingPipelineName,
} from "../components/model/names.ts";
import { Observability } from "../components/observability/observability.ts";
import type { ModelView } from "../components/observability/pipeline-dashboards.ts";
import { clusterName } from "../components/shared/naming.ts";
import { observabilityArgs } from "../config/component-args.ts";
import type { EnvironmentSettings } from "../config/schema.ts";

/** What there is to observe. */
export interface Observed {
  data: DataPipeline | undefined;
  model: ModelPipeline | undefined;
  /** Names of stream processors; undefined where the environment has no stream processing. */
  processors: readonly string[] | undefined;
}

/** The environment as a whole, once its pipelines are declared. */
export async function observability(
  settings: EnvironmentSettings,
  root: string,
  { data, model, processors }: Observed,
  options: pulumi.ComponentResourceOptions,
): Promise<Observability> {
  const { streamMetrics: metrics, ...args } = observabilityArgs(settings);
  return new Observability(
    "observability",
    {
      ...args,
      topics: data?.topics,
      alarms: pulumi.all([data?.criticalAlarms ?? [], model?.criticalAlarms ?? []]).apply((names) => names.flat()),
      pipelines: [data, model].filter((pipeline) => pipeline !== undefined),
      services: { clusterName: clusterName(settings.environment) },
      ...(model && { model: modelView(settings, model), apiEndpoint: model.apiEndpoint }),
      ...(processors && { streams: { processors, metrics } }),
      script: await canaryScript(root),
    },
    options,
  );
}

function modelView({ environment, model: { endpoint } }: EnvironmentSettings, model: ModelPipeline): ModelView {
  const place = { environment };
  return {
    trainingPipeline: trainingPipelineName(place),
    ...(endpoint.kind !== "none" && { endpoint: { name: endpointName(place), variant: endpointVariant } }),
    functions: [
      ...modelFunctions.map((name) => modelFunction(place, name)),
      ...inferenceFunctions.map((name) => inferenceFunctionName(place, name)),
    ],
    // API Gateway makes it up, and the address begins with it.
    apiId: model.apiEndpoint.apply((url) => new URL(url).hostname.split(".")[0] ?? ""),
    deadLetterQueue: deadLetterQueueName(place),
  };
}

/** What asks addresses from outside: part of the commit that is deployed, like the program itself. */
async function canaryScript(root: string): Promise<{ path: string; digest: string }> {
  const path = join(root, "observability", "canary", "check.py");
  const digest = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { path, digest: `sha256:${digest}` };
}
