import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ArtifactFolder, type ArtifactFiles, uploadedArtifacts } from "../automation/release/artifact-folder.ts";
import { resolveCheckoutImages } from "../automation/release/image-builds.ts";
import type { Artifacts } from "../automation/release/manifest.ts";
import { readManifest } from "../automation/release/releases.ts";
import { packWorkingTree } from "../automation/release/working-tree.ts";
import { ExitCode, SlipwayError } from "../automation/errors.ts";

export type { ArtifactFile, ArtifactFiles } from "../automation/release/artifact-folder.ts";
export type { Artifacts } from "../automation/release/manifest.ts";

/**
 * What the environment shall run: the release that `SLIPWAY_RELEASE` points to, or the workloads of the working tree,
 * packed the same way and so with the same digests. Images of a working tree are those that were pushed of the same files; with
 * `SLIPWAY_IMAGES=sources`, as in the sandbox, the files themselves.
 * @param unpushed Told of images that no registry has; by default they are an error.
 * @throws SlipwayError when the manifest cannot be read or does not match its id.
 */
export async function loadRelease(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  unpushed: (problem: SlipwayError) => void = refuse,
): Promise<Artifacts> {
  const path = env.SLIPWAY_RELEASE;
  if (path) return (await readManifest(path)).artifacts;
  const packed = await packWorkingTree(root);
  if (env.SLIPWAY_IMAGES === "sources") return packed;
  return resolveCheckoutImages(root, env, packed, unpushed);
}

function refuse(problem: SlipwayError): never {
  throw problem;
}

/**
 * The bytes of functions, layers and job scripts as files by digest. With `SLIPWAY_RELEASE` they are in the folder `SLIPWAY_ARTIFACTS`,
 * where the driver put them; otherwise the working tree is packed into the cache of `node_modules`. Either way what is deployed
 * is decided by the content: Pulumi compares assets by hash, so another folder or another machine is no change.
 * @param artifacts What `loadRelease` gave; then a working tree that was packed before is not packed again.
 * @throws SlipwayError when bytes are missing or do not have their digest.
 */
export async function loadArtifactFiles(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  artifacts?: Artifacts,
): Promise<ArtifactFiles> {
  // No image is among the files, so it does not matter whether one was pushed.
  const wanted = artifacts ?? (await loadRelease(root, env, () => undefined));
  if (env.SLIPWAY_RELEASE) return await releaseFolder(env).files(wanted);
  const folder = new ArtifactFolder(join(installedDependencies(root), ".cache", "slipway", "artifacts"));
  const held = await Promise.all(uploadedArtifacts(wanted).map(({ artifact }) => folder.holds(artifact.digest)));
  if (held.includes(false)) await packWorkingTree(root, { folder });
  return await folder.files(wanted);
}

function releaseFolder({ SLIPWAY_ARTIFACTS: location }: Readonly<Record<string, string | undefined>>): ArtifactFolder {
  if (location) return new ArtifactFolder(location);
  throw new SlipwayError(
    ExitCode.usage,
    "SLIPWAY_RELEASE names a release, but SLIPWAY_ARTIFACTS no folder with its bytes.",
    {
      where: "SLIPWAY_ARTIFACTS",
      next: "run the command through ./slipway, which sets both, or unset SLIPWAY_RELEASE to use the working tree",
    },
  );
}

/** A worktree has no `node_modules` of its own: Node finds the checkout's further up, and so does this. */
function installedDependencies(folder: string): string {
  const here = join(folder, "node_modules");
  if (existsSync(here)) return here;
  const above = dirname(folder);
  if (above !== folder) return installedDependencies(above);
  throw new SlipwayError(ExitCode.usage, "The dependencies of the program are not installed.", {
    where: "node_modules",
    next: "npm ci",
  });
}

/**
 * Digests of the images of the configured services.
 * @throws SlipwayError (usage) that names every service without an image.
 */
export function imageDigests(artifacts: Artifacts, services: readonly string[], stack: string): Record<string, string> {
  const file = `Pulumi.${stack}.yaml`;
  const missing = services.filter((service) => artifacts.images[service] === undefined);
  if (missing.length > 0) {
    throw new SlipwayError(
      ExitCode.usage,
      missing.map((service) => `the release has no image of the service ${service}.`).join("\n"),
      {
        where: `${file}: slipway:services`,
        next: `Add services/${String(missing[0])}/Dockerfile and commit it, or remove the service from ${file}.`,
      },
    );
  }
  return Object.fromEntries(services.map((service) => [service, artifacts.images[service]?.digest ?? ""]));
}
