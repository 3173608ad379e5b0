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

/** Where an image goes: into the local engine, or to a registry under a tag. */
export type Destination = "local" | { tag: string };

/**
 * Arguments of the build. The same commit gives the same digest: times inside the image are those of the commit, and no
 * attestation is attached, for it would carry the time of the build and change the digest; provenance is attested beside the image by
 * the workflow that pushes it.
 */
export function buildArguments(
  service: Service,
  { commit, time }: Revision,
  files: BuildFiles,
  destination: Destination = "local",
): string[] {
  const output =
    destination === "local"
      ? `type=docker,name=slipway/${service.name}:${commit}`
      : `type=image,name=${destination.tag},push=true`;
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

/** Builds one service into the local engine, from what the commit holds. */
export async function buildImage(context: Context, service: Service): Promise<BuiltImage> {
  const revision = await revisionOf(context.root, service);
  const { digest, id } = await build(context, service, revision, "local");
  const built = { service: service.name, image: id, digest, commit: revision.commit };
  await keepBuilt(context.root, built);
  return built;
}

/** Builds one service from what the commit holds and pushes it under a tag. Answers with the digest by which the registry knows it. */
export async function buildAndPush(
  context: Context,
  service: Service,
  revision: Revision,
  tag: string,
): Promise<string> {
  context.console.info(`${service.name}: building ${tag}`);
  return (await build(context, service, revision, { tag })).digest;
}

async function build(context: Context, service: Service, revision: Revision, destination: Destination) {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-image-"));
  const files = { metadata: path.join(folder, "metadata.json"), id: path.join(folder, "id") };
  try {
    await tool(context, "docker", buildArguments(service, revision, files, destination));
    const digest = await digestOf(files.metadata, service);
    return { digest, id: (await readFile(files.id, "utf8")).trim() };
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
