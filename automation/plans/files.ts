import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "../git/git.ts";
import { snapshotOfWorkingTree, type TreeEntry } from "../git/objects.ts";

/** The files of a checkout below some paths as they stand, those that git ignores left out. A source archive works as well. */
export async function filesBelow(root: string, paths: readonly string[]): Promise<TreeEntry[]> {
  if (existsSync(join(root, ".git"))) return listed(root, paths, {});
  const scratch = await mkdtemp(join(tmpdir(), "slipway-git-"));
  const location = { GIT_DIR: scratch, GIT_WORK_TREE: root };
  try {
    await git(root, ["init", "--quiet"], { environment: location });
    return await listed(root, paths, location);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function listed(root: string, paths: readonly string[], location: Record<string, string>): Promise<TreeEntry[]> {
  const snapshot = await snapshotOfWorkingTree(root, paths, location);
  try {
    return snapshot.entries;
  } finally {
    await snapshot.dispose();
  }
}
