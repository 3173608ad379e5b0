import type { ModelProfile } from "../../../config/model-profile.ts";
import { modelPipeline } from "../../../model/pipeline/housing.ts";
import { renderDefinition } from "../../../model/pipeline/render.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";

/** Names of what stands in for a cloud's resources where there is no cloud. */
export const local = {
  bucket: "slipway-local-model-bucket",
  pipeline: "slipway-local-training-pipeline",
  packageGroup: "slipway-local-housing",
  region: "us-east-1",
  account: "000000000000",
} as const;

/** What the model is called in documents. */
export const modelName = "housing";

const role = `arn:aws:iam::${local.account}:role/local`;

export type LocalProfile = Pick<
  ModelProfile,
  "approval" | "metric" | "threshold" | "hyperparameters" | "tuning" | "compute" | "cacheDays"
>;

/** The pipeline's definition as an environment would have it, for local names. @throws SlipwayError (usage) */
export function localDefinition(profile: LocalProfile, codeDigest: string): unknown {
  const { approval, metric, threshold, hyperparameters, tuning, compute, cacheDays } = profile;
  try {
    return renderDefinition(
      modelPipeline({
        bucket: local.bucket,
        codeDigest,
        images: { model: "local/model", predict: "local/predict" },
        roles: { preprocess: role, train: role, evaluate: role },
        packageGroup: local.packageGroup,
        ...{ approval, metric, threshold, hyperparameters, compute, cacheDays },
        ...(tuning === undefined ? {} : { tuning }),
        servingInstanceTypes: ["ml.m5.large"],
        surroundings: { isolated: true },
      }),
    );
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new SlipwayError(ExitCode.usage, cause.message, {
      where: "slipway:model",
      changed: "nothing: no step was started",
      next: "Correct the settings.",
      cause,
    });
  }
}
