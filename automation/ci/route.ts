import type { EnvironmentPolicy, PromotionPolicy } from "../../config/promotion.ts";
import { ExitCode, SlipwayError } from "../errors.ts";

/** What started a workflow, as the runner tells. */
export interface WorkflowEvent {
  /** `push`, `workflow_dispatch`, `schedule`. */
  name: string;
  refType: "branch" | "tag";
  ref: string;
  sha: string;
  /** deploy, rollback, ephemeral, promote, reconcile or sweep; empty for a push. */
  task: string;
  environment: string;
  commit: string;
  tag: string;
  pullRequest: string;
}

/** What a workflow does. Empty where it does nothing of the kind. */
export interface Route {
  /** Environments that are brought up to the commit, and then operations before them. */
  up: string[];
  promote: string;
  rollback: string;
  /** Environments that the policy lets workflows promote to, in its order. */
  automatic: string[];
  reconcile: string[];
  tag: string;
  commit: string;
  /** Number of the pull request that gets a stack. */
  pullRequest: string;
  /** Whether stacks of pull requests are deleted whose time is over. */
  sweep: boolean;
  /** Whether no role trusts the workflow at this tag, so that main has to take it on. */
  handOver: boolean;
}

/** Whether a role of an environment trusts the deployment at a tag. */
export type Trusted = (environment: string, tag: string) => boolean;

const nothing: Route = {
  ...{ up: [], automatic: [], reconcile: [] },
  ...{ promote: "", rollback: "", tag: "", commit: "", pullRequest: "" },
  ...{ sweep: false, handOver: false },
};

const version = /^v\d+(?:\.\d+){0,2}(?:[-+][\w.+-]+)?$/u;

/** What a workflow has to do for what started it. Nothing of what came from outside is handed on but names that the policy knows. */
export function routeOf(event: WorkflowEvent, policy: PromotionPolicy, trusted: Trusted): Route {
  switch (event.task) {
    case "":
      if (event.name !== "push") throw unknownTask(event);
      return event.refType === "tag" ? fromTag(event.ref, policy, trusted) : fromBranch(event, policy);
    case "reconcile":
      return { ...nothing, reconcile: policy.environments.map(({ name }) => name) };
    case "promote":
      return { ...nothing, automatic: automaticOf(policy, undefined) };
    case "sweep":
      return { ...nothing, sweep: true };
    case "ephemeral":
      return { ...nothing, pullRequest: pullRequestOf(event) };
    case "rollback":
      return { ...nothing, rollback: named(event.environment, policy).name };
    case "deploy":
      return asked(event, policy);
    default:
      throw unknownTask(event);
  }
}

function fromTag(tag: string, policy: PromotionPolicy, trusted: Trusted): Route {
  const environment = ofTag(tag, policy);
  if (environment === undefined) return nothing;
  return { ...nothing, promote: environment.name, tag, handOver: !trusted(environment.name, tag) };
}

const ofTag = (tag: string, { environments, versionTags }: PromotionPolicy): EnvironmentPolicy | undefined =>
  environments.find(({ name, tags }) => tags.includes(tag) || (version.test(tag) && name === versionTags));

const takes = ({ branches }: EnvironmentPolicy, branch: string, { protectedBranch }: PromotionPolicy) =>
  (branches ?? [protectedBranch]).includes(branch);

function fromBranch({ ref }: WorkflowEvent, policy: PromotionPolicy): Route {
  const up = policy.environments
    .filter((one) => one.upstream === undefined && takes(one, ref, policy))
    .map(({ name }) => name);
  return { ...nothing, up, automatic: automaticOf(policy, ref) };
}

/** Those whose releases come from upstream; with a branch, those that take it. */
function automaticOf(policy: PromotionPolicy, branch: string | undefined): string[] {
  return policy.environments
    .filter(({ automatic, upstream }) => automatic === true && upstream !== undefined)
    .filter((one) => branch === undefined || takes(one, branch, policy))
    .map(({ name }) => name);
}

/** What a person asked for by a dispatch. */
function asked({ environment, commit, tag, sha }: WorkflowEvent, policy: PromotionPolicy): Route {
  const target = named(environment, policy);
  if (tag !== "") {
    const owner = ofTag(tag, policy);
    if (owner?.name !== target.name) throw wrongTag(tag, owner, target);
    if (commit !== "")
      throw new SlipwayError(ExitCode.usage, "tag and commit both say what is promoted.", {
        next: "Give one of them.",
      });
    return { ...nothing, promote: target.name, tag };
  }
  if (commit !== "" && !/^[0-9a-f]{7,64}$/u.test(commit))
    throw new SlipwayError(ExitCode.usage, `commit: got ${JSON.stringify(commit)}, expected 7 to 64 digits of its id.`);
  if (target.upstream !== undefined) return { ...nothing, promote: target.name, commit: commit === "" ? sha : commit };
  if (commit === "") return { ...nothing, up: [target.name] };
  throw new SlipwayError(ExitCode.usage, `${target.name} gets the commit that the workflow runs at.`, {
    where: "commit",
    next: "Leave it away, and choose the branch to run from.",
  });
}

function pullRequestOf({ pullRequest }: WorkflowEvent): string {
  if (/^[1-9]\d{0,8}$/u.test(pullRequest)) return pullRequest;
  throw new SlipwayError(ExitCode.usage, `pull-request: got ${JSON.stringify(pullRequest)}, expected its number.`);
}

function named(name: string, { environments }: PromotionPolicy): EnvironmentPolicy {
  const found = environments.find((one) => one.name === name || one.aliases?.includes(name) === true);
  if (found !== undefined) return found;
  throw new SlipwayError(ExitCode.notFound, `There is no environment ${JSON.stringify(name)}.`, {
    where: "config/promotion.yaml",
    next: `Use one of: ${environments.map((one) => one.name).join(", ")}.`,
  });
}

const wrongTag = (tag: string, owner: EnvironmentPolicy | undefined, target: EnvironmentPolicy): SlipwayError =>
  new SlipwayError(
    ExitCode.usage,
    `The tag ${JSON.stringify(tag)} promotes ${owner === undefined ? "nothing" : `to ${owner.name}`}, not to ${target.name}.`,
    { where: "config/promotion.yaml", next: "Choose its environment, or another tag." },
  );

const unknownTask = ({ task, name }: WorkflowEvent): SlipwayError =>
  new SlipwayError(ExitCode.usage, `SLIPWAY_TASK: got ${JSON.stringify(task)} for ${name || "no event"}.`, {
    next: "Use one of: deploy, rollback, ephemeral, promote, reconcile, sweep; nothing for a push.",
  });
