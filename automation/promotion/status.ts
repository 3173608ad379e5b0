import { currentRelease, isVerdict, lastVerified, verdictOf } from "./folds.ts";
import type { Deployment, Verdict } from "./folds.ts";
import { activeFreezes, automaticHold } from "./gates/holds.ts";
import { overrideOf } from "./gates/override.ts";
import { duration } from "../report/time.ts";
import type { CheckResult, LedgerKind, LedgerRecord } from "./ledger-records.ts";

/** Where an environment stands, from its ledger alone. */
export interface EnvironmentStatus {
  environment: string;
  current: Deployment | undefined;
  verdict: Verdict;
  /** Checks of the last verification of what stands now. */
  checks: CheckResult[];
  /** Seconds of the last deployment, its verification included; undefined where none ended well. */
  seconds: number | undefined;
  /** Release to return to. */
  lastVerified: string | undefined;
  /** Why promotion is held, where it is. */
  frozen: string | undefined;
  /** Why workflows wait for a person, where they do. */
  held?: string;
  /** What was overridden so that what stands now could come here. */
  override?: { gates: string[]; reason: string; by: string };
  last: { kind: LedgerKind; at: string; by: string } | undefined;
}

export interface HistoryEntry {
  sequence: number;
  at: string;
  by: string;
  kind: LedgerKind;
  release: string | undefined;
  commit: string | undefined;
  seconds: number | undefined;
  /** One line for a person. */
  summary: string;
}

/** Folds an environment's records into its status at a time; without one, a freeze that ends by itself is told as if it held. */
export function statusOf(environment: string, records: readonly LedgerRecord[], now = new Date(0)): EnvironmentStatus {
  const current = currentRelease(records);
  const since = current === undefined ? [] : records.slice(current.sequence - 1);
  const checked = since.findLast(isVerdict);
  const hold = automaticHold(records);
  const override = current && overrideOf(records, current);
  const last = records.at(-1);
  return {
    environment,
    current,
    verdict: current === undefined ? "unverified" : verdictOf(records, current),
    checks: checked?.checks ?? [],
    seconds: current?.complete ? durationOf(since[0]) + durationOf(checked) : undefined,
    lastVerified: lastVerified(records)?.release,
    frozen: activeFreezes(records, now).at(-1)?.reason,
    ...(hold === undefined ? {} : { held: hold.reason }),
    ...(override === undefined
      ? {}
      : { override: { gates: override.gates, reason: override.reason, by: override.by } }),
    last: last && { kind: last.kind, at: last.at, by: last.by },
  };
}

/** An environment's records for display, newest first, at most `limit`. */
export function historyOf(records: readonly LedgerRecord[], limit = Number.POSITIVE_INFINITY): HistoryEntry[] {
  const newest = records.slice(Math.max(0, records.length - limit)).reverse();
  return newest.map((record) => ({
    sequence: record.sequence,
    at: record.at,
    by: record.by,
    kind: record.kind,
    release: "release" in record ? record.release : undefined,
    commit:
      record.kind === "tag-moved" || record.kind === "manifests-moved"
        ? record.to
        : "commit" in record
          ? record.commit
          : undefined,
    seconds: "seconds" in record ? record.seconds : undefined,
    summary: summaryOf(record),
  }));
}

function durationOf(record: LedgerRecord | undefined): number {
  return record !== undefined && "seconds" in record ? record.seconds : 0;
}

function summaryOf(record: LedgerRecord): string {
  switch (record.kind) {
    case "promoted":
      return `${record.verb}: ${changesText(record.changes)}`;
    case "verified":
      return `${record.checks.length} checks passed`;
    case "failed":
      return `${record.stage} failed: ${firstLine(record.error)}`;
    case "rolled-back":
      return `rolled back: ${record.reason}`;
    case "interrupted":
      return `${record.verb} on ${record.host} ended without a word`;
    case "approved":
      return ["approved", record.plan && ` plan ${record.plan.slice(0, 12)}`, record.comment && `: ${record.comment}`]
        .filter(Boolean)
        .join("");
    case "frozen":
      return record.active
        ? `promotion held${record.until === undefined ? "" : ` until ${record.until}`}: ${record.reason}`
        : `promotion set free: ${record.reason}`;
    case "tag-moved":
      return `tag ${record.tag} moved from ${record.from?.slice(0, 12) ?? "nowhere"} to ${record.to.slice(0, 12)}`;
    case "manifests-moved":
      return `manifests ${record.branch} moved from ${record.from?.slice(0, 12) ?? "nowhere"} to ${record.to.slice(0, 12)}`;
    case "traffic-shifted":
      return `${record.function}:${record.alias} shifted from version ${record.from} to ${record.to} in ${duration(record.seconds)}`;
    case "processor-handed-over":
      return `processor ${record.processor} handed over ${record.from === null ? "" : `from ${record.from} `}to ${record.to} in ${duration(record.seconds)}`;
    case "overridden":
      return `gates overridden (${record.gates.join(", ")}): ${record.reason}`;
    case "destroyed":
      return `destroyed: ${changesText(record.changes)}`;
  }
}

function changesText(changes: Record<string, number>): string {
  const parts = Object.entries(changes)
    .filter(([operation, count]) => count > 0 && operation !== "same")
    .map(([operation, count]) => `${count} ${operation}`);
  return parts.length > 0 ? parts.join(", ") : "no changes";
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
