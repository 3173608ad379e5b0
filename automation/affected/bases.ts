import type { EarlierRun } from "../lease/document.ts";
import { currentRelease, lastVerified } from "../promotion/folds.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";

/** What to compare with: commits whose states may stand there together, or the reason why none can be named. */
export type Bases = { commits: string[]; why: string } | { everything: string };

/** A run that has begun and is not on record yet. */
export type OpenRun = Pick<EarlierRun, "verb" | "commit">;

/**
 * Commits that an environment may be running, from its ledger and the runs that its lease tells of. After a run that failed or was
 * killed what stands is a mixture, so every commit since the last one that was deployed whole is among them: a file that the
 * broken run changed and a later commit put back still has to be deployed again.
 */
export function deployedBases(environment: string, records: readonly LedgerRecord[], open: readonly OpenRun[]): Bases {
  const standing = mixtureOf(records);
  const started = open.filter(({ verb }) => verb !== "verify");
  if (started.length > 0 && standing.length === 0)
    return { everything: `the first run of ${environment} is under way or was killed` };
  for (const { commit } of started) standing.push({ commit, kind: "running" }, ...wayBack(records));
  if (standing.length === 0) return { everything: `nothing is deployed to ${environment} yet: this is its first run` };
  const unnamed = standing.find(({ commit }) => commit === undefined);
  if (unnamed !== undefined)
    return { everything: `${environment} ${unnamedWhy[unnamed.kind]}, so nothing can be compared with it` };
  const commits = [...new Set(standing.flatMap(({ commit }) => commit ?? []))];
  const whole = standing.length === 1 && standing[0]?.kind === "whole";
  return {
    commits,
    why: whole
      ? `last deployed to ${environment}`
      : `deployed to ${environment} in part: a run there failed, was killed, or is under way`,
  };
}

/** Where a run that ended without a word may have been returning to: that is on record only when it has arrived. */
function wayBack(records: readonly LedgerRecord[]): Standing[] {
  const verified = lastVerified(records);
  return verified === undefined ? [] : [{ commit: verified.commit, kind: "broken" }];
}

interface Standing {
  commit: string | undefined;
  kind: "whole" | "empty" | "broken" | "running";
}

const unnamedWhy = {
  empty: "has never been deployed whole",
  whole: "runs a working tree that no commit names",
  broken: "was left half-way by a run that no commit names",
  running: "is being changed by a run that no commit names",
};

/** Deployments since the last whole one, that one included; without a whole one the environment counts as empty below them. */
function mixtureOf(records: readonly LedgerRecord[]): Standing[] {
  let standing: Standing[] = [];
  for (const [index, record] of records.entries()) {
    const after = currentRelease([record]);
    if (record.kind === "destroyed") standing = [];
    else if (after?.complete === true) standing = [{ commit: after.commit, kind: "whole" }];
    else if (after !== undefined) {
      if (standing.length === 0) standing.push({ commit: undefined, kind: "empty" });
      standing.push({ commit: after.commit, kind: "broken" });
      if (record.kind === "interrupted") standing.push(...wayBack(records.slice(0, index)));
    }
  }
  return standing;
}
