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

type Steps = Record<"dev" | "staging" | "prod", Step[]>;

/** The entries of the nth release. */
function entriesOf(n: number, by: string) {
  const [release, before] = [n, n - 1].map((one) => ({ release: releaseOf(one), commit: commitOf(one) }));
  const subject = { by, ...release, release: releaseOf(n) };
  const checks = { seconds: 12, checks: [] };
  return {
    deploy: { kind: "promoted", verb: "up", seconds: 95 + n, resources: 9, changes: {}, ...subject },
    pass: { kind: "verified", ...checks, ...subject },
    passBefore: { kind: "verified", ...checks, ...subject, ...before },
    fail: { kind: "failed", stage: "verify", error: "the service does not answer", ...checks, ...subject },
    back: { kind: "rolled-back", from: releaseOf(n), reason: "checks", seconds: 80, ...subject, ...before },
    killed: { kind: "interrupted", verb: "up", host: "ci", startedAt: new Date(begin).toISOString(), ...subject },
  } as const;
}

/** One release on its way: every eleventh is killed in dev, every seventh fails in staging, one breaks prod. */
function addRelease({ dev, staging, prod }: Steps, n: number, by: string): void {
  const { deploy, pass, passBefore, fail, back, killed } = entriesOf(n, by) as Record<
    keyof ReturnType<typeof entriesOf>,
    LedgerEntry
  >;
  const at = begin + n * 33 * hour;
  if (n % 11 === 0) {
    dev.push([at, killed]);
    return;
  }
  dev.push([at, deploy], [at + hour / 10, pass]);
  if (n % 2 === 1) return;
  const staged = at + 4 * hour;
  staging.push([staged, deploy], [staged + hour / 4, n % 7 === 0 ? fail : pass]);
  if (n % 7 === 0) {
    staging.push([staged + hour / 2, back], [staged + hour, passBefore]);
    return;
  }
  const live = staged + 20 * hour;
  prod.push([live, deploy], [live + hour / 5, n === 30 ? fail : pass]);
  if (n === 30) prod.push([live + 2 * hour, back], [live + 3 * hour, passBefore]);
}

function steps(by: string): Steps {
  const all: Steps = { dev: [], staging: [], prod: [] };
  for (let n = 1; n <= 60; n += 1) addRelease(all, n, by);
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
