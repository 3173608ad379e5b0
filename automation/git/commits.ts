import { suggest } from "../../config/suggest.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { git, gitFailure, tryGit } from "./git.ts";

export interface CommitInfo {
  commit: string;
  subject: string;
  /** `Name <email>`. */
  author: string;
  /** ISO 8601 time of the commit, UTC. */
  committedAt: string;
}

/** Object id of HEAD; a repository without commits is a `SlipwayError`. */
export async function headCommit(root: string): Promise<string> {
  const head = await lookUp(root, "HEAD", "commit");
  if (head !== undefined) return head;
  throw new SlipwayError(ExitCode.notFound, "The repository has no commit yet.", {
    where: root,
    next: "commit the project first: `git add . && git commit`",
  });
}

/** Object id of a commit's tree. */
export function treeOf(root: string, commit: string): Promise<string> {
  return git(root, ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`]);
}

/**
 * Paths that differ from HEAD or are untracked and not ignored, sorted; none in a clean checkout. A renamed file counts with
 * its new path.
 */
export async function dirtyFiles(root: string): Promise<string[]> {
  const args = ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=none"];
  const output = await git(root, args);
  const paths = output.split("\0").filter((line) => line !== "");
  return paths.map((line) => line.slice(3)).sort();
}

/** Whether the checkout equals its HEAD. */
export async function isClean(root: string): Promise<boolean> {
  return (await dirtyFiles(root)).length === 0;
}

/**
 * Full object id of what a person typed: a commit (also abbreviated), tag or branch; an annotated tag gives its commit. Nothing found
 * is a `SlipwayError` that names what comes close.
 */
export async function resolveCommit(root: string, reference: string): Promise<string> {
  const commit = await lookUp(root, reference, "commit");
  if (commit !== undefined) return commit;
  const names = await refNames(root);
  const like = suggest(reference, names);
  throw new SlipwayError(ExitCode.notFound, `There is no commit, tag or branch ${JSON.stringify(reference)}.`, {
    where: root,
    next: like === undefined ? "run `git fetch --tags`, or name another commit" : `did you mean ${like}?`,
  });
}

/** Whether `ancestor` is `descendant` or one of the commits it builds on. */
export async function isAncestor(root: string, ancestor: string, descendant: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", "--end-of-options", ancestor, descendant];
  const result = await tryGit(root, args);
  if (result.exitCode > 1) throw gitFailure(root, args, result);
  return result.exitCode === 0;
}

/** Subject, author and time of a commit. */
export async function commitInfo(root: string, commit: string): Promise<CommitInfo> {
  const [info] = await log(root, ["--max-count=1", "--end-of-options", commit]);
  return info ?? { commit, subject: "", author: "", committedAt: "" };
}

/** Commits that `to` has and `from` has not, newest first, at most `limit`. */
export function logBetween(root: string, from: string, to: string, limit = 100): Promise<CommitInfo[]> {
  return log(root, [`--max-count=${limit}`, "--end-of-options", to, `^${from}`]);
}

async function log(root: string, selection: readonly string[]): Promise<CommitInfo[]> {
  const format = "--format=%H%x00%s%x00%an <%ae>%x00%ct";
  const output = await git(root, ["log", "-z", "--no-show-signature", format, ...selection]);
  const fields = output.split("\0");
  const commits: CommitInfo[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [commit = "", subject = "", author = "", seconds = ""] = fields.slice(at, at + 4);
    commits.push({ commit, subject, author, committedAt: new Date(Number(seconds) * 1000).toISOString() });
  }
  return commits;
}

async function lookUp(root: string, reference: string, kind: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${reference}^{${kind}}`];
  const result = await tryGit(root, args);
  if (result.exitCode === 0) return result.stdout.toString("utf8").trim();
  if (/not a git repository/iu.test(result.stderr)) throw gitFailure(root, args, result);
  return undefined;
}

async function refNames(root: string): Promise<string[]> {
  const names = await git(root, ["for-each-ref", "--format=%(refname:short)", "refs/tags", "refs/heads"]);
  return names.split("\n").filter((name) => name !== "");
}
