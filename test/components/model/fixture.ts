import { ModelPipeline, type ModelPipelineArgs } from "../../../components/model/model-pipeline.ts";
import type { ModelSettings } from "../../../components/model/model-settings.ts";
import type { ModelScope } from "../../../components/model/model-scope.ts";
import { codedFunctions, codedLayers } from "../../../components/model/model-code.ts";
import { type Run, type RunOptions, run } from "../../support/harness.ts";

const artifact = (digit: string) => ({ digest: `sha256:${digit.repeat(64)}`, path: import.meta.filename });
const image = (name: string) => `111111111111.dkr.ecr.us-east-1.amazonaws.com/slipway/${name}@sha256:${"f".repeat(64)}`;
export const images = { model: image("model"), predict: image("predict") };

const compute = { instanceType: "ml.m5.large", volumeGb: 10, timeoutMinutes: 60 };

/** An endpoint of two machines, where a new model begins with a tenth. */
export const endpoint = {
  kind: "instances",
  instanceType: "ml.m5.large",
  count: 2,
  canary: { percentage: 10, minutes: 30 },
  terminationMinutes: 10,
  capturePercentage: 20,
} as const;

export const settings: ModelSettings = {
  approval: "auto",
  metric: "r2",
  threshold: 0.6,
  hyperparameters: { algorithm: "ridge", alpha: 1, trees: 100, depth: 8 },
  compute: { preprocess: compute, train: compute, evaluate: compute },
  cacheDays: 30,
  vpc: true,
  endpoint,
  schedule: { expression: "rate(7 days)", enabled: true },
  onPublished: false,
  alarms: { errorsPerMinute: 2, latencyMs: 500 },
  api: { authorization: "iam", shift: { kind: "canary", percentage: 10, minutes: 30 } },
  promotion: { mode: "code" },
  quotas: {},
};

export const args: ModelPipelineArgs = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  artifacts: {
    code: artifact("a"),
    functions: Object.fromEntries(codedFunctions.map((name, at) => [name, artifact(String(at))])),
    layers: Object.fromEntries(codedLayers.map((name, at) => [name, artifact(String(5 + at))])),
    images,
  },
  settings,
  lifetimes: { logRetentionDays: 7, keyDeletionDays: 7, removal: "retain" },
  lake: { bucket: "slipway-dev-processed-bucket-222222222222-us-east-1", keyArn: "arn:lake-key" },
  network: { vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2"] },
  topics: { info: "arn:topic:info", warning: "arn:topic:warning", critical: "arn:topic:critical" },
};

export const scope: ModelScope = {
  environment: args.environment,
  account: args.account,
  region: args.region,
  keyArn: "arn:key",
  lake: args.lake,
};

const at = "us-east-1:222222222222";
export const sagemaker = (what: string) => `arn:aws:sagemaker:${at}:${what}`;
export const arnOf = (service: string, what: string) => `arn:aws:${service}:${at}:${what}`;
export const bucket = "arn:aws:s3:::slipway-dev-model-bucket-222222222222-us-east-1";
export const key = "arn:aws:kms:us-east-1:111111111111:key/model-encryption-key";

const outputs: NonNullable<RunOptions["outputs"]> = {
  "aws:lambda/function:Function": (_, { name }) => ({ version: "3", arn: arnOf("lambda", `function:${String(name)}`) }),
  "aws:sagemaker/pipeline:Pipeline": (_, { pipelineName }) => ({ arn: sagemaker(`pipeline/${String(pipelineName)}`) }),
  "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": (_, { trackingServerName }) => ({
    arn: sagemaker(`mlflow-tracking-server/${String(trackingServerName)}`),
  }),
  "aws:cloudwatch/eventRule:EventRule": (_, { name }) => ({ arn: arnOf("events", `rule/${String(name)}`) }),
};

type Change = Partial<Omit<ModelPipelineArgs, "settings">> & { settings?: Partial<ModelSettings> };

/** The pipeline of the fixture, changed, as it is registered. */
export async function made(change: Change = {}, options: RunOptions = {}): Promise<[ModelPipeline, Run]> {
  const pipelines: ModelPipeline[] = [];
  const all = { ...args, ...change, settings: { ...settings, ...change.settings } };
  const done = await run(() => void pipelines.push(new ModelPipeline("model", all)), { outputs, ...options });
  return [pipelines[0]!, done];
}

/** Something made once: nothing in a finished run changes any more. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= make());
}
