import type { Artifacts } from "../automation/release/manifest.ts";
import { readManifest } from "../automation/release/releases.ts";
import { packWorkingTree } from "../automation/release/working-tree.ts";
import { ExitCode, SlipwayError } from "../automation/errors.ts";

/**
 * What the environment shall run: the release that `SLIPWAY_RELEASE` points to, or the workloads of the working tree,
 * packed the same way and so with the same digests.
 * @throws SlipwayError when the manifest cannot be read or does not match its id.
 */
export async function loadRelease(root: string, env: Readonly<Record<string, string | undefined>>): Promise<Artifacts> {
  const path = env.SLIPWAY_RELEASE;
  if (path === undefined || path === "") return await packWorkingTree(root);
  const release = await readManifest(path);
  return release.artifacts;
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
