import { ExitCode, SlipwayError } from "../automation/errors.ts";
import type { ArtifactFile, ArtifactFiles } from "./release.ts";

/** The code of the data pipeline: its functions and job scripts by name, and the library that both share. */
export interface DataCode {
  functions: Record<string, ArtifactFile>;
  /** The library as a Lambda layer. */
  layer: ArtifactFile;
  /** The library as Spark takes it. */
  jobLibrary: ArtifactFile;
  jobScripts: Record<string, ArtifactFile>;
}

const library = "lakehouse";

/**
 * What a release holds for the data pipeline.
 * @throws SlipwayError (usage) when the library is missing; what else is, the component says.
 */
export function dataCode({ functions, layers, jobScripts }: ArtifactFiles): DataCode {
  const { [library]: jobLibrary, ...scripts } = jobScripts;
  const layer = layers[library];
  if (layer === undefined || jobLibrary === undefined)
    throw new SlipwayError(ExitCode.usage, `the release has no library ${library}.`, {
      where: `data/src/${library}`,
      next: "Restore the folder and commit it.",
    });
  return { functions, layer, jobLibrary, jobScripts: scripts };
}
