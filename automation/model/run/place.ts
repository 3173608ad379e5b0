import { join } from "node:path";
import { modelDefaults } from "../../../config/model-profile.ts";
import type { Context } from "../../context.ts";
import { FolderStore } from "../local/folder-store.ts";
import type { ObjectStore } from "../local/object-store.ts";
import { FolderRegistry } from "../registry/folder.ts";
import type { ModelRegistry } from "../registry/registry.ts";
import { putCode } from "./code.ts";
import type { RunInput } from "./inputs.ts";
import { local, localDefinition, modelName, type LocalProfile } from "./local-settings.ts";

/** Where a pipeline runs as local processes: what it reads from, writes to and registers with. */
export interface RunPlace {
  /** Absent where there is no cloud behind it. */
  environment?: string;
  store: ObjectStore;
  bucket: string;
  registry: ModelRegistry;
  /** The pipeline's definition as SageMaker has it. */
  definition: unknown;
  pipeline: string;
  region: string;
  account: string;
  /** Work, logs and cache of runs. */
  directory: string;
  /** What to learn from where nobody says: what the data pipeline published last; undefined where there is nothing. */
  published(): Promise<RunInput | undefined>;
  close(): Promise<void>;
}

/** Folder of local runs in a checkout. */
export const localDirectory = (root: string): string => join(root, ".slipway", "model");

export interface FolderPlaceOptions {
  registry?: string | undefined;
  profile?: LocalProfile | undefined;
}

/** The registry of local runs. */
export function folderRegistry(root: string, directory?: string): FolderRegistry {
  const objects = new FolderStore(join(localDirectory(root), "s3"));
  return new FolderRegistry({
    directory: directory ?? join(localDirectory(root), "registry"),
    group: local.packageGroup,
    name: modelName,
    objects,
  });
}

/** Folders of the checkout in place of a cloud. The code is what the checkout holds. */
export async function folderPlace(
  { root }: Pick<Context, "root">,
  { registry, profile = modelDefaults }: FolderPlaceOptions = {},
): Promise<RunPlace> {
  const directory = localDirectory(root);
  const store = new FolderStore(join(directory, "s3"));
  const code = await putCode(root, directory, store, local.bucket);
  return {
    store,
    bucket: local.bucket,
    registry: folderRegistry(root, registry),
    definition: localDefinition(profile, code),
    pipeline: local.pipeline,
    region: local.region,
    account: local.account,
    directory,
    published: () => Promise.resolve(undefined),
    close: () => Promise.resolve(),
  };
}
