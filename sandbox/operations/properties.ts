import { valueAt } from "../types/path.ts";
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
  const outputs: Properties = { ...behaviour.defaults, ...inputs };
  for (const name of behaviour.computed ?? []) if (outputs[name] === undefined) outputs[name] = unknown;
  return outputs;
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
