import { foldedOp } from "../engine/property-changes.ts";
import type { PulumiPlan } from "./plan-digest.ts";
import { nameOfUrn, typeOfUrn } from "../engine/urn.ts";

/** What a plan allows to be done to one resource. */
export interface PlannedStep {
  urn: string;
  type: string;
  name: string;
  /** `create`, `update`, `replace`, `delete`, `same`, … */
  op: string;
  /** Names of the inputs that change; for a new resource of all of them. */
  properties: string[];
}

/** The steps of a plan by resource, without any value. */
export function planSteps(plan: string): PlannedStep[] {
  const { resourcePlans = {} } = JSON.parse(plan) as PulumiPlan;
  return Object.entries(resourcePlans).map(([urn, { goal, steps = [] }]) => {
    const { adds = {}, updates = {}, deletes = [] } = goal?.inputDiff ?? {};
    return {
      urn,
      type: goal?.type ?? typeOfUrn(urn),
      name: goal?.name ?? nameOfUrn(urn),
      op: foldedOp(steps[0] ?? "same"),
      properties: [...new Set([...Object.keys(adds), ...Object.keys(updates), ...deletes])].sort(),
    };
  });
}
