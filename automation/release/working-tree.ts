import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "../git/git.ts";
import { snapshotOfTree, snapshotOfWorkingTree } from "../git/objects.ts";
import type { TreeEntry } from "../git/objects.ts";
import type { Store } from "../store/store.ts";
import { ARTIFACT_ROOTS, PROGRAM_PATHS } from "./artifact-kinds.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { readDigestCache, writeDigestCache } from "./digest-cache.ts";
import type { Artifacts } from "./manifest.ts";
import { packSnapshot, type PackOptions } from "./pack.ts";

/** What a commit holds, ready to become a release. */
export interface PackedCommit {
  tree: string;
  /** `sha256:<hex>` over paths, modes and contents of the program's sources. */
  program: string;
  artifacts: Artifacts;
}

/** Where bytes go; without either only digests are computed. */
type PackTarget = Omit<PackOptions, "cache"> & {
  /** Only workloads in these folders. Defaults to all. */
  roots?: readonly string[];
};

/**
 * Packs the workloads of a checkout as they stand, with what git ignores left out. A clean checkout gives the very digests
 * that `packCommit` gives for its commit. With a store the bytes go there and `path` names them; with a folder the bytes that
 * the program uploads go there. A directory that is
 * no checkout (a source archive) is packed by the same rules.
 */
export async function packWorkingTree(root: string, options: PackTarget = {}): Promise<Artifacts> {
  if (!existsSync(join(root, ".git"))) return packWithoutRepository(root, options);
  const cacheFile = join(root, "node_modules", ".cache", "slipway", "digests.json");
  // Without installed dependencies there is no place that git surely ignores.
  const cached = options.store === undefined && options.folder === undefined && existsSync(join(root, "node_modules"));
  const cache = cached ? await readDigestCache(cacheFile) : undefined;
  const before = cache?.size;
  const snapshot = await snapshotOfWorkingTree(root, options.roots ?? ARTIFACT_ROOTS);
  try {
    const artifacts = await packSnapshot(snapshot, { ...options, ...(cache ? { cache } : {}) });
    if (cache && cache.size !== before) await writeDigestCache(cacheFile, cache);
    return artifacts;
  } finally {
    await snapshot.dispose();
  }
}

async function packWithoutRepository(root: string, options: PackTarget): Promise<Artifacts> {
  const scratch = await mkdtemp(join(tmpdir(), "slipway-git-"));
  const environment = { GIT_DIR: scratch, GIT_WORK_TREE: root };
  try {
    await git(root, ["init", "--quiet"], { environment });
    const snapshot = await snapshotOfWorkingTree(root, options.roots ?? ARTIFACT_ROOTS, environment);
    try {
      return await packSnapshot(snapshot, options);
    } finally {
      await snapshot.dispose();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Packs the workloads of a commit without checking it out. `commit` is a full object id. */
export async function packCommit(root: string, commit: string, options: { store?: Store } = {}): Promise<PackedCommit> {
  const [tree, program, snapshot] = await Promise.all([
    git(root, ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`]),
    programDigest(root, commit),
    snapshotOfTree(root, commit, ARTIFACT_ROOTS),
  ]);
  return { tree, program, artifacts: await packSnapshot(snapshot, options) };
}

/** Digest of the program's sources at a commit. */
export async function programDigest(root: string, commit: string): Promise<string> {
  const { entries } = await snapshotOfTree(root, commit, PROGRAM_PATHS);
  return digestOfEntries(entries);
}

/** Digest of a list of files by path, mode and content; the order of the list does not matter. */
export function digestOfEntries(entries: readonly TreeEntry[]): string {
  const lines = entries
    .map((entry) => [entry.path, entry.mode, entry.object])
    .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  return `sha256:${sha256(canonicalJson(lines))}`;
}
