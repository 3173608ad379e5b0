import { pack } from "tar-stream";
import { ExitCode, SlipwayError } from "../errors.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { baseImage } from "./dockerfile.ts";
import { UNIX_MODES } from "./zip.ts";
import type { PackedFile } from "./zip.ts";

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

export interface OciImage {
  /** `sha256:<hex>` of the manifest: what a registry calls the digest of the image. */
  digest: string;
  /** Manifest, config and layer; the manifest is the first. */
  blobs: Uint8Array[];
}

/**
 * A source-only image of a build context: one layer with the files as they are, the base image named in an annotation
 * but not pulled or run. It stands in for a container build where there is no container engine; its digest changes exactly
 * when the build context does.
 */
export async function sourceImage(name: string, files: readonly PackedFile[]): Promise<OciImage> {
  const dockerfile = files.find((file) => file.path === "Dockerfile");
  const base = dockerfile && baseImage(Buffer.from(dockerfile.content).toString("utf8"));
  if (base === undefined) {
    throw new SlipwayError(ExitCode.usage, "The Dockerfile names no base image.", {
      where: `the Dockerfile of the image ${name}`,
      next: "add a FROM line",
    });
  }
  const layer = await reproducibleTar(files);
  const config = json({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: descriptor(CONFIG_TYPE, config),
    layers: [descriptor(LAYER_TYPE, layer)],
    annotations: { "org.opencontainers.image.base.name": base, "dev.slipway.build": "source-only" },
  });
  return { digest: digestOf(manifest), blobs: [manifest, config, layer] };
}

/** A tar whose bytes depend on paths, modes and contents alone. */
export async function reproducibleTar(files: readonly PackedFile[]): Promise<Uint8Array> {
  const archive = pack();
  const fixed = { mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" };
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const mode = UNIX_MODES[file.mode] & 0o777;
    const content = Buffer.from(file.content);
    if (file.mode === "120000") {
      archive.entry({ ...fixed, name: file.path, mode, type: "symlink", linkname: content.toString("utf8") });
    } else {
      archive.entry({ ...fixed, name: file.path, mode }, content);
    }
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function descriptor(mediaType: string, blob: Uint8Array): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(blob), size: blob.byteLength };
}

function digestOf(blob: Uint8Array): string {
  return `sha256:${sha256(blob)}`;
}

function json(value: Parameters<typeof canonicalJson>[0]): Uint8Array {
  return Buffer.from(canonicalJson(value), "utf8");
}
