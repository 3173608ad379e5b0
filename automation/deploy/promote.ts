import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { dirtyFiles } from "../git/commits.ts";
import { worktreeOf } from "../git/worktree.ts";
import { isVerifiedAndCurrent } from "../promotion/folds.ts";
import { decideGates, refusals, type GateDecision } from "../promotion/gates.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { Release } from "../release/manifest.ts";
import { releaseForCommit, verifyArtifacts } from "../release/releases.ts";
import { gateLines } from "../report/gates.ts";
import type { Workspace } from "../workspace.ts";
import { deploy, type DeployReport } from "./deploy.ts";
import type { PromotionTarget } from "./promotion-target.ts";
import type { RunLimits } from "./run-engine.ts";
import { pointTag, pointTagBack, type TagMoved } from "./tag.ts";

export type PromoteRequest = PromotionTarget & Pick<RunLimits, "timeoutMs"> & { dryRun: boolean };

export interface PromoteReport {
  environment: string;
  commit: string;
  outcome: "promoted" | "already-there" | "dry-run";
  release: Release;
  gates: GateDecision[];
  tag?: TagMoved;
  deployment?: DeployReport;
}

/** Gates, tag, deployment of the commit's own program, verification, record: in this order, each only after the one before. */
export async function promote(context: Context, workspace: Workspace, request: PromoteRequest): Promise<PromoteReport> {
  const { environment, commit } = request;
  const { gates, release } = await evaluateGates(workspace, request);
  refuseUnlessPassed(context, environment.name, gates, request.dryRun);
  if (release === undefined) throw new Error("the release gate passed without a release");
  const report = { environment: environment.name, commit, release, gates };
  if (request.dryRun) return { ...report, outcome: "dry-run" };
  await verifyArtifacts(workspace.store, report.release);
  const pointer = { environment, remote: request.remote };
  const tag = request.tagIsThere ? undefined : await pointTag(context, workspace, pointer, report.release);
  const records = await readLedger(workspace.store, environment.name);
  if (isVerifiedAndCurrent(records, report.release.id))
    return { ...report, outcome: "already-there", ...(tag ? { tag } : {}) };
  const workDir = await worktreeOf(workspace.root, workspace.worktreeDirectory, commit);
  const deployment = await deploy(context, workspace, {
    verb: "promote",
    stack: environment.name,
    workDir,
    release: report.release,
    create: true,
    verify: environment.verify,
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
  }).catch(async (error: unknown) => {
    await pointTagBack(context, workspace, pointer, report.release);
    throw error;
  });
  return { ...report, outcome: "promoted", deployment, ...(tag ? { tag } : {}) };
}

async function evaluateGates(workspace: Workspace, { environment, commit }: PromoteRequest) {
  const before = workspace.policy.environments.find(({ name }) => name === environment.upstream);
  const [release, dirty, upstream] = await Promise.all([
    releaseForCommit(workspace.store, commit),
    dirtyFiles(workspace.root),
    before && readLedger(workspace.store, before.name).then((records) => ({ policy: before, records })),
  ]);
  return { release, gates: decideGates({ environment, commit, release, dirtyFiles: dirty, upstream }) };
}

/** What the first refusal ends with: bad input has codes of its own, everything else is a gate's. */
const refusalCodes: Readonly<Record<string, ExitCode>> = { "clean-tree": ExitCode.usage, release: ExitCode.notFound };

function refuseUnlessPassed(context: Context, environment: string, gates: GateDecision[], dryRun: boolean): void {
  const refused = refusals(gates);
  const [first] = refused;
  if (first === undefined) return;
  if (dryRun || refused.length > 1) for (const line of gateLines(context.console, gates)) context.console.info(line);
  const reasons = refused.map(({ reason }) => reason).join("; ");
  throw new SlipwayError(
    refusalCodes[first.gate] ?? ExitCode.gateRefused,
    `${environment} refuses this promotion: ${reasons}.`,
    {
      where: refused.map(({ gate }) => `gate ${gate}`).join(", "),
      ...(first.next === undefined ? {} : { next: first.next.replace(/^slipway /, "./slipway ") }),
    },
  );
}
