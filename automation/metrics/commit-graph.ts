import { git } from "../git/git.ts";
import type { CommitGraph, CommitNode } from "./lead-time.ts";

/**
 * Times and parents of these commits and of all they build on, in one run of git. Commits that this clone does not have are left out; a shallow clone
 * ends where its history does.
 */
export async function commitGraph(root: string, commits: readonly string[]): Promise<CommitGraph> {
  const graph = new Map<string, CommitNode>();
  if (commits.length === 0) return graph;
  const args = ["log", "--ignore-missing", "--no-show-signature", "--format=%H %ct %P", "--stdin"];
  const output = await git(root, args, { input: `${[...new Set(commits)].join("\n")}\n` });
  for (const line of output.split("\n")) {
    const [commit, seconds, ...parents] = line.split(" ");
    if (commit !== undefined && seconds !== undefined)
      graph.set(commit, { time: Number(seconds) * 1000, parents: parents.filter((parent) => parent !== "") });
  }
  return graph;
}
