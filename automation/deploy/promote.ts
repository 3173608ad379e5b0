import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { worktreeOf } from "../git/worktree.ts";
import { announce } from "../notify/announce.ts";
import { bindPlan, type BoundPlan } from "../plans/bind.ts";
import { policyFact } from "../policy/fact.ts";
import { isVerifiedAndCurrent } from "../promotion/folds.ts";
import { decideGates, exitCodeOf, refusals, type GateDecision } from "../promotion/gates.ts";
import type { GateFacts, PolicyFact } from "../promotion/gates/gate.ts";
import { applyOverride, checkOverride, overriddenGates, type OverrideRequest } from "../promotion/gates/override.ts";
import { append } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import type { Release } from "../release/manifest.ts";
import { releaseForCommit, verifyArtifacts } from "../release/releases.ts";
import { gateLines } from "../report/gates.ts";
import type { Workspace } from "../workspace.ts";
import { deploy, type DeployReport } from "./deploy.ts";
import { collectFacts } from "./promotion-facts.ts";
import { noticeMove, pointerOf, recordSighting, recordUnseenMove, refuseSuperseded } from "./promotion-tags.ts";
import type { PromotionTarget } from "./promotion-target.ts";
import type { RunLimits } from "./run-engine.ts";
import { pointTag, pointTagBack, type TagMoved } from "./tag.ts";

export type PromoteRequest = PromotionTarget &
  Pick<RunLimits, "timeoutMs"> & {
    dryRun: boolean;
    override?: OverrideRequest;
    /** File of the saved plan that is to be applied; approvals are bound to it. */
    planFile?: string;
    policy?: PolicyFact;
  };

export interface PromoteReport {
  environment: string;
  commit: string;
  outcome: "promoted" | "already-there" | "dry-run";
  /** What a dry run would end with; 0 for everything that was done. */
  exitCode: ExitCode;
  /** Undefined in a dry run only, where the commit has none. */
  release: Release | undefined;
  gates: GateDecision[];
  tag?: TagMoved;
  /** Where the tag that asked for it went before its verification had ended. */
  tagMovedOn?: { tag: string; to: string | null };
  deployment?: DeployReport;
}

type Deployer = typeof deploy;

/** One promotion on its way. */
interface Promotion {
  context: Context;
  workspace: Workspace;
  request: PromoteRequest;
  by: string;
  plan: BoundPlan | undefined;
}

/**
 * Gates, tag, deployment of the commit's own program, verification, record: in this order, each only after the one before. The
 * gates are asked twice: first to tell a person at once, and again by the holder of the environment, when nothing can change under
 * them any more.
 */
export async function promote(
  context: Context,
  workspace: Workspace,
  request: PromoteRequest,
  deployer: Deployer = deploy,
): Promise<PromoteReport> {
  const { environment, commit } = request;
  if (request.override !== undefined) checkOverride(request.override);
  const by = await currentActor(workspace.root, workspace.environment);
  const plan = await boundPlan(context, workspace, request);
  const promotion = { context, workspace, request, by, plan };
  if (!request.dryRun) await recordSighting(context, workspace, request, by);
  const facts = await withPolicy(promotion, await lookUp(promotion));
  const gates = applyOverride(decideGates(facts), request.override);
  const { release } = facts;
  const report = { environment: environment.name, commit, release, gates, exitCode: ExitCode.done };
  if (request.dryRun) return { ...report, outcome: "dry-run", exitCode: exitCodeOf(gates) };
  if (release !== undefined && isThere(facts, gates)) return { ...report, ...(await follow(promotion, release)) };
  refuseUnlessPassed(context, environment.name, gates);
  if (release === undefined) throw new Error("the release gate passed without a release");
  await verifyArtifacts(workspace.store, release);
  return { ...report, ...(await deployRelease(promotion, { facts, release, gates }, deployer)) };
}

/** The pack is asked last: it takes a preview, and what another gate stops needs none. */
async function withPolicy({ context, workspace, request, plan }: Promotion, facts: GateFacts): Promise<GateFacts> {
  const { environment, commit, timeoutMs } = request;
  const { release } = facts;
  if (facts.policy !== undefined || release === undefined) return facts;
  const gates = applyOverride(decideGates(facts), request.override);
  if (isThere(facts, gates)) return facts;
  const workDir = await worktreeOf(workspace.root, workspace.worktreeDirectory, commit);
  const policy = await policyFact(context, workspace, {
    ...{ stack: environment.name, workDir, release },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...{ stopped: refusals(gates).length > 0, planned: plan !== undefined },
  });
  return policy === undefined ? facts : { ...facts, policy };
}

/** What stands verified needs no permission to stay; only a version that moved must not pass for what it was. */
const isThere = ({ records, release }: GateFacts, gates: readonly GateDecision[]): boolean =>
  release !== undefined &&
  isVerifiedAndCurrent(records, release.id) &&
  refusals(gates).every(({ gate }) => gate !== "version-tag" && gate !== "clean-tree");

/** The plan was made from the commit's own program and release, so it is compared with those, not with this checkout. */
async function boundPlan(
  { now }: Context,
  workspace: Workspace,
  { environment, commit, planFile }: PromoteRequest,
): Promise<BoundPlan | undefined> {
  const release = planFile === undefined ? undefined : await releaseForCommit(workspace.store, commit);
  // Without a release nothing goes on anyway; its gate says what to do.
  if (planFile === undefined || release === undefined) return undefined;
  const workDir = await worktreeOf(workspace.root, workspace.worktreeDirectory, commit);
  return bindPlan(workspace, { stack: environment.name, workDir, release }, { file: planFile, now });
}

type Outcome = Pick<PromoteReport, "outcome" | "tag" | "tagMovedOn" | "deployment"> & { gates?: GateDecision[] };

/** The environment's tag follows what runs there. */
async function follow(promotion: Promotion, release: Release): Promise<Outcome> {
  const tag = await movePointer(promotion, release);
  return { outcome: "already-there", ...(tag === undefined ? {} : { tag }) };
}

async function movePointer(
  { context, workspace, request, by }: Promotion,
  release: Release,
): Promise<TagMoved | undefined> {
  const name = pointerOf(request);
  if (name === undefined) return undefined;
  const { environment, remote } = request;
  await recordUnseenMove(context, workspace, { environment, remote, tag: name }, by);
  return pointTag(context, workspace, { environment, remote }, release);
}

interface Passed {
  facts: GateFacts;
  release: Release;
  gates: GateDecision[];
}

async function deployRelease(promotion: Promotion, passed: Passed, deployer: Deployer): Promise<Outcome> {
  const { context, workspace, request, by, plan } = promotion;
  const { release } = passed;
  const { environment, commit, remote, timeoutMs } = request;
  const workDir = await worktreeOf(workspace.root, workspace.worktreeDirectory, commit);
  const outcome: Outcome = { outcome: "promoted" };
  const deployment = await deployer(context, workspace, {
    verb: "promote",
    stack: environment.name,
    workDir,
    release,
    create: true,
    verify: environment.verify,
    policy: overriddenGates(passed.gates).includes("policy") ? "waived" : "asked",
    beforeChange: async () => {
      outcome.gates = await askAgain(promotion, passed);
      const tag = await movePointer(promotion, release);
      if (tag !== undefined) outcome.tag = tag;
    },
    beforeVerdict: async () => {
      const movedOn = await noticeMove(context, workspace, request, by);
      if (movedOn === undefined) return {};
      outcome.tagMovedOn = movedOn;
      return { tagMovedOn: movedOn };
    },
    ...(plan === undefined ? {} : { plan }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }).catch(async (error: unknown) => {
    if (environment.signedTags === undefined) await pointTagBack(context, workspace, { environment, remote }, release);
    throw error;
  });
  return { ...outcome, deployment };
}

/** Asks again with the environment in hand, and writes down what is overridden before anything changes. */
async function askAgain(promotion: Promotion, { facts: before, release }: Passed): Promise<GateDecision[]> {
  const { context, workspace, request, by } = promotion;
  const { environment, override } = request;
  await refuseSuperseded(context, workspace, request, by);
  const { policy } = before;
  const facts = { ...(await lookUp(promotion)), ...(policy === undefined ? {} : { policy }) };
  refuseOvertaken(environment.name, facts.records.slice(before.records.length));
  const gates = applyOverride(decideGates(facts), override);
  refuseUnlessPassed(context, environment.name, gates);
  const overridden = overriddenGates(gates);
  if (override !== undefined && overridden.length > 0) {
    const entry = { kind: "overridden", by, release: release.id, gates: overridden, reason: override.reason } as const;
    void announce(context, workspace, await append(workspace.store, environment.name, entry, context.now));
    context.console.warn(`${by} overrides ${overridden.join(", ")}: ${override.reason}`);
  }
  return gates;
}

const deployments: readonly LedgerRecord["kind"][] = ["promoted", "rolled-back", "failed", "destroyed"];

/** Of several promotions to one environment that begin at once, one wins; the others were decided for another state of affairs. */
function refuseOvertaken(environment: string, since: readonly LedgerRecord[]): void {
  const other = since.find(({ kind }) => deployments.includes(kind));
  if (other === undefined) return;
  throw new SlipwayError(
    ExitCode.gateRefused,
    `${environment} was changed by ${other.by} since this promotion was decided.`,
    {
      where: `record ${other.sequence} of the ledger of ${environment}`,
      next: `Look at ./slipway history ${environment}, then decide whether to run the same command again.`,
    },
  );
}

function lookUp({ context, workspace, request, by, plan }: Promotion): Promise<GateFacts> {
  const { policy } = request;
  return collectFacts(workspace, request, {
    by,
    now: context.now(),
    ...(plan === undefined ? {} : { plan: plan.envelope.planDigest }),
    ...(policy === undefined ? {} : { policy }),
  });
}

function refuseUnlessPassed(context: Context, environment: string, gates: readonly GateDecision[]): void {
  const refused = refusals(gates);
  const [first] = refused;
  if (first === undefined) return;
  if (refused.length > 1) for (const line of gateLines(context.console, gates)) context.console.info(line);
  const reasons = refused.map(({ reason }) => reason).join("; ");
  throw new SlipwayError(exitCodeOf(gates), `${environment} refuses this promotion: ${reasons}.`, {
    where: refused.map(({ gate }) => `gate ${gate}`).join(", "),
    ...(first.next === undefined ? {} : { next: first.next.replace(/^slipway /, "./slipway ") }),
  });
}
