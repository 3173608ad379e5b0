import type { RunSummary } from "../engine/summary.ts";
import { findingsOf } from "../policy/findings.ts";
import type { Console } from "./console.ts";
import { policyLines } from "./policy.ts";
import { changes, countsLine } from "./progress-state.ts";
import { plural } from "./text.ts";
import { duration } from "./time.ts";
import { nameOfUrn } from "../engine/urn.ts";

/** Resources that stand after the run, components included. */
export const resourceCount = (summary: RunSummary): number =>
  Object.entries(summary.changes).reduce((sum, [op, count]) => sum + (op.startsWith("delete") ? 0 : count), 0);

/** The machine form of a run. */
export function summaryJson(summary: RunSummary): Record<string, unknown> {
  return {
    changes: summary.changes,
    resources: summary.resources
      .filter(({ op }) => changes(op) || op === "replace")
      .map(({ urn, type, name, op, status, diffs }) => ({ urn, type, name, op, status, diffs })),
    diagnostics: summary.diagnostics,
    policyViolations: findingsOf(summary.policyViolations),
    seconds: summary.durationSeconds,
  };
}

export interface SummaryView {
  title: string;
  summary: RunSummary;
  preview: boolean;
}

const marks: Record<string, string> = { create: "+", update: "~", delete: "-", replace: "+-", import: "=" };

/** The person's form: changes one a line with the properties that cause them, warnings, and the counts. */
export function summaryText(console: Console, { title, summary, preview }: SummaryView): string {
  const { colors } = console;
  const lines = preview ? changeLines(console, summary) : [];
  for (const { severity, message, urn } of summary.diagnostics)
    if (severity === "warning")
      lines.push(`  ${colors.yellow("warning:")} ${message.trim()}${urn ? colors.dim(` (${nameOfUrn(urn)})`) : ""}`);
  lines.push(...policyLines(console, findingsOf(summary.policyViolations)));
  const counts = summary.changed === 0 ? "no changes" : countsLine(new Map(Object.entries(summary.changes)));
  const said = preview
    ? counts.replaceAll(/(\d+) (creat|updat|replac|delet|import)ed/g, "$1 to $2e").replaceAll("importe", "import")
    : counts;
  const total = summary.changed === 0 ? `, ${plural(resourceCount(summary), "resource")}` : "";
  lines.push(`${colors.bold(title)}: ${said}${total} ${colors.dim(`(${duration(summary.durationSeconds)})`)}`);
  return lines.join("\n");
}

function changeLines({ colors }: Console, summary: RunSummary): string[] {
  return summary.resources
    .filter(({ op, type }) => (changes(op) || op === "replace") && type !== "pulumi:pulumi:Stack")
    .map(({ name, type, op, diffs }) => {
      const paths = diffs.length > 0 ? colors.dim(` [${diffs.map(({ path }) => path).join(", ")}]`) : "";
      return `  ${(marks[op] ?? "*").padEnd(2)} ${name} ${colors.dim(type)}${paths}`;
    });
}
