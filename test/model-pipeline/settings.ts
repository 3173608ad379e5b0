import { pipelineSettings } from "../../components/model/training.ts";
import { modelArgs } from "../../config/component-args.ts";
import { rawSettings } from "../../config/load.ts";
import { type EnvironmentSettings, parseSettings } from "../../config/schema.ts";
import { codeKey } from "../../model/pipeline/names.ts";
import type { PipelineSettings } from "../../model/pipeline/settings.ts";
import { stackConfig } from "../support/stack-files.ts";

const image = (name: string, digit: string) =>
  `111111111111.dkr.ecr.us-east-1.amazonaws.com/slipway/${name}@sha256:${digit.repeat(64)}`;

/** `sha256:<hex>` of some code. */
export const codeDigest = `sha256:${"a".repeat(64)}`;
export const code = codeKey(codeDigest);
export const images = { model: image("model", "b"), predict: image("predict", "c") };

const compute = { instanceType: "ml.m5.large", volumeGb: 10, timeoutMinutes: 60 };

/** A pipeline that nobody has asked anything special of. */
export const settings: PipelineSettings = {
  bucket: "models",
  codeDigest,
  images,
  roles: {
    preprocess: "arn:aws:iam::222222222222:role/preprocess",
    train: "arn:aws:iam::222222222222:role/train",
    evaluate: "arn:aws:iam::222222222222:role/evaluate",
  },
  packageGroup: "housing",
  approval: "auto",
  metric: "r2",
  threshold: 0.6,
  hyperparameters: { algorithm: "ridge", alpha: 1, trees: 100, depth: 8 },
  compute: { preprocess: compute, train: compute, evaluate: compute },
  servingInstanceTypes: ["ml.m5.large"],
  surroundings: { isolated: true },
  cacheDays: 30,
};

/** The pipeline of a real stack file, with a key and a network as the cloud would name them. */
export function settingsOf(stack: "dev" | "staging" | "prod"): PipelineSettings {
  const args = modelArgs(parseSettings(rawSettings(stackConfig(stack))) as EnvironmentSettings);
  const place = { environment: args.environment, account: args.account, region: args.region };
  const keyArn = `arn:aws:kms:us-east-1:${args.account}:key/11111111-2222-3333-4444-555555555555`;
  const scope = { ...place, keyArn, lake: { bucket: "lake", keyArn } };
  const artifacts = { code: { digest: codeDigest, path: "" }, images };
  const network = { subnets: ["subnet-1", "subnet-2"], securityGroups: ["sg-1"] };
  return {
    ...pipelineSettings(scope, args.settings, artifacts),
    surroundings: { isolated: true, keyArn, ...(args.settings.vpc && { network }) },
  };
}
