import { hostname } from "node:os";
import type { TrafficShift } from "../../../config/outputs.ts";
import { ExitCode, type SlipwayError } from "../../errors.ts";
import type { DeployRequest, Session } from "../session.ts";
import { shiftCancelled, shiftFailed, shiftRefused } from "./errors.ts";
import { nameOf } from "./lines.ts";
import type { Lost } from "./run.ts";
import type { ShiftResult } from "./shift.ts";

const subjectOf = ({ release }: DeployRequest) =>
  release === undefined ? {} : { release: release.id, commit: release.commit };

/** Notes that an alias got where it was to go. */
export async function recordShifted(
  { record, by, context }: Session,
  { release }: DeployRequest,
  shift: TrafficShift,
  { outcome, from, deployment, seconds }: ShiftResult,
): Promise<void> {
  if (outcome !== "shifted") return;
  const { function: name, alias, version: to } = shift;
  await record({
    ...{ kind: "traffic-shifted", by, function: name, alias, from, to, seconds },
    ...(deployment === undefined ? {} : { deployment }),
    ...(release === undefined ? {} : { release: release.id }),
  });
  context.console.info(`${nameOf(shift)} leads to version ${to}`);
}

/** Notes that a shift did not get there: as a check that did not pass, or as a run that a person stopped. Returns the error to end with. */
export async function recordLost(
  { record, by, context, stack, workspace }: Session,
  request: DeployRequest,
  { shift, result }: { shift: TrafficShift; result: Lost },
): Promise<SlipwayError> {
  const subject = { ...subjectOf(request), by };
  if (result.outcome === "cancelled") {
    const startedAt = new Date(context.now().getTime() - result.seconds * 1000).toISOString();
    await record({ ...subject, kind: "interrupted", verb: request.verb, host: hostname(), startedAt });
    return shiftCancelled(stack, request.verb, { shift, result });
  }
  const error = shiftFailed(stack, { shift, result, sandbox: workspace.sandbox !== undefined });
  const { seconds, reason: message } = result;
  const check = { name: nameOf(shift), kind: "traffic-shift", passed: false, seconds, message };
  const verdict = { ...subject, seconds, checks: [check], ...(await request.beforeVerdict?.()) };
  await record({ ...verdict, kind: "failed", stage: "verify", error: error.message });
  return error;
}

/** Notes that the services would not be asked. Returns the error to end with. */
export async function recordRefused(
  { record, by, stack }: Session,
  request: DeployRequest,
  { shifts, error, seconds }: { shifts: readonly TrafficShift[]; error: unknown; seconds: number },
): Promise<SlipwayError> {
  const refused = shiftRefused(stack, request.verb, { shifts, error });
  if (refused.code === ExitCode.leaseHeld) return refused;
  await record({ ...subjectOf(request), by, kind: "failed", stage: "deploy", seconds, error: refused.message });
  return refused;
}
