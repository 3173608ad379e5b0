import type { EnvironmentPolicy } from "../../config/promotion.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { headCommit, resolveCommit } from "../git/commits.ts";
import { remoteTag } from "../git/tags.ts";
import { loadRelease } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";

/** How a person or a workflow names what goes where. */
export interface TargetRequest {
  environment: string | undefined;
  commit: string | undefined;
  release: string | undefined;
  /** A tag that was pushed: it decides both. */
  tag: string | undefined;
  remote: string | undefined;
}

export interface PromotionTarget {
  environment: EnvironmentPolicy;
  /** Full object id. */
  commit: string;
  /** Name or address of the remote whose tag moves. */
  remote: string;
  /** True where the pushed tag is already where it should be. */
  tagIsThere: boolean;
}

/** Settles environment and commit, or says which name is unknown and which ones there are. */
export async function resolveTarget(workspace: Workspace, request: TargetRequest): Promise<PromotionTarget> {
  const remote = request.remote ?? workspace.policy.remote;
  const promotable = workspace.policy.environments.filter(({ tags }) => tags.length > 0);
  if (request.tag !== undefined) return fromTag(workspace, promotable, remote, request.tag);
  const name = request.environment;
  const environment = promotable.find((policy) => policy.name === name || policy.tags.includes(name ?? ""));
  if (environment === undefined)
    throw new SlipwayError(ExitCode.notFound, `There is no environment "${name ?? ""}" to promote to.`, {
      where: "config/promotion.yaml",
      next: `Use one of: ${promotable.map((policy) => policy.name).join(", ")}.`,
    });
  return { environment, commit: await commitOf(workspace, request), remote, tagIsThere: false };
}

async function commitOf(workspace: Workspace, request: TargetRequest): Promise<string> {
  if (request.release !== undefined) return (await loadRelease(workspace.store, request.release)).commit;
  return request.commit === undefined ? headCommit(workspace.root) : resolveCommit(workspace.root, request.commit);
}

async function fromTag(
  workspace: Workspace,
  promotable: readonly EnvironmentPolicy[],
  remote: string,
  tag: string,
): Promise<PromotionTarget> {
  const environment = promotable.find(({ tags }) => tags.includes(tag));
  if (environment === undefined)
    throw new SlipwayError(ExitCode.notFound, `The tag "${tag}" promotes nothing.`, {
      where: "config/promotion.yaml",
      next: `Tags that do: ${promotable.flatMap(({ tags }) => tags).join(", ")}.`,
    });
  const found = await remoteTag(workspace.root, remote, tag);
  if (found === undefined)
    throw new SlipwayError(ExitCode.notFound, `There is no tag "${tag}" on ${remote}.`, {
      where: remote,
      next: `git push ${remote} <commit>:refs/tags/${tag}, or ./slipway promote ${environment.name} --commit <commit>`,
    });
  return { environment, commit: found.commit, remote, tagIsThere: true };
}
