import { isDeepStrictEqual } from "node:util";
import type { StepMetadata } from "./events.ts";

/** A changed property: its path as the provider names it, and how it changes. */
export interface PropertyChange {
  path: string;
  /** `add`, `delete` or `update`. */
  kind: string;
  /** Changing this property replaces the resource. */
  replaces: boolean;
}

const replacement = new Set([
  "replace",
  "create-replacement",
  "delete-replaced",
  "read-replacement",
  "discard-replaced",
]);

/** The steps of a replacement are one operation to a person. */
export const foldedOp = (op: string): string => (replacement.has(op) ? "replace" : op);

/** The properties a step changes, as exactly as its provider tells. */
export function propertyChanges(metadata: StepMetadata): PropertyChange[] {
  const detailed = Object.entries(metadata.detailedDiff ?? {});
  if (detailed.length > 0)
    return detailed.map(([path, { diffKind }]) => ({
      path,
      kind: diffKind.replace(/-replace$/, ""),
      replaces: diffKind.endsWith("-replace"),
    }));
  const forced = metadata.keys ?? [];
  const paths = new Set([...(metadata.diffs ?? []), ...forced, ...changedInputs(metadata)]);
  return [...paths].map((path) => ({ path, kind: kindOf(metadata, path), replaces: forced.includes(path) }));
}

/** Top-level inputs that differ, for providers that say that something changed and not what. */
function changedInputs({ op, old, new: next }: StepMetadata): string[] {
  if (op !== "update" && foldedOp(op) !== "replace") return [];
  if (!old?.inputs || !next?.inputs) return [];
  const [before, after] = [old.inputs, next.inputs];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !key.startsWith("__") && !isDeepStrictEqual(before[key], after[key]));
}

function kindOf({ old, new: next }: StepMetadata, path: string): string {
  if (old?.inputs && !(path in old.inputs)) return "add";
  return next?.inputs && !(path in next.inputs) ? "delete" : "update";
}
