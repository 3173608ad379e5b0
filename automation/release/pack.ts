import type { TreeSnapshot } from "../git/objects.ts";
import type { Store } from "../store/store.ts";
import { isUploaded, type ArtifactFolder } from "./artifact-folder.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { discoverArtifacts } from "./discover.ts";
import type { ArtifactSource } from "./discover.ts";
import type { DigestCache } from "./digest-cache.ts";
import { noArtifacts } from "./manifest.ts";
import type { Artifact, Artifacts } from "./manifest.ts";
import { sourceImage } from "./oci-image.ts";
import { reproducibleZip } from "./zip.ts";
import type { PackedFile } from "./zip.ts";

export interface PackOptions {
  /** Where the bytes go; without it only digests are computed. */
  store?: Store;
  /** Where the bytes of the artifacts go that the program uploads. */
  folder?: ArtifactFolder;
  /** Digests of earlier runs, used only where no bytes are wanted. */
  cache?: DigestCache;
}

/** Raise when the bytes of the same files would change, so that no cached digest of the old form is used. */
const FORMAT_VERSION = 1;

/** Packs every artifact of a snapshot. The outcome depends on paths, modes and contents of its files alone. */
export async function packSnapshot(snapshot: TreeSnapshot, options: PackOptions = {}): Promise<Artifacts> {
  const artifacts = noArtifacts();
  const sources = discoverArtifacts(snapshot.entries);
  const wantsBytes = options.store !== undefined || options.folder !== undefined;
  const known = new Map(
    sources.map((source) => [source, wantsBytes ? undefined : options.cache?.get(sourceKey(source))]),
  );
  const missing = sources.filter((source) => known.get(source) === undefined);
  const contents = await snapshot.read(missing.flatMap((source) => source.files.map((file) => file.object)));
  for (const source of sources) {
    let artifact = known.get(source);
    if (artifact === undefined) {
      artifact = await packSource(source, contents, options);
      options.cache?.set(sourceKey(source), { digest: artifact.digest, size: artifact.size });
    }
    artifacts[source.kind][source.name] = artifact;
  }
  return artifacts;
}

/** Store key of the bytes with a digest. */
export function artifactKey(digest: string): string {
  return `artifacts/${digest.replace(":", "/")}`;
}

async function packSource(
  source: ArtifactSource,
  contents: ReadonlyMap<string, Buffer>,
  { store, folder }: PackOptions,
): Promise<Artifact> {
  const files = source.files.map((file) => ({
    path: `${source.prefix}${file.path}`,
    mode: file.mode,
    content: contents.get(file.object) ?? new Uint8Array(),
  }));
  const blobs = await packFiles(source, files);
  const keys = blobs.map((blob) => artifactKey(`sha256:${sha256(blob)}`));
  const size = blobs.reduce((total, blob) => total + blob.byteLength, 0);
  const digest = `sha256:${sha256(blobs[0] ?? "")}`;
  if (folder !== undefined && isUploaded(source.kind)) await folder.write(digest, blobs[0] ?? new Uint8Array());
  if (store === undefined) return { digest, size };
  // The manifest of an image goes last, so that whoever finds it finds its config and layer as well.
  for (const [at, blob] of [...blobs.entries()].reverse()) await store.put(keys[at] ?? "", blob, { ifAbsent: true });
  return { digest, size, path: artifactKey(digest) };
}

async function packFiles(source: ArtifactSource, files: readonly PackedFile[]): Promise<Uint8Array[]> {
  if (source.format === "oci-image") return (await sourceImage(source.name, files)).blobs;
  if (source.format === "zip") return [reproducibleZip(files)];
  return files.slice(0, 1).map((file) => file.content);
}

function sourceKey(source: ArtifactSource): string {
  const files = source.files.map((file) => [file.path, file.mode, file.object]);
  return sha256(canonicalJson([FORMAT_VERSION, source.format, source.name, source.prefix, files]));
}
