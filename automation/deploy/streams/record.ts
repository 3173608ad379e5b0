import type { SlipwayError } from "../../errors.ts";
import type { DeployRequest, Session } from "../session.ts";
import { recordInterrupted, recordStepFailed, recordStepRefused } from "../step-records.ts";
import { handoverCancelled, handoverFailed, handoverRefused, type LostHandover } from "./errors.ts";
import type { HandoverResult } from "./handover.ts";

/** Notes that another version is in service. */
export async function recordHandedOver(
  { record, by, context }: Pick<Session, "record" | "by" | "context">,
  release: string | undefined,
  result: HandoverResult,
): Promise<void> {
  if (result.outcome !== "handed-over") return;
  const { processor, from, to, seconds, judgement, position } = result;
  await record({
    ...{ kind: "processor-handed-over", by, processor, from, to, seconds },
    ...(judgement === undefined ? {} : { verdict: judgement.verdict }),
    ...(position === undefined ? {} : { position }),
    ...(release === undefined ? {} : { release }),
  });
  context.console.info(`${processor}: ${to} is in service`);
  if (judgement?.verdict === "inconclusive")
    context.console.warn(`${processor}: the trial could not be told from what ran: ${judgement.reasons.join("; ")}`);
}

/** Notes that a handover did not get there: as a check that did not pass, or as a run that a person stopped. Returns the error to end with. */
export async function recordLost(
  session: Session,
  request: DeployRequest,
  result: LostHandover,
): Promise<SlipwayError> {
  const { stack } = session;
  if (result.outcome === "cancelled") {
    await recordInterrupted(session, request, result.seconds);
    return handoverCancelled(stack, request.verb, result);
  }
  const error = handoverFailed(stack, result);
  const { processor: name, seconds, reason: message } = result;
  await recordStepFailed(session, request, { name, kind: "stream-handover", seconds, message, error });
  return error;
}

/** Notes that Atlas would not be asked. Returns the error to end with. */
export async function recordRefused(
  session: Session,
  request: DeployRequest,
  { processors, error, seconds }: { processors: readonly string[]; error: unknown; seconds: number },
): Promise<SlipwayError> {
  const refused = handoverRefused(session.stack, request.verb, { processors, error });
  await recordStepRefused(session, request, { error: refused, seconds });
  return refused;
}
