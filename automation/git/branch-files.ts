import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";
import { assertStillHolding } from "../lease/holding.ts";
import { fetchObject, remoteBranch } from "./branches.ts";
import { git, gitFailure, tryGit } from "./git.ts";

export interface BranchFiles {
  /** Clone whose object database takes the new objects; none of its refs, files or its index is touched. */
  root: string;
  /** Name or address of the remote. */
  remote: string;
  branch: string;
  /** The whole content of the branch by path; what is not here goes. */
  files: Readonly<Record<string, string>>;
  message: string;
}

/** A lost race is an answer: `changed` says where the branch is instead. */
export type BranchResult =
  | { outcome: "moved"; from: string | undefined; to: string }
  | { outcome: "unchanged"; to: string }
  | { outcome: "changed"; actual: string | undefined };

/** Whoever asked for it is in the message; the commit is the driver's. */
const author = { name: "Slipway", email: "slipway@users.noreply.github.com" };

/**
 * Makes a branch of the remote hold exactly these files, by one commit on top of what is there. Nothing is committed where it holds
 * them already.
 */
export async function commitFiles(wanted: BranchFiles): Promise<BranchResult> {
  const { root, remote, branch } = wanted;
  refuseUnusable(Object.keys(wanted.files));
  const from = await remoteBranch(root, remote, branch);
  if (from !== undefined) await fetchObject(root, remote, `refs/heads/${branch}`, from);
  const tree = await writeTree(root, wanted.files);
  if (from !== undefined && (await git(root, ["rev-parse", "--verify", `${from}^{tree}`])) === tree)
    return { outcome: "unchanged", to: from };
  const to = await writeCommit(root, { tree, parent: from, message: wanted.message });
  assertStillHolding();
  return push({ root, remote, branch, from, to });
}

/** Parts of a path that git would drop without a word. */
const unusable = /^(?:|\.|\.\.|\.git)$/iu;

function refuseUnusable(paths: readonly string[]): void {
  const bad = paths.find((path) => path.includes("\0") || path.split("/").some((part) => unusable.test(part)));
  if (bad === undefined) return;
  throw new SlipwayError(ExitCode.usage, `${JSON.stringify(bad)} cannot be a file of a branch.`, {
    next: "use a path below the root, without . or .. or .git in it",
  });
}

/** Object id of a tree with these files. */
async function writeTree(root: string, files: Readonly<Record<string, string>>): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), "slipway-tree-"));
  try {
    const environment = { GIT_INDEX_FILE: join(scratch, "index") };
    const lines: string[] = [];
    for (const [path, content] of Object.entries(files)) {
      const object = await git(root, ["hash-object", "-w", "--stdin"], { input: content });
      lines.push(`100644 ${object}\t${path}\0`);
    }
    await git(root, ["update-index", "-z", "--index-info"], { input: lines.join(""), environment });
    return await git(root, ["write-tree"], { environment });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeCommit(
  root: string,
  { tree, parent, message }: { tree: string; parent: string | undefined; message: string },
): Promise<string> {
  const environment = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  };
  const parents = parent === undefined ? [] : ["-p", parent];
  return git(root, ["commit-tree", tree, ...parents, "-F", "-"], { input: message, environment });
}

interface Move {
  root: string;
  remote: string;
  branch: string;
  from: string | undefined;
  to: string;
}

async function push({ root, remote, branch, from, to }: Move): Promise<BranchResult> {
  const ref = `refs/heads/${branch}`;
  const options = ["--quiet", "--no-follow-tags", "--recurse-submodules=no", `--force-with-lease=${ref}:${from ?? ""}`];
  const args = ["push", ...options, "--end-of-options", remote, `${to}:${ref}`];
  const result = await tryGit(root, args);
  if (result.exitCode === 0) return { outcome: "moved", from, to };
  const actual = await remoteBranch(root, remote, branch);
  // The answer of a push may be lost although it arrived.
  if (actual === to) return { outcome: "moved", from, to };
  if (actual !== from) return { outcome: "changed", actual };
  throw gitFailure(root, args, result);
}
