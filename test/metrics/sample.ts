import { deploymentLog } from "../../automation/metrics/attempts.ts";
import { measure, type WindowView } from "../../automation/metrics/four-keys.ts";
import type { CommitNode } from "../../automation/metrics/lead-time.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { commitOf, releaseOf } from "../promotion/entries.ts";

const hour = 3_600_000;
export const sampleEnd = Date.parse("2026-06-01T12:00:00Z");
const begin = sampleEnd - 84 * 24 * hour;

type Step = [time: number, entry: LedgerEntry];

/** Releases that go dev, staging, prod; every seventh fails verification in staging, every eleventh is killed in dev, one breaks prod. */
function steps(by: string): Record<"dev" | "staging" | "prod", Step[]> {
  const all: Record<"dev" | "staging" | "prod", Step[]> = { dev: [], staging: [], prod: [] };
  for (let n = 1; n <= 60; n += 1) {
    const at = begin + n * 33 * hour;
    const subject = { release: releaseOf(n), commit: commitOf(n) };
    const deploy = (verb: string): LedgerEntry => ({
      kind: "promoted",
      by,
      verb,
      ...subject,
      seconds: 95 + n,
      resources: 9,
      changes: {},
    });
    const pass: LedgerEntry = { kind: "verified", by, ...subject, seconds: 12, checks: [] };
    const fail: LedgerEntry = {
      kind: "failed",
      stage: "verify",
      by,
      ...subject,
      seconds: 12,
      error: "the service does not answer",
    };
    const back: LedgerEntry = {
      kind: "rolled-back",
      by,
      release: releaseOf(n - 1),
      commit: commitOf(n - 1),
      from: subject.release,
      reason: "checks",
      seconds: 80,
    };
    if (n % 11 === 0) {
      all.dev.push([
        at,
        { kind: "interrupted", by, verb: "up", host: "ci", startedAt: new Date(at).toISOString(), ...subject },
      ]);
      continue;
    }
    all.dev.push([at, deploy("up")], [at + hour / 10, pass]);
    if (n % 2 === 1) continue;
    const staged = at + 4 * hour;
    all.staging.push([staged, deploy("promote")], [staged + hour / 4, n % 7 === 0 ? fail : pass]);
    if (n % 7 === 0) {
      all.staging.push([staged + hour / 2, back], [staged + hour, { ...pass, release: releaseOf(n - 1) }]);
      continue;
    }
    const live = staged + 20 * hour;
    all.prod.push([live, deploy("promote")], [live + hour / 5, n === 30 ? fail : pass]);
    if (n === 30) all.prod.push([live + 2 * hour, back], [live + 3 * hour, { ...pass, release: releaseOf(n - 1) }]);
  }
  return all;
}

/** Ledgers of three environments over twelve weeks; `by` stands for whatever a person may be called. */
export function sampleLedgers(by = "Ada <ada@example.com>"): Record<"dev" | "staging" | "prod", LedgerRecord[]> {
  const ledgerOf = (environment: string, all: readonly Step[]) =>
    all.reduce<LedgerRecord[]>((records, [time, entry]) => {
      records.push(nextRecord(environment, records.at(-1), entry, new Date(time)));
      return records;
    }, []);
  const { dev, staging, prod } = steps(by);
  return { dev: ledgerOf("dev", dev), staging: ledgerOf("staging", staging), prod: ledgerOf("prod", prod) };
}

/** The same, measured. */
export function sampleViews(by?: string): WindowView[] {
  const graph = new Map<string, CommitNode>();
  for (let n = 1; n <= 60; n += 1)
    graph.set(commitOf(n), {
      time: begin + n * 33 * hour - (3 + (n % 5) * 6) * hour,
      parents: n === 1 ? [] : [commitOf(n - 1)],
    });
  return Object.entries(sampleLedgers(by)).map(([name, records]) =>
    measure(deploymentLog(name, records), graph, 90, sampleEnd),
  );
}
