import { dirtyFiles } from "../git/commits.ts";
import { git, tryGit } from "../git/git.ts";

/** Paths that differ, or why they cannot be known. */
export type Changes = { paths: string[] } | { unknown: string };

/**
 * The settings of the caller's git must not hide a change: renames count with both paths, submodules always, and paths are
 * whole and from the root.
 */
const diffOptions = [
  "--name-only",
  "-r",
  "-z",
  "--no-renames",
  "--no-ext-diff",
  "--no-relative",
  "--ignore-submodules=none",
  "--full-index",
];

/**
 * Paths that differ between any of the bases and the head, sorted: added, changed, deleted, of another mode or type. Two trees are compared, so
 * merges and rewritten histories make no difference.
 */
export async function changedBetween(root: string, bases: readonly string[], head: string): Promise<Changes> {
  const all = new Set<string>();
  for (const base of bases) {
    const result = await tryGit(root, ["diff-tree", ...diffOptions, "--end-of-options", base, head, "--"]);
    // Objects may be missing in a damaged or partial clone; then nothing may be called unchanged.
    if (result.exitCode !== 0) return { unknown: firstLine(result.stderr) };
    for (const path of split(result.stdout.toString("utf8"))) all.add(path);
  }
  return { paths: [...all].sort() };
}

/** All paths of a commit. */
export async function pathsAt(root: string, commit: string): Promise<string[]> {
  return split(await git(root, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", commit]));
}

/** The same changes together with what no commit holds yet. */
export async function withUncommitted(root: string, changes: Changes): Promise<Changes> {
  if ("unknown" in changes) return changes;
  return { paths: [...new Set([...changes.paths, ...(await dirtyFiles(root))])].sort() };
}

const split = (listing: string): string[] => listing.split("\0").filter((path) => path !== "");

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";
