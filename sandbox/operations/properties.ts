import { valueAt, withValueAt } from "../types/path.ts";
import type { Properties, TypeContext } from "../types/type-spec.ts";
import { unknown } from "../unknown.ts";
import { sameValue } from "../server/diff.ts";
import type { Behaviour } from "./behaviours.ts";

/** Outputs of a resource that exists: defaults, inputs and what the service adds. */
export function outputsOf(behaviour: Behaviour, inputs: Properties, id: string, context: TypeContext): Properties {
  return { ...behaviour.defaults, ...inputs, ...behaviour.outputs?.(inputs, id, context) };
}

/** Outputs as far as a preview of a create knows them. */
export function previewOutputs(behaviour: Behaviour, inputs: Properties): Properties {
  return withComputed(behaviour, { ...behaviour.defaults, ...inputs });
}

/** The outputs with what the service computes: as it was before where there is a before, else unknown. */
export function withComputed(behaviour: Behaviour, outputs: Properties, before: Properties = {}): Properties {
  let complete = outputs;
  for (const path of behaviour.computed ?? []) {
    const missing = missingPart(complete, path);
    if (missing !== undefined) complete = withValueAt(complete, missing, valueAt(before, missing) ?? unknown);
  }
  return complete;
}

/** The shortest part of the path that leads nowhere: of a block that is absent nothing is known. Undefined when nothing is missing. */
function missingPart(outputs: Properties, path: string): string | undefined {
  const keys = path.split(".");
  for (let length = 1; length <= keys.length; length += 1) {
    const part = keys.slice(0, length).join(".");
    const value = valueAt(outputs, part);
    if (value === undefined) return part;
    // An unknown block, or a list of blocks, says nothing about what is inside.
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  }
  return undefined;
}

/** Names under which other resources may refer to this one. */
export function handlesOf(behaviour: Behaviour, outputs: Properties, id: string): string[] {
  const named = [outputs["arn"], outputs["name"], valueAt(outputs, behaviour.autoName?.property ?? "name")];
  return [id, ...named.filter((value): value is string => typeof value === "string" && value !== "")];
}

export function uniqueKeyOf(behaviour: Behaviour, inputs: Properties): string | undefined {
  const properties = behaviour.unique?.properties;
  if (properties === undefined) return undefined;
  const values = properties.map((property) => valueAt(inputs, property));
  return values.every((value) => value === undefined) ? undefined : JSON.stringify(values);
}

/** Values at a dotted path; lists on the way are entered. */
export function valuesAt(value: unknown, path: string): unknown[] {
  let found: unknown[] = [value];
  for (const key of path.split(".")) {
    found = found.flat().map((item) => (item as Properties | undefined)?.[key]);
    found = found.filter((item) => item !== undefined && item !== null);
  }
  return found.flat();
}

/** The cloud's value, written the engine's way wherever both mean the same: no difference appears where there is none. */
export function reconcile(recorded: Properties, actual: Properties): Properties {
  const reconciled: Properties = {};
  for (const [key, value] of Object.entries(actual)) {
    reconciled[key] = key in recorded && sameValue(recorded[key], value) ? recorded[key] : value;
  }
  return reconciled;
}
