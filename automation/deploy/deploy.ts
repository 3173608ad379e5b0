import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { tellOfDelivery } from "../metrics/tell.ts";
import { announce } from "../notify/announce.ts";
import { append } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import type { Release } from "../release/manifest.ts";
import type { Workspace } from "../workspace.ts";
import { attempt, type AttemptTrace } from "./attempt.ts";
import { withLease } from "./lease.ts";
import { recover, rollBackTo } from "./rollback.ts";
import type { DeployReport, DeployRequest, RollbackCause, Session } from "./session.ts";

export type { DeployReport, DeployRequest } from "./session.ts";

/**
 * Brings a stack up, verifies it, and leaves a record of both; an earlier run that was killed is settled first. Where the policy
 * says so, a failure brings back the last verified release before the error is thrown.
 */
export function deploy(context: Context, workspace: Workspace, request: DeployRequest): Promise<DeployReport> {
  return inSession(context, workspace, request, async (session) => {
    await request.beforeChange?.();
    const trace: AttemptTrace = {};
    try {
      return await attempt(session, request, trace);
    } catch (failure) {
      throw await recover(session, request, failure, trace);
    }
  });
}

/** Brings an earlier release back because somebody asked for it. */
export function rollback(
  context: Context,
  workspace: Workspace,
  { stack, release, cause }: { stack: string; release: Release; cause: RollbackCause },
): Promise<DeployReport> {
  return inSession(context, workspace, { verb: "rollback", stack, release }, (session) =>
    rollBackTo(session, release.id, cause),
  );
}

type SessionRequest = Pick<DeployRequest, "stack" | "release" | "commit"> & { verb: string };

/** Does work as the one holder of an environment, who records what becomes of it. */
export async function inSession<T>(
  context: Context,
  workspace: Workspace,
  request: SessionRequest,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { stack } = request;
  const by = await currentActor(workspace.root, workspace.environment);
  const records: LedgerRecord[] = [];
  const held = withLease(context, workspace, { ...request, by }, ({ context: leased, onEngine }) =>
    work({
      context: leased,
      workspace,
      stack,
      by,
      onEngine,
      record: async (entry) => {
        const record = await append(workspace.store, stack, entry, context.now);
        records.push(record);
        // Nobody waits for it: what people hear must not hold up what is done.
        void announce(context, workspace, record);
        return record;
      },
    }),
  );
  // The environment is free by then.
  return held.finally(() => tellOfDelivery(context, workspace, stack, records));
}

/** Refuses a stack whose releases come from another environment. */
export function refuseBypass(workspace: Workspace, stack: string): void {
  const upstream = workspace.policy.environments.find(({ name }) => name === stack)?.upstream;
  if (upstream === undefined) return;
  throw new SlipwayError(
    ExitCode.gateRefused,
    `${stack} takes releases by promotion only, verified in ${upstream} first.`,
    { where: "config/promotion.yaml", next: `./slipway promote ${stack}` },
  );
}
