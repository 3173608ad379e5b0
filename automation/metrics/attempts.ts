import type { LedgerRecord } from "../promotion/ledger-records.ts";

/**
 * How a deployment ended. `succeeded`: verification passed. `unverified`: the engine ended well and nobody verified. `failed`: the engine
 * ended with an error, a verification did not pass before the next deployment, or the environment was rolled back from it.
 * `interrupted`: it ended without a word, which says nothing about the change.
 */
export type Outcome = "succeeded" | "unverified" | "failed" | "interrupted";

/** One attempt to bring an environment to another state. */
export interface Attempt {
  environment: string;
  /** Milliseconds since 1970 of the record that began it. */
  at: number;
  /** Place of that record in the ledger. */
  sequence: number;
  outcome: Outcome;
  /** First verification that passed. */
  verifiedAt: number | undefined;
  release: string | undefined;
  commit: string | undefined;
  by: string;
  seconds: number;
}

/** Time in which an environment did not work; `restoredAt` is undefined while it still does not. */
export interface Outage {
  startedAt: number;
  /** Never before `startedAt`, whatever a clock said. */
  restoredAt: number | undefined;
}

/** What the figures are made of. */
export interface DeploymentLog {
  environment: string;
  /** In the order of the ledger. */
  attempts: Attempt[];
  outages: Outage[];
  /** Times of returns to an earlier release. */
  rollbacks: number[];
  /** Time of the first record. */
  since: number | undefined;
}

interface Fold extends DeploymentLog {
  /** The attempt whose result stands now, where a verification would judge it. */
  standing: Attempt | undefined;
  /** An outage that a deployment or rollback may have ended: it did, if nothing speaks against it. */
  probablyOver: number | undefined;
}

/**
 * Folds an environment's records into its deployments and outages, in one pass and in the order of the ledger; times are only read, never
 * compared, except that no duration is negative.
 *
 * An outage begins with the first failure of a deployment or verification and ends with the next verification that passes. Where nobody
 * verifies, the next deployment or rollback that ends well ends it. An environment that is destroyed takes its outage with it.
 */
export function deploymentLog(environment: string, records: readonly LedgerRecord[]): DeploymentLog {
  const fold: Fold = {
    environment,
    attempts: [],
    outages: [],
    rollbacks: [],
    since: undefined,
    standing: undefined,
    probablyOver: undefined,
  };
  for (const record of records) step(fold, record);
  settle(fold);
  const { attempts, outages, rollbacks, since } = fold;
  return { environment, attempts, outages, rollbacks, since };
}

function step(fold: Fold, record: LedgerRecord): void {
  const at = Date.parse(record.at);
  fold.since ??= at;
  switch (record.kind) {
    case "promoted":
      settle(fold);
      fold.standing = begin(fold, record, at, "unverified");
      if (isOut(fold)) fold.probablyOver = at;
      break;
    case "verified":
      pass(fold, record.release, at);
      break;
    case "failed":
      fail(fold, record, at);
      break;
    case "rolled-back":
      if (fold.standing !== undefined) fold.standing.outcome = "failed";
      fold.standing = undefined;
      fold.rollbacks.push(at);
      if (isOut(fold)) fold.probablyOver = at;
      break;
    case "interrupted":
      if (record.verb === "verify") break;
      settle(fold);
      fold.standing = undefined;
      if (!withoutChange.has(record.verb)) begin(fold, { ...record, seconds: 0 }, at, "interrupted");
      break;
    case "destroyed":
      fold.standing = undefined;
      fold.probablyOver = undefined;
      if (isOut(fold)) fold.outages.pop();
      break;
    default:
  }
}

/** Verbs that bring no change to an environment. */
const withoutChange: ReadonlySet<string> = new Set(["destroy", "rollback"]);

type Beginning = Pick<LedgerRecord, "by" | "sequence"> & {
  release?: string | undefined;
  commit?: string | undefined;
  seconds: number;
};

function begin(fold: Fold, record: Beginning, at: number, outcome: Outcome): Attempt {
  const { by, sequence, release, commit, seconds } = record;
  const { environment } = fold;
  const attempt = { environment, at, sequence, outcome, verifiedAt: undefined, release, commit, by, seconds };
  fold.attempts.push(attempt);
  return attempt;
}

function pass(fold: Fold, release: string | undefined, at: number): void {
  const { standing } = fold;
  if (standing?.release === release && standing !== undefined) {
    standing.verifiedAt ??= at;
    if (standing.outcome === "unverified") standing.outcome = "succeeded";
  }
  restore(fold, at);
}

function fail(fold: Fold, record: Extract<LedgerRecord, { kind: "failed" }>, at: number): void {
  if (record.stage === "deploy") {
    settle(fold);
    begin(fold, record, at, "failed");
    fold.standing = undefined;
  } else {
    fold.probablyOver = undefined;
    if (fold.standing?.release === record.release && fold.standing !== undefined) fold.standing.outcome = "failed";
  }
  if (!isOut(fold)) fold.outages.push({ startedAt: at, restoredAt: undefined });
}

const isOut = ({ outages }: DeploymentLog): boolean => {
  const last = outages.at(-1);
  return last !== undefined && last.restoredAt === undefined;
};

function restore(fold: Fold, at: number): void {
  const last = fold.outages.at(-1);
  if (last !== undefined && last.restoredAt === undefined) last.restoredAt = Math.max(at, last.startedAt);
  fold.probablyOver = undefined;
}

/** Nothing has spoken against what may have ended the outage. */
function settle(fold: Fold): void {
  if (fold.probablyOver !== undefined) restore(fold, fold.probablyOver);
}
