import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { type BuiltImage, keepBuilt, type Revision, revisionOf, type Service } from "./services.ts";
import { tool } from "./tool.ts";

/** Where a build writes what it made. */
interface BuildFiles {
  metadata: string;
  id: string;
}

/**
 * Arguments of the build. The same commit gives the same digest: times inside the image are those of the commit, and no
 * attestation is attached, for it would carry the time of the build and change the digest; provenance is attested beside the image by
 * the workflow that pushes it.
 */
export function buildArguments(
  service: Service,
  { commit, time }: Revision,
  files: BuildFiles,
  registry?: string,
): string[] {
  const name = registry === undefined ? `slipway/${service.name}` : `${registry}/${service.name}`;
  const output = registry === undefined ? `type=docker,name=${name}:${commit}` : `type=image,name=${name},push=true`;
  return [
    ...["buildx", "build"],
    ...["--platform", "linux/amd64"],
    ...["--build-arg", `SOURCE_DATE_EPOCH=${time}`],
    ...["--label", `org.opencontainers.image.revision=${commit}`],
    ...["--provenance=false", "--sbom=false"],
    ...["--metadata-file", files.metadata, "--iidfile", files.id],
    ...["--output", `${output},rewrite-timestamp=true`],
    service.folder,
  ];
}

/** Builds one service from what the commit holds and pushes it where a registry is named. */
export async function buildImage(context: Context, service: Service, registry?: string): Promise<BuiltImage> {
  const revision = await revisionOf(context.root, service);
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-image-"));
  const files = { metadata: path.join(folder, "metadata.json"), id: path.join(folder, "id") };
  try {
    await tool(context, "docker", buildArguments(service, revision, files, registry));
    const digest = await digestOf(files.metadata, service);
    const image =
      registry === undefined ? (await readFile(files.id, "utf8")).trim() : `${registry}/${service.name}@${digest}`;
    const pushed = registry !== undefined;
    const built = { service: service.name, image, digest, commit: revision.commit, pushed };
    await keepBuilt(context.root, built);
    return built;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function digestOf(file: string, { folder }: Service): Promise<string> {
  const metadata = JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as Record<string, unknown>;
  const digest = metadata["containerimage.digest"];
  if (typeof digest === "string" && /^sha256:[0-9a-f]{64}$/u.test(digest)) return digest;
  throw new SlipwayError(ExitCode.resourceFailed, "The build says no digest of what it made.", {
    where: folder,
    next: "see that `docker buildx version` is 0.12 or newer",
  });
}
