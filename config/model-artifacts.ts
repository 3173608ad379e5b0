import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { repositoryUrls } from "./operations.ts";
import type { OperationsOutputs } from "./outputs.ts";
import type { ArtifactFile, ArtifactFiles, Artifacts } from "./release.ts";

/** Everything of a release that the model pipeline runs. */
export interface ModelCode {
  /** What preprocesses, trains and evaluates. */
  code: ArtifactFile;
  functions: Record<string, ArtifactFile>;
  layers: Record<string, ArtifactFile>;
  /** Images by digest: that which runs the code, and that which serves models. */
  images: { model: string; predict: string };
}

/** Where each image comes from, for messages. */
const images = { model: "model/image", predict: "services/predict" } as const;

function imageDigest(artifacts: Artifacts, name: keyof typeof images): string {
  const digest = artifacts.images[name]?.digest;
  if (digest !== undefined) return digest;
  throw new SlipwayError(ExitCode.usage, `the release has no image ${name}, which the model pipeline needs.`, {
    where: images[name],
    next: `Restore ${images[name]}/Dockerfile and commit it, or turn the pipeline off with slipway:model: { enabled: false }.`,
  });
}

/**
 * What a release holds for the model pipeline. What is missing of functions and layers, the component says.
 * @throws SlipwayError (usage) when the training code, an image or its repository is missing.
 */
export function modelArtifacts(
  { functions, layers, modelCode }: ArtifactFiles,
  artifacts: Artifacts,
  operations: OperationsOutputs,
): ModelCode {
  const code = modelCode.model;
  if (code === undefined) {
    throw new SlipwayError(ExitCode.usage, "the release has no code of the model pipeline.", {
      where: "model/src",
      next: "Restore the folder and commit it.",
    });
  }
  const urls = repositoryUrls(operations, ["model", "predict"]);
  const image = (name: keyof typeof images) => `${urls[name]}@${imageDigest(artifacts, name)}`;
  return { code, functions, layers, images: { model: image("model"), predict: image("predict") } };
}
