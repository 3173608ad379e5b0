import { ExitCode, SlipwayError } from "../../errors.ts";
import type { HandoverResult } from "./handover.ts";
import { NotHandedOver } from "./making.ts";

export type LostHandover = Extract<HandoverResult, { stands: string }>;

/** The error for a version that did not get into service. It counts as a check that did not pass. */
export function handoverFailed(stack: string, { processor, to, reason, stands }: LostHandover): SlipwayError {
  return new SlipwayError(
    ExitCode.verificationFailed,
    `${stack} is deployed, but ${processor} was not handed over to ${to}: ${reason}`,
    {
      where: `stream processor ${processor}`,
      changed: `${stack} has its new infrastructure; ${stands}`,
      next: `Look at it with ./slipway streams status ${stack}; ./slipway rollback ${stack} brings back an earlier release.`,
    },
  );
}

/** The error for a handover that a person stopped. */
export function handoverCancelled(
  stack: string,
  verb: string,
  { processor, to, reason, stands }: LostHandover,
): SlipwayError {
  return new SlipwayError(ExitCode.cancelled, `The handover of ${processor} to ${to} was cancelled: ${reason}.`, {
    where: `stream processor ${processor}`,
    changed: `${stack} has its new infrastructure; ${stands}`,
    next: `./slipway ${verb} ${stack} begins it again; ./slipway rollback ${stack} brings back an earlier release.`,
  });
}

/** The error for an Atlas that would not be asked, or for processors that cannot be handed over. What runs there goes on running. */
export function handoverRefused(
  stack: string,
  verb: string,
  { processors, error }: { processors: readonly string[]; error: unknown },
): SlipwayError {
  const again = `./slipway ${verb} ${stack} goes on from there.`;
  const facts = {
    where: `stream processor ${error instanceof NotHandedOver ? error.processor : processors.join(", ")}`,
    changed: `${stack} has its new infrastructure; processors run as they did`,
  };
  if (error instanceof NotHandedOver)
    return new SlipwayError(ExitCode.policy, `${error.processor} cannot be handed over: ${error.message}.`, {
      ...facts,
      next: again,
      cause: error,
    });
  if (error instanceof SlipwayError)
    return new SlipwayError(error.code, error.message, {
      ...{ where: error.where ?? facts.where, changed: error.changed ?? facts.changed, next: error.next ?? again },
      cause: error,
    });
  const why = error instanceof Error ? error.message : String(error);
  return new SlipwayError(ExitCode.unexpected, `${processors.join(", ")} could not be looked after: ${why}`, {
    ...facts,
    next: again,
    cause: error,
  });
}
