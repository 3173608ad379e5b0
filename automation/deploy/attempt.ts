import { hostname } from "node:os";
import type { StackOutputs } from "../../config/outputs.ts";
import type { OperationResult } from "../engine/operation.ts";
import { ExitCode } from "../errors.ts";
import { isVerifiedAndCurrent } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { LedgerEntry } from "../promotion/ledger-records.ts";
import { packWorkingTree } from "../release/working-tree.ts";
import { refuseViolations } from "../policy/judge.ts";
import { planForEngine } from "../plans/engine-plan.ts";
import { withScratchPlan, writeOwnerOnly } from "../plans/plan-file.ts";
import { resourceCount } from "../report/summary.ts";
import type { CheckResult } from "../verify/check-kind.ts";
import { manifestFile } from "../workspace.ts";
import { failureOf } from "./failure.ts";
import { deliverManifests } from "./manifests.ts";
import { warnOfPending } from "./pending.ts";
import { engineEnvironment, runEngine } from "./run-engine.ts";
import type { DeployReport, DeployRequest, RollbackCause, Session } from "./session.ts";
import { beforeStreams } from "./streams/before.ts";
import { openHandovers } from "./streams/streams.ts";
import { subjectOf } from "./subject.ts";
import { openTraffic } from "./traffic/traffic.ts";
import { outputsOf, runChecks, verificationError } from "./verification.ts";

/** What was done before it failed, for those who decide what comes next. */
export interface AttemptTrace {
  result?: OperationResult;
}

/** Runs the engine once, verifies, and records how each of the two ended. Throws what a person should read. */
export async function attempt(
  session: Session,
  request: DeployRequest,
  trace: AttemptTrace,
  cause?: RollbackCause,
): Promise<DeployReport> {
  const started = performance.now();
  const startedAt = session.context.now().toISOString();
  const before = await readLedger(session.workspace.store, request.stack);
  if (before.at(-1)?.kind === "interrupted") await warnOfPending(session.context, session.workspace, request.stack);
  await askPolicy(session, request);
  const result = await run(session, request, await beforeStreams(session, request, before));
  trace.result = result;
  const seconds = elapsed(started);
  if (result.outcome !== "succeeded") throw await recordFailure(session, request, result, { seconds, startedAt });
  const stood = request.release !== undefined && isVerifiedAndCurrent(before, request.release.id);
  const outputs = outputsOf(request.stack, result.summary);
  const manifests = await deliver(session, request, outputs, seconds);
  const traffic = await openTraffic(session, request, outputs);
  const handovers = await openHandovers(session, request, outputs).catch(async (error: unknown) => {
    await traffic.close();
    throw error;
  });
  const moves = manifests?.moved === true || traffic.due || handovers.due;
  const quiet = result.summary.changed === 0 && stood && !moves;
  if (!quiet) await session.record(deployedEntry(session, request, result, seconds, cause));
  await traffic.shift().finally(() => traffic.close());
  await handovers.handOver();
  const checks = await verifyDeployed(session, request, { outputs, manifests: manifests?.commit, quiet });
  const { stack, release } = request;
  return { stack, release, summary: result.summary, outputs, checks, recorded: !quiet, seconds: elapsed(started) };
}

/** Without a saved plan, which the engine looks through under the pack before its first change anyway. */
async function askPolicy({ context, workspace }: Session, request: DeployRequest): Promise<void> {
  if (request.policy !== "ask" || request.plan !== undefined) return;
  const { verb, stack, workDir, release, targets, timeoutMs } = request;
  const limits = { ...(targets === undefined ? {} : { targets }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  await refuseViolations(context, workspace, verb, { stack, workDir, release, ...limits });
}

/** For the engine, beside those that it always gets. */
type Variables = Readonly<Record<string, string>>;

/** With a saved plan: what it was made from is compared once more, now that nobody else may change anything. */
async function run(session: Session, request: DeployRequest, variables: Variables): Promise<OperationResult> {
  const { plan } = request;
  if (plan === undefined) return runUp(session, request, variables);
  await plan.recheck();
  return withScratchPlan(session.workspace.directory, async (file) => {
    await writeOwnerOnly(file, planForEngine(plan.envelope.plan));
    return runUp(session, request, variables, file);
  });
}

async function runUp(
  { context, workspace, onEngine }: Session,
  request: DeployRequest,
  variables: Variables,
  plan?: string,
): Promise<OperationResult> {
  const manifest = request.release && (await manifestFile(workspace, request.release));
  // The sandbox's cluster pulls its images from the store, where only a release has put them yet.
  if (manifest === undefined && workspace.sandbox !== undefined)
    await packWorkingTree(request.workDir, { store: workspace.store });
  return runEngine(context, workspace, {
    kind: "up",
    stack: request.stack,
    workDir: request.workDir,
    environment: { ...engineEnvironment(workspace, manifest), ...variables },
    create: request.create,
    policy: request.policy === "ask" || request.policy === "asked",
    onStart: onEngine,
    ...(request.refresh === undefined ? {} : { refresh: request.refresh }),
    ...(plan === undefined ? {} : { plan }),
    ...(request.targets === undefined ? {} : { targets: request.targets }),
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
  });
}

/** A run that a person stopped is an interruption; everything else that did not end well is a failure. */
async function recordFailure(
  session: Session,
  request: DeployRequest,
  result: OperationResult,
  { seconds, startedAt }: { seconds: number; startedAt: string },
) {
  const { by } = session;
  const { verb } = request;
  const failure = failureOf(request.stack, verb, result);
  const subject = subjectOf(request);
  // What was refused before the first change is no deployment that failed: there was none.
  if (result.summary.preview && (failure.code === ExitCode.stalePlan || failure.code === ExitCode.policy))
    return failure;
  await session.record(
    failure.code === ExitCode.cancelled
      ? { ...subject, by, kind: "interrupted", verb, host: hostname(), startedAt }
      : {
          ...subject,
          by,
          kind: "failed",
          stage: "deploy",
          seconds,
          error: failure.message,
          changes: result.summary.changes,
        },
  );
  return failure;
}

/** Manifests that could not be delivered are a deployment that failed half-way. */
async function deliver(session: Session, request: DeployRequest, outputs: StackOutputs, seconds: number) {
  try {
    return await deliverManifests(session, request, outputs);
  } catch (error) {
    const facts = { ...subjectOf(request), by: session.by, kind: "failed", stage: "deploy", seconds } as const;
    await session.record({ ...facts, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

interface Stands {
  outputs: StackOutputs;
  /** Commit of the branch of manifests. */
  manifests: string | undefined;
  /** Nothing changed: the ledger says already what it would say. */
  quiet: boolean;
}

async function verifyDeployed(
  session: Session,
  request: DeployRequest,
  { outputs, manifests, quiet }: Stands,
): Promise<CheckResult[]> {
  const verifying = performance.now();
  const root = () => Promise.resolve(request.workDir);
  const deployed = { release: request.release?.id, root, ...(manifests === undefined ? {} : { manifests }) };
  const checks = request.verify ? await runChecks(session.context, session.workspace, { outputs, deployed }) : [];
  const failed = checks.filter((check) => !check.passed);
  const facts = {
    ...subjectOf(request),
    by: session.by,
    seconds: elapsed(verifying),
    checks: checks.map(ledgerCheck),
    ...(await request.beforeVerdict?.()),
  };
  if (failed.length > 0) {
    const error = verificationError(request.stack, failed);
    await session.record({ ...facts, kind: "failed", stage: "verify", error: error.message });
    throw error;
  }
  if (request.verify && !quiet) await session.record({ ...facts, kind: "verified" });
  return checks;
}

function deployedEntry(
  { by }: Session,
  request: DeployRequest,
  { summary }: OperationResult,
  seconds: number,
  cause: RollbackCause | undefined,
): LedgerEntry {
  const facts = {
    ...subjectOf(request),
    by,
    seconds,
    resources: resourceCount(summary),
    changes: summary.changes,
  };
  const plan = request.plan === undefined ? {} : { plan: request.plan.envelope.planDigest };
  if (cause === undefined || request.release === undefined)
    return { ...facts, ...plan, kind: "promoted", verb: request.verb };
  const from = cause.from === undefined ? {} : { from: cause.from };
  return { ...facts, ...from, kind: "rolled-back", release: request.release.id, reason: cause.reason };
}

const elapsed = (since: number) => Math.round(performance.now() - since) / 1000;

const ledgerCheck = ({ name, kind, passed, seconds, detail }: CheckResult) => ({
  name,
  kind,
  passed,
  seconds,
  message: detail,
});
