import { hostname } from "node:os";
import { ExitCode, type SlipwayError } from "../../errors.ts";
import type { DeployRequest, Session } from "../session.ts";
import { handoverCancelled, handoverFailed, handoverRefused, type LostHandover } from "./errors.ts";
import type { HandoverResult } from "./handover.ts";

const subjectOf = ({ release }: Pick<DeployRequest, "release">) =>
  release === undefined ? {} : { release: release.id, commit: release.commit };

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
  { record, by, context, stack }: Session,
  request: DeployRequest,
  result: LostHandover,
): Promise<SlipwayError> {
  const subject = { ...subjectOf(request), by };
  if (result.outcome === "cancelled") {
    const startedAt = new Date(context.now().getTime() - result.seconds * 1000).toISOString();
    await record({ ...subject, kind: "interrupted", verb: request.verb, host: hostname(), startedAt });
    return handoverCancelled(stack, request.verb, result);
  }
  const error = handoverFailed(stack, result);
  const { processor, seconds, reason: message } = result;
  const check = { name: processor, kind: "stream-handover", passed: false, seconds, message };
  const verdict = { ...subject, seconds, checks: [check], ...(await request.beforeVerdict?.()) };
  await record({ ...verdict, kind: "failed", stage: "verify", error: error.message });
  return error;
}

/** Notes that Atlas would not be asked. Returns the error to end with. */
export async function recordRefused(
  { record, by, stack }: Session,
  request: DeployRequest,
  { processors, error, seconds }: { processors: readonly string[]; error: unknown; seconds: number },
): Promise<SlipwayError> {
  const refused = handoverRefused(stack, request.verb, { processors, error });
  if (refused.code === ExitCode.leaseHeld) return refused;
  await record({ ...subjectOf(request), by, kind: "failed", stage: "deploy", seconds, error: refused.message });
  return refused;
}
