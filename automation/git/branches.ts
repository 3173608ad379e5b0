import { git, gitFailure, tryGit } from "./git.ts";

/** Commit that a branch of the remote names now; undefined where the remote has no such branch. */
export async function remoteBranch(root: string, remote: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  const args = ["ls-remote", "--end-of-options", remote, ref];
  const result = await tryGit(root, args);
  if (result.exitCode !== 0) throw gitFailure(root, args, result);
  const lines = result.stdout.toString("utf8").split("\n");
  return lines.map((line) => line.split("\t")).find(([, name]) => name === ref)?.[0];
}

/** Brings an object of the remote's ref into this clone, where it is not there yet; no ref of this clone moves. */
export async function fetchObject(root: string, remote: string, ref: string, object: string): Promise<void> {
  if ((await tryGit(root, ["cat-file", "-e", object])).exitCode === 0) return;
  const quiet = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];
  await git(root, ["fetch", ...quiet, "--end-of-options", remote, ref]);
}

/** Whether history is cut off in this clone. */
export async function isShallow(root: string): Promise<boolean> {
  return (await git(root, ["rev-parse", "--is-shallow-repository"])) === "true";
}
