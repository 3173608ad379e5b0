import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { artifactKey } from "./pack.ts";
import { sha256 } from "./canonical.ts";
import { type ImageIdentity, missingImages, resolveImages } from "./image-builds.ts";
import { releaseId, releaseSchema, storedDigest } from "./manifest.ts";
import type { Artifact, Artifacts, Release } from "./manifest.ts";
import { packCommit } from "./working-tree.ts";

export interface BuildRequest {
  /** Checkout that holds the commit. */
  root: string;
  /** Full object id. */
  commit: string;
  store: Store;
  now: Date;
  images: ImageIdentity;
}

export interface BuildResult {
  release: Release;
  /** False where the commit had its release already. */
  created: boolean;
}

const byCommitSchema = z.strictObject({ release: z.string().regex(/^[0-9a-f]{64}$/u) });
const imageManifestSchema = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string() })),
});

/**
 * The release of a commit, packed and stored on the first call and verified (id and every artifact) on each later one. Bytes
 * go first, then the manifest, then the entry by commit: whoever finds a release finds it whole. Of two builders of one commit
 * the first wins and both get its release.
 * @throws SlipwayError (not found) that names every image of the commit that was not pushed.
 */
export async function buildRelease(request: BuildRequest): Promise<BuildResult> {
  const { root, commit, store, now, images } = request;
  const existing = await releaseForCommit(store, commit);
  if (existing) {
    await verifyArtifacts(store, existing);
    return { release: existing, created: false };
  }
  const packed = await packCommit(root, commit, { store });
  const artifacts = images === "built" ? await builtArtifacts(store, packed.artifacts) : packed.artifacts;
  const content = { schema: 1 as const, commit, ...packed, artifacts };
  const candidate: Release = { ...content, id: releaseId(content), createdAt: now.toISOString() };
  await store.put(releaseKey(candidate.id), manifestText(candidate), { ifAbsent: true });
  const entry = `${JSON.stringify({ release: candidate.id })}\n`;
  const { ok } = await store.put(byCommitKey(commit), entry, { ifAbsent: true });
  const release = await releaseForCommit(store, commit);
  if (release === undefined) throw missingRelease(store, candidate.id);
  return { release, created: ok };
}

async function builtArtifacts(store: Store, packed: Artifacts): Promise<Artifacts> {
  const { artifacts, missing } = await resolveImages(store, packed);
  if (missing.length > 0) throw missingImages(missing, store);
  return artifacts;
}

/** The release of a commit, its id checked; undefined where none was built. */
export async function releaseForCommit(store: Store, commit: string): Promise<Release | undefined> {
  const stored = await store.get(byCommitKey(commit));
  if (stored === undefined) return undefined;
  const where = `${store.location}/${byCommitKey(commit)}`;
  const { release: id } = parseJson(byCommitSchema, stored.body, where);
  const release = await loadRelease(store, id);
  if (release.commit !== commit) throw damaged(where, "it leads to the release of another commit");
  return release;
}

/** The release with an id; one that is absent, damaged or changed since it was built is a `SlipwayError`. */
export async function loadRelease(store: Store, id: string): Promise<Release> {
  const stored = /^[0-9a-f]{64}$/u.test(id) ? await store.get(releaseKey(id)) : undefined;
  if (stored === undefined) throw missingRelease(store, id);
  const where = `${store.location}/${releaseKey(id)}`;
  const release = checkedRelease(stored.body, where);
  if (release.id !== id) throw damaged(where, "it is another release than its name says");
  return release;
}

/** Reads a manifest file (the one that `SLIPWAY_RELEASE` names) and checks its id. */
export async function readManifest(path: string): Promise<Release> {
  let body: Uint8Array;
  try {
    body = await readFile(path);
  } catch (cause) {
    throw new SlipwayError(ExitCode.notFound, "The release manifest cannot be read.", {
      where: path,
      next: "unset SLIPWAY_RELEASE to use the working tree, or build the release with `slipway build`",
      cause,
    });
  }
  return checkedRelease(body, path);
}

/** Re-reads every artifact of a release from the store and compares its digest. */
export async function verifyArtifacts(store: Store, release: Release): Promise<void> {
  for (const [kind, byName] of Object.entries(release.artifacts)) {
    for (const [name, artifact] of Object.entries(byName)) {
      const body = await checkedBytes(store, storedDigest(artifact), `${kind} ${name}`);
      if (kind === "images") await verifyImage(store, body, artifact, name);
    }
  }
}

/** Key of a release's manifest in the store. */
export function releaseKey(id: string): string {
  return `releases/${id}.json`;
}

/** The manifest as it is stored. */
export function manifestText(release: Release): string {
  return `${JSON.stringify(release, undefined, 2)}\n`;
}

function byCommitKey(commit: string): string {
  return `releases/by-commit/${commit}.json`;
}

async function verifyImage(store: Store, manifest: Uint8Array, artifact: Artifact, name: string): Promise<void> {
  const where = `${store.location}/${artifactKey(storedDigest(artifact))}`;
  const { config, layers } = parseJson(imageManifestSchema, manifest, where);
  for (const { digest } of [config, ...layers]) await checkedBytes(store, digest, `images ${name}`);
}

/** Bytes of an artifact from the store; `what` is its kind and name, for the message when they are missing or damaged. */
export async function checkedBytes(store: Store, digest: string, what: string): Promise<Uint8Array> {
  const stored = await store.get(artifactKey(digest));
  const where = `${store.location}/${artifactKey(digest)}`;
  if (stored === undefined) throw damaged(where, `the bytes of ${what} are missing`);
  if (`sha256:${sha256(stored.body)}` !== digest) throw damaged(where, `the bytes of ${what} have another digest`);
  return stored.body;
}

function checkedRelease(body: Uint8Array, where: string): Release {
  const release = parseJson(releaseSchema, body, where);
  if (releaseId(release) !== release.id) throw damaged(where, "its content does not give its id");
  return release;
}

function parseJson<T>(schema: z.ZodType<T>, body: Uint8Array, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw damaged(where, "it is not JSON");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(where, `${issue?.path.join(".") || "document"}: ${issue?.message ?? "invalid"}`);
}

function damaged(where: string, why: string): SlipwayError {
  return new SlipwayError(ExitCode.unexpected, `The release is damaged or was changed after it was built: ${why}.`, {
    where,
    next: "restore the file from a backup, or make a new commit and build that",
  });
}

function missingRelease(store: Store, id: string): SlipwayError {
  return new SlipwayError(ExitCode.notFound, `There is no release ${id}.`, {
    where: store.location,
    next: "see `slipway status` for the releases that are known, or build one with `slipway build`",
  });
}
