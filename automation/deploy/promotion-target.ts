import type { EnvironmentPolicy } from "../../config/promotion.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { fetchObject, remoteBranch } from "../git/branches.ts";
import { headCommit, resolveCommit } from "../git/commits.ts";
import { checkTagName, remoteTag } from "../git/tags.ts";
import { lastVerified } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import { loadRelease } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";

/** How a person or a workflow names what goes where. */
export interface TargetRequest {
  environment: string | undefined;
  commit: string | undefined;
  release: string | undefined;
  /** A tag that was pushed, as it came from outside: it decides environment and commit. */
  tag: string | undefined;
  remote: string | undefined;
  /** A branch that was pushed, likewise. Nobody asked for a promotion by it. */
  branch?: string | undefined;
  /** A workflow promotes what upstream verified last. */
  automatic?: boolean;
}

/** A tag that was pushed, as the remote has it. */
export interface PushedTag {
  name: string;
  /** The tag object of an annotated tag, else the commit. */
  object: string;
  commit: string;
  /** Whether it is a version (`v1.4.0`), which never moves. */
  version: boolean;
}

export interface PromotionTarget {
  environment: EnvironmentPolicy;
  /** Full object id. */
  commit: string;
  /** Name or address of the remote whose tag moves. */
  remote: string;
  /** True where the pushed tag is already where it should be. */
  tagIsThere: boolean;
  tag?: PushedTag;
  /** Whether nobody asked for it. */
  automatic: boolean;
}

/** "v1", "v1.4", "v1.4.0", "v2.0.0-rc.1". */
const VERSION = /^v\d+(?:\.\d+){0,2}(?:[-+][\w.+-]+)?$/;

/** Settles environment and commit, or says which name is unknown and which ones there are. */
export async function resolveTarget(workspace: Workspace, request: TargetRequest): Promise<PromotionTarget> {
  const { policy } = workspace;
  const remote = request.remote ?? policy.remote;
  refuseContradiction(request);
  if (request.tag !== undefined) return fromTag(workspace, remote, request.tag, request.environment);
  if (request.branch !== undefined) return fromBranch(workspace, remote, request.branch, request.environment);
  const environment = environmentNamed(workspace, request.environment);
  const automatic = request.automatic === true;
  return { environment, commit: await commitOf(workspace, environment, request), remote, tagIsThere: false, automatic };
}

/** The environment that a person means by its name, a tag or another name; an unknown one is a `SlipwayError`. */
export function environmentNamed({ policy }: Workspace, name: string | undefined): EnvironmentPolicy {
  const found = policy.environments.find((environment) => answersTo(environment, name));
  if (found !== undefined) return found;
  throw new SlipwayError(ExitCode.notFound, `There is no environment ${JSON.stringify(name ?? "")} to promote to.`, {
    where: "config/promotion.yaml",
    next: `Use one of: ${policy.environments.map((environment) => environment.name).join(", ")}.`,
  });
}

const answersTo = ({ name, tags, aliases = [] }: EnvironmentPolicy, asked: string | undefined): boolean =>
  asked !== undefined && (name === asked || tags.includes(asked) || aliases.includes(asked));

function refuseContradiction({ tag, branch, commit, release, automatic }: TargetRequest): void {
  const given = Object.entries({ "--from-tag": tag, "--from-branch": branch, "--commit": commit, "--release": release })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (automatic === true && tag !== undefined) given.push("--automatic");
  if (given.length < 2) return;
  throw new SlipwayError(ExitCode.usage, `${given.join(" and ")} both say what is promoted.`, {
    next: "Give one of them.",
  });
}

async function commitOf(workspace: Workspace, environment: EnvironmentPolicy, request: TargetRequest): Promise<string> {
  const { commit, release, automatic } = request;
  if (release !== undefined) return (await loadRelease(workspace.store, release)).commit;
  if (commit !== undefined) return resolveCommit(workspace.root, commit);
  if (automatic !== true || environment.upstream === undefined) return headCommit(workspace.root);
  const verified = lastVerified(await readLedger(workspace.store, environment.upstream))?.release;
  if (verified !== undefined) return (await loadRelease(workspace.store, verified)).commit;
  throw new SlipwayError(ExitCode.notFound, `${environment.upstream} has verified no release that could be promoted.`, {
    where: environment.upstream,
    next: `./slipway status shows what stands in ${environment.upstream}.`,
  });
}

async function fromTag(
  workspace: Workspace,
  remote: string,
  given: string,
  asked: string | undefined,
): Promise<PromotionTarget> {
  const { policy, root } = workspace;
  const name = given.replace(/^refs\/tags\//, "");
  // No argument of a program may hold a NUL, so git could not even be asked.
  await checkTagName(root, name.replaceAll("\0", " "));
  const version = VERSION.test(name);
  const environment = policy.environments.find(
    (one) => one.tags.includes(name) || (version && one.name === policy.versionTags),
  );
  if (environment === undefined)
    throw new SlipwayError(ExitCode.notFound, `The tag ${JSON.stringify(name)} promotes nothing.`, {
      where: "config/promotion.yaml",
      next: `Tags that do: ${tagsOf(workspace).join(", ")}.`,
    });
  refuseOther(environment, asked, `the tag ${name}`);
  const found = await remoteTag(root, remote, name);
  if (found === undefined)
    throw new SlipwayError(ExitCode.notFound, `There is no tag ${JSON.stringify(name)} on ${remote}.`, {
      where: remote,
      next: `git push ${remote} <commit>:refs/tags/${name}, or ./slipway promote ${environment.name} --commit <commit>`,
    });
  await fetchObject(root, remote, `refs/tags/${name}`, found.object);
  const moving = environment.tags.includes(name);
  const tag = { name, ...found, version: !moving };
  return { environment, commit: found.commit, remote, tagIsThere: moving, tag, automatic: false };
}

const tagsOf = ({ policy }: Workspace): string[] => [
  ...policy.environments.flatMap(({ tags }) => tags),
  ...(policy.versionTags === undefined ? [] : ["v<version>"]),
];

/** What a branch names is promoted because it is there, not because somebody asked. */
async function fromBranch(
  workspace: Workspace,
  remote: string,
  given: string,
  asked: string | undefined,
): Promise<PromotionTarget> {
  const { policy, root } = workspace;
  const name = given.replace(/^refs\/heads\//, "");
  const environment = policy.environments.find(({ branches = [] }) => branches.includes(name));
  if (environment === undefined) {
    const known = policy.environments.flatMap(({ branches = [] }) => branches);
    throw new SlipwayError(ExitCode.notFound, `The branch ${JSON.stringify(name)} promotes nothing.`, {
      where: "config/promotion.yaml",
      next:
        known.length === 0
          ? "No branch does; add `branches` to an environment."
          : `Branches that do: ${known.join(", ")}.`,
    });
  }
  refuseOther(environment, asked, `the branch ${name}`);
  const commit = await remoteBranch(root, remote, name);
  if (commit === undefined)
    throw new SlipwayError(ExitCode.notFound, `There is no branch ${name} on ${remote}.`, {
      where: remote,
      next: `git push ${remote} ${name}`,
    });
  await fetchObject(root, remote, `refs/heads/${name}`, commit);
  return { environment, commit, remote, tagIsThere: false, automatic: true };
}

function refuseOther(environment: EnvironmentPolicy, asked: string | undefined, source: string): void {
  if (asked === undefined || answersTo(environment, asked)) return;
  throw new SlipwayError(ExitCode.usage, `${source} promotes to ${environment.name}, not to ${asked}.`, {
    next: "Give the environment or the source of the promotion, not both.",
  });
}
