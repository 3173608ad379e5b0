import { ExitCode, SlipwayError } from "../errors.ts";
import { assertStillHolding } from "../lease/holding.ts";
import { git, gitFailure, tryGit } from "./git.ts";

export interface RemoteTag {
  /** What the tag's ref points at: the commit, or the tag object of an annotated tag. */
  object: string;
  /** The commit, annotations followed. */
  commit: string;
}

export interface TagMove {
  root: string;
  /** Name or address of the remote. */
  remote: string;
  tag: string;
  /** Full object id. */
  commit: string;
  /** Commit that the remote's tag must still name; undefined where the tag must not exist yet. */
  expectedOld: string | undefined;
}

/** A lost race is an answer: `changed` says where the tag is instead. */
export type TagMoveResult =
  | { outcome: "moved"; from: string | undefined; to: string }
  | { outcome: "unchanged"; to: string }
  | { outcome: "changed"; actual: string | undefined };

/** Refuses what git itself would not take as the name of a tag. */
export async function checkTagName(root: string, tag: string): Promise<void> {
  const { exitCode } = await tryGit(root, ["check-ref-format", `refs/tags/${tag}`]);
  if (exitCode === 0 && !tag.startsWith("-")) return;
  throw new SlipwayError(ExitCode.usage, `${JSON.stringify(tag)} cannot be the name of a tag.`, {
    next: "use a name such as staging, prod or v1.4.0",
  });
}

/** Commit of a tag in this clone; undefined where there is no such tag. */
export async function tagCommit(root: string, tag: string): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `refs/tags/${tag}^{commit}`];
  const result = await tryGit(root, args);
  return result.exitCode === 0 ? result.stdout.toString("utf8").trim() : undefined;
}

/** Whether this clone has the tag. */
export async function tagExists(root: string, tag: string): Promise<boolean> {
  return (await tagCommit(root, tag)) !== undefined;
}

/** The remote's tag as it is now; undefined where the remote has none. An unreachable remote is a `SlipwayError`. */
export async function remoteTag(root: string, remote: string, tag: string): Promise<RemoteTag | undefined> {
  await checkTagName(root, tag);
  const ref = `refs/tags/${tag}`;
  const args = ["ls-remote", "--end-of-options", remote, ref, `${ref}^{}`];
  const result = await tryGit(root, args);
  if (result.exitCode !== 0) throw remoteFailure(root, remote, args, result);
  return parseLsRemote(result.stdout.toString("utf8"), ref);
}

/** Parses `git ls-remote` for one ref; patterns of git match at any depth, so other names are passed over. */
export function parseLsRemote(output: string, ref: string): RemoteTag | undefined {
  const lines = output.split("\n").map((line) => line.split("\t"));
  const valueOf = (name: string): string | undefined => lines.find(([, found]) => found === name)?.[0];
  const object = valueOf(ref);
  return object === undefined ? undefined : { object, commit: valueOf(`${ref}^{}`) ?? object };
}

/**
 * Moves a tag on the remote to a commit, only if it still names `expectedOld`. The tag of this clone follows where the remote is one of
 * its configured remotes; pushing to a bare address leaves it alone.
 */
export async function moveTag(move: TagMove): Promise<TagMoveResult> {
  const { root, remote, tag, commit, expectedOld } = move;
  const current = await remoteTag(root, remote, tag);
  if (current?.commit === commit) {
    await followLocally(move);
    return { outcome: "unchanged", to: commit };
  }
  if (current?.commit !== expectedOld) return { outcome: "changed", actual: current?.commit };
  const ref = `refs/tags/${tag}`;
  const lease = `--force-with-lease=${ref}:${current?.object ?? ""}`;
  const quiet = ["--quiet", "--no-follow-tags", "--recurse-submodules=no"];
  const args = ["push", ...quiet, lease, "--end-of-options", remote, `${commit}:${ref}`];
  assertStillHolding();
  const result = await tryGit(root, args);
  if (result.exitCode !== 0) {
    const actual = await remoteTag(root, remote, tag);
    if (actual?.commit !== expectedOld && actual?.commit !== commit)
      return { outcome: "changed", actual: actual?.commit };
    if (actual?.commit !== commit) throw remoteFailure(root, remote, args, result);
  }
  await followLocally(move);
  return { outcome: "moved", from: expectedOld, to: commit };
}

async function followLocally({ root, remote, tag, commit }: TagMove): Promise<void> {
  const remotes = (await git(root, ["remote"])).split("\n");
  if (remotes.includes(remote)) await git(root, ["update-ref", "--end-of-options", `refs/tags/${tag}`, commit]);
}

type Failure = Awaited<ReturnType<typeof tryGit>>;

function remoteFailure(root: string, remote: string, args: readonly string[], result: Failure): SlipwayError {
  const unreachable =
    /does not appear to be a git repository|could not resolve host|unable to access|no such remote|strange pathname/iu;
  if (!unreachable.test(result.stderr)) return gitFailure(root, args, result);
  const shown = remote.replace(/(\w+:\/\/)[^/\s@]+@/u, "$1");
  return new SlipwayError(ExitCode.notFound, `The git remote ${JSON.stringify(shown)} cannot be reached.`, {
    where: root,
    next: "check `git remote -v` and the network",
  });
}
