import { ExitCode, SlipwayError } from "../errors.ts";
import type { PlanEnvelope } from "./envelope.ts";
import { collectInputs, type PlanSource, type PlanSubject } from "./inputs.ts";
import { readEnvelope } from "./plan-file.ts";
import { staleReasons } from "./staleness.ts";

/** A saved plan that an update is held to. */
export interface BoundPlan {
  /** The envelope's file, for messages. */
  file: string;
  envelope: PlanEnvelope;
  /** Compares again, for the moment in which nobody else may change anything any more. Throws as `bindPlan` does. */
  recheck(): Promise<void>;
}

/**
 * Reads a saved plan and compares what it was made from with what is there now, before any engine or provider starts. Throws a
 * SlipwayError (`stalePlan`) that names every input that changed.
 */
export async function bindPlan(
  source: PlanSource,
  subject: PlanSubject,
  { file, now }: { file: string; now: () => Date },
): Promise<BoundPlan> {
  const envelope = await readEnvelope(file);
  const recheck = async () => {
    const inputs = envelope.stack === subject.stack ? await collectInputs(source, subject) : envelope.inputs;
    refuseStale(file, envelope, { stack: subject.stack, inputs, now: now() });
  };
  await recheck();
  return { file, envelope, recheck };
}

function refuseStale(file: string, envelope: PlanEnvelope, facts: Parameters<typeof staleReasons>[1]): void {
  const reasons = staleReasons(envelope, facts);
  if (reasons.length === 0) return;
  throw new SlipwayError(
    ExitCode.stalePlan,
    `The saved plan is stale: ${reasons.map(({ reason }) => reason).join("; ")}.`,
    {
      where: `${file} (${reasons.map(({ what }) => what).join(", ")})`,
      next: `./slipway preview ${facts.stack} --save-plan ${file}, look at it, then run this again.`,
    },
  );
}
