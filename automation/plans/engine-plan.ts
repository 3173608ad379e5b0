import { isObject } from "./json.ts";
import type { PulumiPlan } from "./plan-digest.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
/** Pulumi's word for a string that is not known yet; as a member of a plan it lets any value pass. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * The plan as it is handed back to the engine. A component's output that is a resource refers to it by its id; where that id was not known
 * yet, the engine takes the real one for a departure from the plan, in the middle of the update (pulumi/pulumi#16681). Such an output
 * is made unknown as a whole. What may be done to the resource itself stays as planned.
 */
export function planForEngine(plan: string): string {
  const document = JSON.parse(plan) as PulumiPlan;
  return JSON.stringify(loosened(document));
}

function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === RESOURCE_REFERENCE && [UNKNOWN, "", undefined].includes(value["id"] as string))
    return UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loosened(inner)]));
}
