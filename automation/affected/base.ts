import { resolveCommit } from "../git/commits.ts";
import { git, tryGit } from "../git/git.ts";
import type { Bases } from "./bases.ts";

/** Commits to compare with, all of them in this clone, or why everything counts as changed, with the command that helps. */
export type ResolvedBase = { commits: string[]; why: string } | { everything: string; next?: string };

export interface BaseRequest {
  root: string;
  /** Full object id of what is looked at. */
  head: string;
  /** Name of the git remote to fetch from, for messages. */
  remote: string;
}

const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** What CI systems send as the commit before the first push of a branch. */
const noCommit = /^0+$/;

/** A commit or ref that a person named. A name that nobody knows is a `SlipwayError`, except where a shallow clone may lack it. */
export async function namedBase(request: BaseRequest, reference: string): Promise<ResolvedBase> {
  const { root, head } = request;
  if (noCommit.test(reference) && objectId.test(reference))
    return { everything: "the base is the commit before a branch began: there is nothing to compare with" };
  if (!(await exists(root, reference))) {
    if (objectId.test(reference) || (await isShallow(root))) return missing(request, [reference]);
    await resolveCommit(root, reference);
  }
  return mergeBase(request, await resolveCommit(root, reference), reference, head);
}

/** Commits that the ledger names; one that is not in this clone makes everything count as changed. */
export async function presentBases(request: BaseRequest, bases: Bases): Promise<ResolvedBase> {
  if (!("commits" in bases)) return bases;
  const absent: string[] = [];
  for (const commit of bases.commits) if (!(await exists(request.root, commit))) absent.push(commit);
  return absent.length === 0 ? bases : missing(request, absent);
}

/**
 * Where the head left the protected branch, as the remote has it or else as this clone has it. A head that is on that branch already says nothing
 * of what is new, unless only uncommitted files are asked for.
 */
export async function branchBase(request: BaseRequest, branch: string, uncommitted: boolean): Promise<ResolvedBase> {
  const { root, head, remote } = request;
  const found = await firstOf(root, [`refs/remotes/${remote}/${branch}`, `refs/heads/${branch}`]);
  if (found === undefined)
    return {
      everything: `this clone has no branch ${branch} to compare with`,
      next: `git fetch ${remote} ${branch}:refs/remotes/${remote}/${branch}`,
    };
  const base = await mergeBase(request, found.commit, found.name, head);
  if (!("commits" in base) || base.commits[0] !== head || uncommitted) return base;
  return {
    everything: `${head.slice(0, 12)} is on ${found.name} already, and nothing says what was deployed from it`,
    next: "./slipway affected --environment <environment>, or --base <commit>",
  };
}

/** In a clone without the whole history a common ancestor may be the wrong one; comparing the two trees themselves never misses a path. */
async function mergeBase({ root }: BaseRequest, base: string, name: string, head: string): Promise<ResolvedBase> {
  const { exitCode, stdout } = await tryGit(root, ["merge-base", "--end-of-options", base, head]);
  const found = exitCode === 0 ? stdout.toString("utf8").trim() : undefined;
  if (found === base) return { commits: [base], why: name };
  if (found === undefined) return { commits: [base], why: `${name}, compared as it is: no common history` };
  if (await isShallow(root)) return { commits: [base], why: `${name}, compared as it is: the clone is shallow` };
  return { commits: [found], why: `where this left ${name}` };
}

async function firstOf(root: string, refs: readonly string[]): Promise<{ commit: string; name: string } | undefined> {
  for (const ref of refs)
    if (await exists(root, ref))
      return { commit: await resolveCommit(root, ref), name: ref.replace(/^refs\/\w+\//, "") };
  return undefined;
}

async function exists(root: string, reference: string): Promise<boolean> {
  // Without `--quiet` an object that is named by its id and missing would only be known to be well-formed.
  return (await tryGit(root, ["cat-file", "-e", `${reference}^{commit}`])).exitCode === 0;
}

const isShallow = async (root: string): Promise<boolean> =>
  (await git(root, ["rev-parse", "--is-shallow-repository"])) === "true";

async function missing({ root, remote }: BaseRequest, commits: readonly string[]): Promise<ResolvedBase> {
  const named = commits
    .map((commit) => (objectId.test(commit) ? commit.slice(0, 12) : JSON.stringify(commit)))
    .join(", ");
  const shallow = await isShallow(root);
  return {
    everything: `${named} is not in this ${shallow ? "shallow " : ""}clone`,
    next: shallow ? `git fetch --unshallow ${remote}` : `git fetch ${remote} ${commits.join(" ")}`,
  };
}
