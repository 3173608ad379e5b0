import type { LedgerRecord, RecordOf } from "./ledger-records.ts";

/** What stands in an environment. */
export interface Deployment {
  /** Absent for a working tree that was deployed without a release. */
  release: string | undefined;
  commit: string | undefined;
  /** ISO time of the record that put it there. */
  since: string;
  sequence: number;
  /** False while a failed or interrupted run left a mixture of this and what stood before. */
  complete: boolean;
  /** Resources that stand, as of the last run that ended well. */
  resources: number | undefined;
}

/** What the records of an environment say has been deployed last; undefined for one that was never up or was destroyed. */
export function currentRelease(records: readonly LedgerRecord[]): Deployment | undefined {
  return records.reduce<Deployment | undefined>(afterRecord, undefined);
}

function afterRecord(current: Deployment | undefined, record: LedgerRecord): Deployment | undefined {
  const { sequence, at: since } = record;
  switch (record.kind) {
    case "promoted":
    case "rolled-back": {
      const { release, commit, resources } = record;
      return { release, commit, since, sequence, complete: true, resources: resources ?? current?.resources };
    }
    case "failed":
    case "interrupted": {
      // Verification looks and changes nothing, whatever becomes of it.
      if (record.kind === "failed" ? record.stage === "verify" : record.verb === "verify") return current;
      if (record.kind === "failed" && touchedNothing(record)) return current;
      const { release, commit } = record;
      return { release, commit, since, sequence, complete: false, resources: current?.resources };
    }
    case "destroyed":
      return undefined;
    default:
      return current;
  }
}

/** What verification says of a release. */
export type Verdict = "verified" | "failed" | "unverified";

type VerdictRecord = RecordOf<"verified"> | RecordOf<"failed">;

/** Whether a record tells the outcome of a verification. */
export function isVerdict(record: LedgerRecord): record is VerdictRecord {
  return record.kind === "verified" || (record.kind === "failed" && record.stage === "verify");
}

/** A run that failed before its first change leaves what stood before. */
function touchedNothing({ changes }: RecordOf<"failed">): boolean {
  return (
    changes !== undefined &&
    Object.entries(changes).every(([op, count]) => count === 0 || op === "same" || op === "read")
  );
}

/** The record of the last verification that passed and was not revoked by a later failed one of the same release. */
export function lastVerified(records: readonly LedgerRecord[]): RecordOf<"verified"> | undefined {
  const judged = new Set<string>();
  return records.findLast((record): record is RecordOf<"verified"> => {
    if (!isVerdict(record) || record.release === undefined || judged.has(record.release)) return false;
    judged.add(record.release);
    return record.kind === "verified";
  });
}

/** Whether the last verification of this very release in the environment passed. It stays so when another release follows. */
export function isVerified(records: readonly LedgerRecord[], release: string): boolean {
  return records.findLast((record) => isVerdict(record) && record.release === release)?.kind === "verified";
}

/** Whether this release stands there whole and was verified since it was put there. */
export function isVerifiedAndCurrent(records: readonly LedgerRecord[], release: string): boolean {
  const current = currentRelease(records);
  return current?.complete === true && current.release === release && verdictOf(records, current) === "verified";
}

/** What verification has said of a deployment since it was made. */
export function verdictOf(records: readonly LedgerRecord[], deployment: Deployment): Verdict {
  const verdict = records.findLast(
    (record) => isVerdict(record) && record.sequence > deployment.sequence && record.release === deployment.release,
  );
  if (verdict === undefined) return "unverified";
  return verdict.kind === "verified" ? "verified" : "failed";
}
