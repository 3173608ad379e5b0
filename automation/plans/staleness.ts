import { planInputNames, type PlanEnvelope, type PlanInputName, type PlanInputs } from "./envelope.ts";

/** Why a plan may not be used any more. */
export interface StaleReason {
  /** An input of the plan, or what else is wrong. */
  what: PlanInputName | "expired" | "stack" | "clock";
  /** For a person. */
  reason: string;
}

const names: Record<PlanInputName, string> = {
  state: "the state",
  program: "the program",
  config: "the configuration or the promotion policy",
  policy: "the policy packs",
  cli: "the Pulumi CLI",
  providers: "the providers",
  commit: "the commit",
  release: "the release's artifacts",
};

/** A clock that is set back by more makes nothing young again. */
const CLOCK_SKEW_MS = 5 * 60_000;

export interface StalenessFacts {
  stack: string;
  inputs: PlanInputs;
  now: Date;
}

/** Every reason at once, in a fixed order; none for a plan that is as good as on its first day. */
export function staleReasons(envelope: PlanEnvelope, { stack, inputs, now }: StalenessFacts): StaleReason[] {
  if (envelope.stack !== stack) return [{ what: "stack", reason: `it is a plan for ${envelope.stack}` }];
  return [...timeReasons(envelope, now), ...planInputNames.flatMap((name) => inputReason(name, envelope, inputs))];
}

function timeReasons({ createdAt, expiresAt }: PlanEnvelope, now: Date): StaleReason[] {
  if (now.getTime() >= Date.parse(expiresAt)) return [{ what: "expired", reason: `it expired at ${expiresAt}` }];
  if (now.getTime() < Date.parse(createdAt) - CLOCK_SKEW_MS)
    return [{ what: "clock", reason: `it was made at ${createdAt}, which is in the future` }];
  return [];
}

function inputReason(name: PlanInputName, { inputs: then }: PlanEnvelope, now: PlanInputs): StaleReason[] {
  if (then[name].digest === now[name].digest) return [];
  const [before, after] = [then[name].says, now[name].says];
  return [{ what: name, reason: `${names[name]} changed${before === after ? "" : ` (${before} -> ${after})`}` }];
}
