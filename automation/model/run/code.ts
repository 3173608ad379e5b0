import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { codeKey } from "../../../model/pipeline/names.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { ArtifactFolder } from "../../release/artifact-folder.ts";
import { packWorkingTree } from "../../release/working-tree.ts";
import type { ObjectStore } from "../local/object-store.ts";

/** Packs the training code of a checkout as it stands and puts it where the pipeline reads it. Returns its digest. */
export async function putCode(root: string, directory: string, store: ObjectStore, bucket: string): Promise<string> {
  const folder = new ArtifactFolder(join(directory, "code"));
  const { modelCode } = await packWorkingTree(root, { folder, roots: ["model/src"] });
  const digest = modelCode["model"]?.digest;
  if (digest === undefined)
    throw new SlipwayError(ExitCode.usage, "There is no code of the model in this checkout.", {
      where: "model/src",
      next: "git checkout -- model/src",
    });
  await store.write({ bucket, key: codeKey(digest) }, await readFile(folder.pathOf(digest)));
  return digest;
}

/** The training code that a rendered definition runs: the digits of its digest. */
export function codeIn(definition: unknown): string | undefined {
  return /\/code\/model\/([0-9a-f]{64})\.zip/.exec(JSON.stringify(definition))?.[1];
}

/**
 * What the image of the pipeline starts where a job has no say in it, as those of a tuning have none: the training code, which is a channel
 * of the job.
 */
export const trainingEntrypoint = (code: string | undefined): readonly string[] | undefined =>
  code === undefined ? undefined : ["python3", `/opt/ml/input/data/code/${code}.zip`, "train"];
