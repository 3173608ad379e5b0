import type { EnvironmentStatus, HistoryEntry } from "../promotion/status.ts";
import type { Console } from "./console.ts";
import { short } from "./release.ts";
import { table } from "./table.ts";
import { ago, duration, moment } from "./time.ts";

export type StatusRow = EnvironmentStatus & { running: { verb: string; since: string } | undefined };

const none = "-";
const verdictText = { verified: "verified", failed: "verification failed", unverified: "not verified" } as const;

function stateOf(row: StatusRow, { colors }: Console): string {
  if (row.running) return colors.cyan(`${row.running.verb} running`);
  if (row.frozen !== undefined) return colors.blue(`frozen: ${row.frozen}`);
  if (row.current === undefined) return colors.dim("nothing deployed");
  if (!row.current.complete) return colors.red(row.last?.kind === "interrupted" ? "interrupted" : "failed");
  if (row.override) return colors.yellow(`${verdictText[row.verdict]}, overridden: ${row.override.gates.join(", ")}`);
  if (row.verdict === "verified") return colors.green("verified");
  return row.verdict === "failed" ? colors.red("verification failed") : colors.yellow("not verified");
}

function checksOf(row: StatusRow): string {
  if (row.current === undefined) return none;
  return `${row.checks.filter(({ passed }) => passed).length}/${row.checks.length}`;
}

function releaseOf(current: StatusRow["current"]): string {
  if (current?.release !== undefined) return short(current.release);
  return current === undefined || current.commit !== undefined ? none : "working tree";
}

/** One row an environment: release, commit, resources, checks passed, seconds, since when. */
export function statusTable(console: Console, rows: readonly StatusRow[], now: Date): string[] {
  const { colors } = console;
  const head = ["environment", "state", "release", "commit", "resources", "checks", "took", "since"].map(colors.bold);
  const body = rows.map((row) => [
    row.environment,
    stateOf(row, console),
    releaseOf(row.current),
    row.current?.commit ? short(row.current.commit) : none,
    row.current?.resources === undefined ? none : String(row.current.resources),
    checksOf(row),
    row.seconds === undefined ? none : duration(row.seconds),
    row.current === undefined ? none : ago(row.current.since, now),
  ]);
  return table([head, ...body]);
}

/** Records newest first. */
export function historyTable(console: Console, entries: readonly HistoryEntry[]): string[] {
  const head = ["#", "when", "what", "release", "commit", "who", ""].map(console.colors.bold);
  const body = entries.map((entry) => [
    String(entry.sequence),
    moment(entry.at),
    entry.kind,
    entry.release ? short(entry.release) : none,
    entry.commit ? short(entry.commit) : none,
    entry.by,
    entry.summary,
  ]);
  return table([head, ...body]);
}
