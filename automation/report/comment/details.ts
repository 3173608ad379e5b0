import { plural } from "../text.ts";
import { countsOf, tally } from "./counts.ts";
import { code, fenced } from "./escape.ts";
import type { Change, Property, StackPreview } from "./model.ts";
import { cut } from "./values.ts";
import type { View } from "./view.ts";

const marks: Readonly<Record<string, string>> = { create: "+", import: "+", update: "!", replace: "-", delete: "-" };

/** A stack's changes, folded; undefined where it has none or the view has no room. */
export function stackDetails(stack: StackPreview, view: View): string | undefined {
  if (view.details === "none" || stack.changes.length === 0) return undefined;
  const body = view.details === "each" ? diffBlock(stack.changes, view) : countsByType(stack.changes);
  return `<details><summary><b>${stack.stack}</b>: ${said(stack)}</summary>\n\n${body}\n\n</details>`;
}

function said(stack: StackPreview): string {
  const counts = countsOf(stack);
  const parts = (["create", "update", "replace", "delete"] as const)
    .filter((op) => counts[op] > 0)
    .map((op) => `${counts[op]} to ${op}`);
  return parts.join(", ") || plural(stack.changes.length, "change");
}

/** Resources by the component that they are part of, those of the stack itself first. */
function diffBlock(changes: readonly Change[], view: View): string {
  const groups = [...Map.groupBy(changes, ({ component }) => component)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = groups.flatMap(([component, members]) => [
    ...(component === "" ? [] : [`@@ ${component} @@`]),
    ...members.flatMap((change) => changeLines(change, view)),
  ]);
  return fenced("diff", lines);
}

function changeLines({ op, type, name, properties, unchanged }: Change, view: View): string[] {
  const word = op === "create" || op === "update" || op === "delete" ? "" : `${op} `;
  const names =
    view.properties === "names" && properties.length > 0 ? ` [${properties.map(({ path }) => path).join(", ")}]` : "";
  const head = `${marks[op] ?? "!"} ${word}${type} ${name}${names}`;
  if (view.properties !== "values") return [head];
  const kept = view.unchanged && unchanged.length > 0 ? [`      unchanged: ${unchanged.join(", ")}`] : [];
  return [head, ...properties.flatMap((property) => propertyLines(property, view)), ...kept];
}

function propertyLines({ path, replaces, before, after }: Property, { valueLength }: View): string[] {
  const why = replaces ? " (forces replacement)" : "";
  const value = (text: string) => cut(text, valueLength);
  const lines = [
    ...(before === undefined ? [] : [`-     ${path}: ${value(before)}`]),
    ...(after === undefined ? [] : [`+     ${path}: ${value(after)}${why}`]),
  ];
  return lines.length > 0 ? lines : [`!     ${path}${why}`];
}

/** Most types that are counted one by one. */
const MOST_TYPES = 60;

function countsByType(changes: readonly Change[]): string {
  const counted = tally(changes.map(({ op, type }) => `${op} ${type}`));
  const lines = counted.slice(0, MOST_TYPES).map(([what, count]) => `- ${count} × ${code(what, 150)}`);
  const more = counted.length - lines.length;
  return [...lines, ...(more > 0 ? [`- and ${more} more kinds of change`] : [])].join("\n");
}
