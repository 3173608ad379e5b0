import type { StackPreview } from "./model.ts";

/** Columns of operations, with the engine's words that belong to each. */
export const operations = ["create", "update", "replace", "delete", "same"] as const;
export type Operation = (typeof operations)[number];

function operationOf(op: string): Operation {
  if (op === "create" || op === "import") return "create";
  if (op === "replace" || op.endsWith("-replacement") || op.endsWith("-replaced")) return "replace";
  if (op.startsWith("delete")) return "delete";
  return op === "same" || op === "read" || op === "refresh" ? "same" : "update";
}

/** Resources of a stack by column. */
export function countsOf({ counts }: StackPreview): Record<Operation, number> {
  const sums: Record<Operation, number> = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
  for (const [op, count] of Object.entries(counts)) sums[operationOf(op)] += count;
  return sums;
}

/** How many of each, the most frequent first, equal ones by name. */
export function tally(values: readonly string[]): [value: string, count: number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
}
