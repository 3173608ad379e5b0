import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { dirtyFiles } from "./commits.ts";
import { git, tryGit } from "./git.ts";

/** Hooks of the caller's repository are made for the caller's checkout. */
const WITHOUT_HOOKS = ["-c", "core.hooksPath=/dev/null"];

/**
 * A checkout of exactly this commit at `<directory>/<commit>`, and its path. One that is there, at the commit and clean, is used
 * again; anything else at that place (a half-made worktree of a killed run, edits) is replaced. One caller at a time per directory.
 */
export async function worktreeOf(root: string, directory: string, commit: string): Promise<string> {
  const path = join(directory, commit);
  if (await isUsable(path, commit)) return path;
  await removeWorktree(root, path);
  await mkdir(directory, { recursive: true });
  // Twice `--force`: git keeps a worktree whose making was interrupted registered and locked.
  const force = ["--force", "--force"];
  await git(root, [
    ...WITHOUT_HOOKS,
    "worktree",
    "add",
    "--quiet",
    ...force,
    "--detach",
    "--end-of-options",
    path,
    commit,
  ]);
  return path;
}

/** Removes a worktree and git's record of it; what is not there is no error. */
export async function removeWorktree(root: string, path: string): Promise<void> {
  await tryGit(root, ["worktree", "remove", "--force", "--force", "--end-of-options", path]);
  await rm(path, { recursive: true, force: true });
  await git(root, ["worktree", "prune"]);
}

async function isUsable(path: string, commit: string): Promise<boolean> {
  // Without this file git would look further up and find the caller's checkout.
  if (!existsSync(join(path, ".git"))) return false;
  const head = await tryGit(path, ["rev-parse", "--verify", "--quiet", "HEAD"]);
  if (head.exitCode !== 0 || head.stdout.toString("utf8").trim() !== commit) return false;
  const initializing = await git(path, ["rev-parse", "--path-format=absolute", "--git-path", "locked"]);
  if (existsSync(initializing)) return false;
  // Dependencies may be linked in; a link is not covered by an ignore rule for a folder.
  const dirty = await dirtyFiles(path).catch(() => ["unreadable"]);
  return dirty.every((file) => file === "node_modules" || file.startsWith("node_modules/"));
}
