import { plural } from "../text.ts";
import { duration } from "../time.ts";
import { countsOf, operations } from "./counts.ts";
import { code } from "./escape.ts";
import type { PreviewModel, StackPreview, Verdict } from "./model.ts";
import { blocking, verdictOfStack } from "./verdict.ts";
import type { View } from "./view.ts";

/** Columns of the table of stacks. */
export const columns = ["stack", ...operations, "policy", "drift", "cost per month", "time", "status"] as const;

const statusText: Record<Verdict, string> = {
  failed: "failed",
  blocked: "refused by policy",
  destructive: "replaces or deletes",
  changes: "changes",
  none: "no changes",
};

/** One stack's cells. A figure that nobody looked for is a dash, never a zero. */
export function cellsOf(stack: StackPreview): string[] {
  const counts = countsOf(stack);
  const gone = stack.outcome === "missing";
  return [
    stack.stack,
    ...operations.map((op) => (gone ? "-" : String(counts[op]))),
    gone ? "-" : policyCell(stack),
    stack.drift === undefined ? "-" : String(stack.drift),
    costCell(stack),
    gone ? "-" : duration(stack.seconds),
    gone ? "no result" : statusText[verdictOfStack(stack)],
  ];
}

function policyCell({ findings }: StackPreview): string {
  const stops = blocking(findings).length;
  const rest = findings.length - stops;
  if (findings.length === 0) return "0";
  return [...(stops > 0 ? [`${stops} blocking`] : []), ...(rest > 0 ? [`${rest} advisory`] : [])].join(", ");
}

function costCell({ cost }: StackPreview): string {
  if (cost === undefined) return "-";
  return `${cost.perMonth.toFixed(2)} (${signed(cost.delta)})`;
}

/** "+1.50", "-3.00", "+0.00". */
export const signed = (amount: number): string => `${amount < 0 ? "" : "+"}${amount.toFixed(2)}`;

/**
 * A row per stack, the worst first; stacks without changes share a folded line, and so do those that the change does not reach. Rows beyond
 * what the view has room for are counted.
 */
export function stacksTable({ stacks, ground }: PreviewModel, view: View): string {
  const quiet = stacks.filter((stack) => verdictOfStack(stack) === "none");
  const loud = stacks.filter((stack) => !quiet.includes(stack));
  const rows = loud.slice(0, view.rows).map((stack) => row(emphasised(stack)));
  const head = [row(columns), row(columns.map((_, at) => (at === 0 || at === columns.length - 1 ? "---" : "---:")))];
  const more = loud.length - rows.length;
  return [
    ...(rows.length > 0 ? [[...head, ...rows].join("\n")] : []),
    ...(more > 0 ? [`And ${plural(more, "more stack")}: they are in the summary of the run.`] : []),
    ...folded("without changes", quiet.map(quietText), view),
    ...folded(
      "not reached",
      (ground.affected?.skipped ?? []).map(({ stack, reason }) => `${code(stack)} (${code(reason, 80)})`),
      view,
    ),
  ].join("\n\n");
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function emphasised(stack: StackPreview): string[] {
  const [name = "", ...rest] = cellsOf(stack);
  return [`**${name}**`, ...rest.slice(0, -1), `**${rest.at(-1) ?? ""}**`];
}

const quietText = (stack: StackPreview): string => {
  const { same } = countsOf(stack);
  const drift = stack.drift === undefined || stack.drift === 0 ? "" : `, ${plural(stack.drift, "drift")}`;
  return `${code(stack.stack)} (${plural(same, "resource")}${drift})`;
};

function folded(what: string, texts: readonly string[], { rows }: View): string[] {
  if (texts.length === 0) return [];
  const shown = texts.slice(0, rows);
  const more = texts.length - shown.length;
  const list = `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return [`<details><summary>${plural(texts.length, "stack")} ${what}</summary>\n\n${list}\n\n</details>`];
}
