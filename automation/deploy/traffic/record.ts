import type { TrafficShift } from "../../../config/outputs.ts";
import type { SlipwayError } from "../../errors.ts";
import type { DeployRequest, Session } from "../session.ts";
import { recordInterrupted, recordStepFailed, recordStepRefused } from "../step-records.ts";
import { shiftCancelled, shiftFailed, shiftRefused } from "./errors.ts";
import { nameOf } from "./lines.ts";
import type { Lost } from "./run.ts";
import type { ShiftResult } from "./shift.ts";

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
  session: Session,
  request: DeployRequest,
  { shift, result }: { shift: TrafficShift; result: Lost },
): Promise<SlipwayError> {
  const { stack, workspace } = session;
  if (result.outcome === "cancelled") {
    await recordInterrupted(session, request, result.seconds);
    return shiftCancelled(stack, request.verb, { shift, result });
  }
  const error = shiftFailed(stack, { shift, result, sandbox: workspace.sandbox !== undefined });
  const { seconds, reason: message } = result;
  await recordStepFailed(session, request, { name: nameOf(shift), kind: "traffic-shift", seconds, message, error });
  return error;
}

/** Notes that the services would not be asked. Returns the error to end with. */
export async function recordRefused(
  session: Session,
  request: DeployRequest,
  { shifts, error, seconds }: { shifts: readonly TrafficShift[]; error: unknown; seconds: number },
): Promise<SlipwayError> {
  const refused = shiftRefused(session.stack, request.verb, { shifts, error });
  await recordStepRefused(session, request, { error: refused, seconds });
  return refused;
}
