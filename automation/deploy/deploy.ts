import type { StackOutputs } from "../../config/outputs.ts";
import type { Context } from "../context.ts";
import type { OperationResult } from "../engine/operation.ts";
import type { RunSummary } from "../engine/summary.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { isVerifiedAndCurrent } from "../promotion/folds.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import type { LedgerEntry } from "../promotion/ledger-records.ts";
import type { Release } from "../release/manifest.ts";
import { resourceCount } from "../report/summary.ts";
import type { CheckResult } from "../verify/check-kind.ts";
import { manifestFile, type Workspace } from "../workspace.ts";
import { failureOf } from "./failure.ts";
import { withMarker } from "./marker.ts";
import { engineEnvironment, runEngine } from "./run-engine.ts";
import { outputsOf, runChecks, verificationError } from "./verification.ts";

export interface DeployRequest {
  verb: "up" | "promote";
  stack: string;
  /** The checkout or worktree whose program runs. */
  workDir: string;
  /** Absent when the working tree itself is deployed: then nothing is promoted from here. */
  release: Release | undefined;
  create: boolean;
  verify: boolean;
  targets?: string[];
  timeoutMs?: number;
}

export interface DeployReport {
  stack: string;
  release: Release | undefined;
  summary: RunSummary;
  outputs: StackOutputs;
  checks: CheckResult[];
  /** False when everything stood already and the ledger has nothing to add. */
  recorded: boolean;
  seconds: number;
}

/** Brings a stack up, verifies it, and leaves a record of both; an earlier run that was killed is settled first. */
export async function deploy(context: Context, workspace: Workspace, request: DeployRequest): Promise<DeployReport> {
  const started = performance.now();
  const by = await currentActor(workspace.root, workspace.environment);
  const actor = { by, ...subjectOf(request.release) };
  const record = (entry: LedgerEntry) => append(workspace.store, request.stack, entry, context.now);
  const before = await readLedger(workspace.store, request.stack);
  return withMarker(context, workspace, { ...request, by }, async (onEngine) => {
    const manifest = request.release && (await manifestFile(workspace, request.release));
    const result = await runEngine(context, workspace, {
      kind: "up",
      stack: request.stack,
      workDir: request.workDir,
      environment: engineEnvironment(workspace, manifest),
      create: request.create,
      onStart: onEngine,
      ...(request.targets === undefined ? {} : { targets: request.targets }),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
    });
    const seconds = elapsed(started);
    if (result.outcome !== "succeeded") {
      const failure = failureOf(request.stack, request.verb, result);
      await record({
        ...actor,
        kind: "failed",
        stage: "deploy",
        seconds,
        error: failure.message,
        changes: result.summary.changes,
      });
      throw failure;
    }
    const quiet = result.summary.changed === 0 && stands(before, request);
    if (!quiet) await record(promotedEntry(actor, request, result, seconds));
    return settle({ context, workspace, request, result, quiet, started, actor, record });
  });
}

interface Settlement {
  context: Context;
  workspace: Workspace;
  request: DeployRequest;
  result: OperationResult;
  quiet: boolean;
  started: number;
  actor: { by: string; release?: string; commit?: string };
  record: (entry: LedgerEntry) => Promise<unknown>;
}

async function settle(settlement: Settlement): Promise<DeployReport> {
  const { context, workspace, request, result, quiet, started, actor, record } = settlement;
  const outputs = outputsOf(request.stack, result.summary);
  const verifying = performance.now();
  const checks = request.verify ? await runChecks(context, workspace, outputs) : [];
  const failed = checks.filter((check) => !check.passed);
  const facts = { ...actor, seconds: elapsed(verifying), checks: checks.map(ledgerCheck) };
  if (failed.length > 0) {
    const error = verificationError(request.stack, failed);
    await record({ ...facts, kind: "failed", stage: "verify", error: error.message });
    throw error;
  }
  if (request.verify && !quiet) await record({ ...facts, kind: "verified" });
  const { stack, release } = request;
  return { stack, release, summary: result.summary, outputs, checks, recorded: !quiet, seconds: elapsed(started) };
}

const elapsed = (since: number) => Math.round(performance.now() - since) / 1000;

const subjectOf = (release: Release | undefined) =>
  release === undefined ? {} : { release: release.id, commit: release.commit };

const stands = (records: Awaited<ReturnType<typeof readLedger>>, { release }: DeployRequest) =>
  release !== undefined && isVerifiedAndCurrent(records, release.id);

const promotedEntry = (
  actor: Settlement["actor"],
  request: DeployRequest,
  { summary }: OperationResult,
  seconds: number,
): LedgerEntry => ({
  ...actor,
  kind: "promoted",
  verb: request.verb,
  seconds,
  resources: resourceCount(summary),
  changes: summary.changes,
});

const ledgerCheck = ({ name, kind, passed, seconds, detail }: CheckResult) => ({
  name,
  kind,
  passed,
  seconds,
  message: detail,
});

/** Refuses a stack whose releases come from another environment. */
export function refuseBypass(workspace: Workspace, stack: string): void {
  const upstream = workspace.policy.environments.find(({ name }) => name === stack)?.upstream;
  if (upstream === undefined) return;
  throw new SlipwayError(
    ExitCode.gateRefused,
    `${stack} takes releases by promotion only, verified in ${upstream} first.`,
    {
      where: "config/promotion.yaml",
      next: `./slipway promote ${stack}`,
    },
  );
}
