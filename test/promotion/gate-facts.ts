import type { GateFacts } from "../../automation/promotion/gates.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { noArtifacts } from "../../automation/release/manifest.ts";
import type { EnvironmentPolicy } from "../../config/promotion.ts";
import { commitOf, releaseOf } from "./entries.ts";

export const HOUR = 3_600_000;
export const noon = new Date("2026-06-15T12:00:00.000Z");

export const dev: EnvironmentPolicy = { name: "dev", tags: [], verify: true, rollbackOnFailure: false };
export const staging: EnvironmentPolicy = {
  name: "staging",
  tags: ["staging"],
  upstream: "dev",
  verify: true,
  rollbackOnFailure: true,
};
export const prod: EnvironmentPolicy = {
  name: "prod",
  tags: ["prod", "production"],
  upstream: "staging",
  verify: true,
  rollbackOnFailure: true,
};

/** What happens in an environment, hours before noon, and of which release. */
export type Happening = [hoursAgo: number, entry: LedgerEntry];

const by = "ada";

export const promoted = (n: number, verb = "promote"): LedgerEntry => ({
  kind: "promoted",
  by,
  verb,
  release: releaseOf(n),
  commit: commitOf(n),
  seconds: 1,
  resources: 1,
  changes: {},
});
export const verified = (n: number): LedgerEntry => ({
  kind: "verified",
  by,
  release: releaseOf(n),
  seconds: 1,
  checks: [],
});
export const failed = (n: number, stage: "deploy" | "verify" = "verify"): LedgerEntry => ({
  kind: "failed",
  by,
  stage,
  release: releaseOf(n),
  seconds: 1,
  error: "boom",
});
export const rolledBack = (n: number, from: number): LedgerEntry => ({
  kind: "rolled-back",
  by,
  release: releaseOf(n),
  from: releaseOf(from),
  reason: "web did not answer",
  seconds: 1,
});
export const destroyed: LedgerEntry = { kind: "destroyed", by, seconds: 1, changes: {} };
export const approved = (who: string, n = 7, plan?: string, upstreamSequence?: number): LedgerEntry => ({
  kind: "approved",
  by: who,
  release: releaseOf(n),
  ...(plan === undefined ? {} : { plan }),
  ...(upstreamSequence === undefined ? {} : { upstreamSequence }),
});
export const frozen = (reason: string, until?: string): LedgerEntry => ({
  kind: "frozen",
  by,
  active: true,
  reason,
  ...(until === undefined ? {} : { until }),
});
export const lifted: LedgerEntry = { kind: "frozen", by, active: false, reason: "it is over" };

export function ledger(environment: string, happenings: readonly Happening[]): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (const [hoursAgo, entry] of happenings)
    records.push(nextRecord(environment, records.at(-1), entry, new Date(noon.getTime() - hoursAgo * HOUR)));
  return records;
}

const commit = commitOf(7);

/** A promotion of release 7 to prod that every gate lets pass. */
export const good: GateFacts = {
  now: noon,
  environment: prod,
  records: [],
  commit,
  author: "Grace <grace@example.com>",
  promoter: "Ada <ada@example.com>",
  automatic: false,
  release: {
    schema: 1,
    id: releaseOf(7),
    commit,
    tree: commitOf(1),
    program: `sha256:${releaseOf(1)}`,
    artifacts: noArtifacts(),
    createdAt: "2026-01-01T00:00:00.000Z",
  },
  dirtyFiles: [],
  upstream: {
    policy: staging,
    records: ledger("staging", [
      [9, promoted(7)],
      [8, verified(7)],
    ]),
  },
};
