import { z } from "zod";
import { ARTIFACT_KINDS } from "./artifact-kinds.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import type { Json } from "./canonical.ts";

/** `sha256:<hex>` of an artifact. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/u, "must be sha256: and 64 hex digits");
const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u, "must be a full git object id");
const hash = z.string().regex(/^[0-9a-f]{64}$/u, "must be 64 hex digits");

export const artifactSchema = z.strictObject({
  /** `sha256:<hex>` of the artifact's bytes; for an image, of its manifest, by which a registry knows it. */
  digest,
  /** Of an image that was built: `sha256:<hex>` of what it was built from, whose bytes are kept beside those of all other artifacts. */
  source: digest.optional(),
  /** Bytes of everything that makes the artifact up. */
  size: z.int().nonnegative(),
  /** Key of the bytes, below the location of the store; absent while they are stored nowhere. */
  path: z.string().optional(),
});

const artifactsByName = z.record(z.string(), artifactSchema);

export const artifactsSchema = z.strictObject({
  images: artifactsByName,
  functions: artifactsByName,
  layers: artifactsByName,
  jobScripts: artifactsByName,
  modelCode: artifactsByName,
  processors: artifactsByName,
  frontend: artifactsByName,
});

export const releaseSchema = z.strictObject({
  schema: z.literal(1),
  id: hash,
  commit: objectId,
  tree: objectId,
  program: digest,
  artifacts: artifactsSchema,
  createdAt: z.iso.datetime(),
});

export type Artifact = z.infer<typeof artifactSchema>;
export type Artifacts = z.infer<typeof artifactsSchema>;
export type Release = z.infer<typeof releaseSchema>;

/** What the id of a release is computed from. */
export type ReleaseContent = Omit<Release, "id" | "createdAt">;

/** SHA-256 of the canonical content; time and place of the build have no part in it. */
export function releaseId(content: ReleaseContent): string {
  const { schema, commit, tree, program, artifacts } = content;
  return sha256(canonicalJson({ schema, commit, tree, program, artifacts: artifacts as unknown as Json }));
}

/** Digest of the bytes that a checkout gives and the store keeps: the same for an image before and after it was built. */
export function storedDigest({ digest: own, source }: Pick<Artifact, "digest" | "source">): string {
  return source ?? own;
}

/** Artifacts with every kind present and none of any kind. */
export function noArtifacts(): Artifacts {
  return Object.fromEntries(ARTIFACT_KINDS.map((kind) => [kind, {}])) as Artifacts;
}
