import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { dirtyFiles } from "../git/commits.ts";
import { currentActor } from "../git/identity.ts";
import { moveTag, remoteTag } from "../git/tags.ts";
import { worktreeOf } from "../git/worktree.ts";
import { isVerifiedAndCurrent } from "../promotion/folds.ts";
import { decideGates, refusals, type GateDecision } from "../promotion/gates.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import type { Release } from "../release/manifest.ts";
import { releaseForCommit, verifyArtifacts } from "../release/releases.ts";
import { gateLines } from "../report/gates.ts";
import type { Workspace } from "../workspace.ts";
import { deploy, type DeployReport } from "./deploy.ts";
import type { PromotionTarget } from "./promotion-target.ts";
import type { RunLimits } from "./run-engine.ts";

export type PromoteRequest = PromotionTarget & Pick<RunLimits, "timeoutMs"> & { dryRun: boolean };

export interface PromoteReport {
  environment: string;
  commit: string;
  outcome: "promoted" | "already-there" | "dry-run";
  release: Release;
  gates: GateDecision[];
  tag?: { name: string; from: string | null; to: string };
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
  const tag = await pointTag(context, workspace, request, report.release);
  const records = await readLedger(workspace.store, environment.name);
  if (tag === undefined && isVerifiedAndCurrent(records, report.release.id))
    return { ...report, outcome: "already-there" };
  const workDir = await worktreeOf(workspace.root, workspace.worktreeDirectory, commit);
  const deployment = await deploy(context, workspace, {
    verb: "promote",
    stack: environment.name,
    workDir,
    release: report.release,
    create: true,
    verify: environment.verify,
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
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

/** Moves the environment's tag on the remote, if it is not there yet, and records the move. */
async function pointTag(
  context: Context,
  workspace: Workspace,
  { environment, commit, remote, tagIsThere }: PromoteRequest,
  release: Release,
): Promise<PromoteReport["tag"]> {
  const name = environment.tags[0];
  if (name === undefined || tagIsThere) return undefined;
  const expectedOld = (await remoteTag(workspace.root, remote, name))?.commit;
  const result = await moveTag({ root: workspace.root, remote, tag: name, commit, expectedOld });
  if (result.outcome === "unchanged") return undefined;
  if (result.outcome === "changed")
    throw new SlipwayError(
      ExitCode.gateRefused,
      `Somebody else moved the tag ${name} to ${result.actual ?? "nowhere"} at the same time.`,
      {
        where: `${remote} refs/tags/${name}`,
        next: `Look at ./slipway history ${environment.name}, then decide whether to run the same command again.`,
      },
    );
  const by = await currentActor(workspace.root, workspace.environment);
  const from = result.from ?? null;
  await append(
    workspace.store,
    environment.name,
    { kind: "tag-moved", by, tag: name, remote, from, to: commit, release: release.id },
    context.now,
  );
  context.console.info(`tag ${name}: ${from?.slice(0, 12) ?? "new"} -> ${commit.slice(0, 12)} on ${remote}`);
  return { name, from, to: commit };
}
