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
 * thing have the same digest, so what differs by chance has no part in it: times, seeds and the names generated from them, the order of
 * dependencies, and the ciphertext of secrets, which is new on every run. A changed secret still shows: it is in the state's or the
 * configuration's digest.
 */
export function planDigest({ stack, inputs, plan, targets = [] }: DigestedPlan): string {
  const digests = Object.fromEntries(Object.entries(inputs).map(([name, { digest }]) => [name, digest]));
  const { resourcePlans = {} } = JSON.parse(plan) as PulumiPlan;
  const resources = Object.fromEntries(
    Object.entries(resourcePlans).map(([urn, { goal, steps }]) => [
      urn,
      { goal: lasting(ordered(goal ?? null)), steps: steps ?? [] },
    ]),
  );
  return sha256(canonicalJson({ schema: 1, stack, targets: [...targets].sort(), inputs: digests, resources }));
}

/** Dependencies come in the order in which the program's promises happened to settle. */
function ordered(goal: ResourcePlan["goal"] | null): unknown {
  if (goal === null) return null;
  const { dependencies, propertyDependencies, ...rest } = goal as Goal;
  const byProperty: [string, string[]][] = Object.entries(propertyDependencies ?? {}).map(([name, urns]) => [
    name,
    [...urns].sort(),
  ]);
  return {
    ...rest,
    dependencies: [...(dependencies ?? [])].sort(),
    propertyDependencies: Object.fromEntries(byProperty),
  };
}

interface Goal {
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  [member: string]: unknown;
}

/** The value without what is new on every run. */
function lasting(value: unknown): Json {
  if (Array.isArray(value)) return value.map((inner: unknown) => lasting(inner));
  if (typeof value !== "object" || value === null) return value as Json;
  if (isSecret(value)) return { secret: true };
  const generated = generatedMembers(value as Record<string, unknown>);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, generated.has(key) ? "(generated)" : lasting(inner)]),
  );
}

/** Providers say which members they filled in themselves: bridged ones in `__defaults`, Kubernetes in an annotation. */
function generatedMembers(object: Record<string, unknown>): Set<string> {
  const defaults = object["__defaults"];
  const names = Array.isArray(defaults) ? defaults.filter((name) => typeof name === "string") : [];
  const annotations = object["annotations"] as Record<string, unknown> | undefined;
  return new Set(annotations?.["pulumi.com/autonamed"] === "true" ? [...names, "name"] : names);
}
