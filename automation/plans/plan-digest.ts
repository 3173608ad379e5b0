import { canonicalJson, sha256, type Json } from "../release/canonical.ts";
import type { PlanInputs } from "./envelope.ts";

/** One resource of Pulumi's plan; only what the driver reads is named. */
export interface ResourcePlan {
  goal?: {
    type?: string;
    name?: string;
    inputDiff?: { adds?: Record<string, unknown>; updates?: Record<string, unknown>; deletes?: string[] };
    [member: string]: unknown;
  };
  steps?: string[];
  [member: string]: unknown;
}

export interface PulumiPlan {
  resourcePlans?: Record<string, ResourcePlan>;
  [member: string]: unknown;
}

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Whether a value of a plan or an event is the engine's envelope of a secret. */
export const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && SECRET_SIGNATURE in value && "ciphertext" in value;

export interface DigestedPlan {
  stack: string;
  inputs: PlanInputs;
  plan: string;
  targets?: readonly string[] | undefined;
}

/**
 * What approvals are bound to: what the plan was made from and what it allows to be done to each resource. Two previews of the same
 * thing have the same digest, so what differs by chance has no part in it: times, seeds of generated names, and the ciphertext of
 * secrets, which is new on every run. A changed secret still shows: it is in the state's or the configuration's digest.
 */
export function planDigest({ stack, inputs, plan, targets = [] }: DigestedPlan): string {
  const digests = Object.fromEntries(Object.entries(inputs).map(([name, { digest }]) => [name, digest]));
  const { resourcePlans = {} } = JSON.parse(plan) as PulumiPlan;
  const resources = Object.fromEntries(
    Object.entries(resourcePlans).map(([urn, { goal, steps }]) => [
      urn,
      { goal: withoutCiphertext(goal ?? null), steps: steps ?? [] },
    ]),
  );
  return sha256(canonicalJson({ schema: 1, stack, targets: [...targets].sort(), inputs: digests, resources }));
}

function withoutCiphertext(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (typeof value !== "object" || value === null) return value as Json;
  if (isSecret(value)) return { secret: true };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutCiphertext(inner)]));
}
