import type { EnvironmentPolicy } from "../../config/promotion.ts";
import type { RunSummary } from "../engine/summary.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { resolveCommit } from "../git/commits.ts";
import { worktreeOf } from "../git/worktree.ts";
import { lastVerified } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { loadRelease, verifyArtifacts } from "../release/releases.ts";
import { short } from "../report/release.ts";
import { attempt, type AttemptTrace } from "./attempt.ts";
import type { DeployReport, DeployRequest, RollbackCause, Session } from "./session.ts";

/**
 * The release to go back to after a failure, or undefined where there is nothing to go back to: the last one verified in this very
 * environment, never the commit before, and never after a rollback, so that two bad releases cannot take turns.
 */
export function rollbackTarget(
  policy: Pick<EnvironmentPolicy, "rollbackOnFailure"> | undefined,
  records: readonly LedgerRecord[],
  failed: Pick<DeployRequest, "verb"> & { release: string | undefined },
): string | undefined {
  if (policy?.rollbackOnFailure !== true || failed.verb === "rollback") return undefined;
  const target = lastVerified(records.filter(({ kind }) => kind !== "interrupted"))?.release;
  return target === failed.release ? undefined : target;
}

/** Failures after which going back makes sense: the new state is there, wholly or in part, and is not good. */
const rollbackCodes: readonly ExitCode[] = [ExitCode.resourceFailed, ExitCode.verificationFailed, ExitCode.timeout];

/** A rule that could only be judged by what an update made: then part of it stands already. */
const stoppedByPolicy = ({ code }: SlipwayError, { result }: AttemptTrace): boolean =>
  code === ExitCode.policy && result?.outcome === "failed" && !result.summary.preview;

/** Types whose content does not come back when the resource does. */
const statefulTypes =
  /^(aws:(s3\/bucket:|kms\/key:|dynamodb\/table:|rds\/|efs\/|secretsmanager\/secret:|glue\/catalogTable:|sagemaker\/modelPackageGroup:)|mongodbatlas:index\/(project|stream(Workspace|Instance|Processor)|(advancedC|flexC|c)luster):)/;

/** Resources that the failed run replaced or deleted and whose content is gone for good. */
export const irreversible = (summary: Pick<RunSummary, "resources">): string[] =>
  summary.resources
    .filter(
      ({ op, type, status }) => (op === "replace" || op === "delete") && status === "done" && statefulTypes.test(type),
    )
    .map(({ type, name }) => `${name} (${type})`);

/**
 * Brings the last verified release back after a failed attempt, under the same lease, and returns the error to end with. Where nothing can
 * or may be brought back that is the failure itself.
 */
export async function recover(
  session: Session,
  request: DeployRequest,
  failure: unknown,
  trace: AttemptTrace,
): Promise<unknown> {
  if (!(failure instanceof SlipwayError)) return failure;
  if (!rollbackCodes.includes(failure.code) && !stoppedByPolicy(failure, trace)) return failure;
  const { workspace, context, stack } = session;
  const policy = workspace.policy.environments.find(({ name }) => name === stack);
  const records = await readLedger(workspace.store, stack);
  const target = rollbackTarget(policy, records, { verb: request.verb, release: request.release?.id });
  if (target === undefined) return failure;
  context.console.warn(failure.message);
  context.console.info(`bringing back release ${short(target)}, the last one verified in ${stack}`);
  const cause = { from: request.release?.id, reason: failure.message };
  try {
    await rollBackTo(session, target, cause);
  } catch (error) {
    return rollbackFailed(stack, target, failure, error);
  }
  return rolledBack(stack, target, failure, trace);
}

/** Deploys an earlier release with its own commit's program and verifies it. */
export async function rollBackTo(session: Session, release: string, cause: RollbackCause): Promise<DeployReport> {
  const { workspace, stack } = session;
  const target = await loadRelease(workspace.store, release);
  await verifyArtifacts(workspace.store, target);
  const commit = await resolveCommit(workspace.root, target.commit);
  const workDir = await worktreeOf(workspace.root, workspace.worktreeDirectory, commit);
  const request: DeployRequest = { verb: "rollback", stack, workDir, release: target, create: false, verify: true };
  return attempt(session, request, {}, cause);
}

function rolledBack(stack: string, target: string, failure: SlipwayError, trace: AttemptTrace): SlipwayError {
  const gone = trace.result === undefined ? [] : irreversible(trace.result.summary);
  const lost = gone.length === 0 ? "" : `; not brought back is the content of ${gone.join(", ")}`;
  return new SlipwayError(ExitCode.verificationFailed, failure.message, {
    ...(failure.where === undefined ? {} : { where: failure.where }),
    changed: `${stack} was rolled back: it runs release ${short(target)} again, verified${lost}`,
    next: `Mend the release and promote a new one. ./slipway history ${stack} shows what happened.`,
  });
}

function rollbackFailed(stack: string, target: string, failure: SlipwayError, error: unknown): SlipwayError {
  const why = error instanceof Error ? error.message : String(error);
  return new SlipwayError(
    ExitCode.rollbackFailed,
    `${failure.message} Rolling back to ${short(target)} failed too: ${why}`,
    {
      where: stack,
      changed: `${stack} stands between two releases`,
      next: `Look at ./slipway status and ./slipway history ${stack}, mend the cause, then ./slipway rollback ${stack} --to ${target}.`,
      cause: error,
    },
  );
}
