import type { Attempt, DeploymentLog, Outage, Outcome } from "./attempts.ts";
import { distributionOf, share, type Distribution } from "./figures.ts";
import { dayMs, frequencyOf, type Frequency, type Window } from "./frequency.ts";
import { deliveriesOf, type CommitGraph, type DeliveredChange } from "./lead-time.ts";

/**
 * The four keys of DORA (https://dora.dev/guides/dora-metrics-four-keys/) and the success rate, of one environment in one window. Every
 * figure is a pure function of ledger records and commit times.
 */
export interface EnvironmentMetrics {
  environment: string;
  /** ISO times. The window begins with the first record where that is later than the days asked for. */
  from: string;
  to: string;
  /** Deployments begun in the window, by how they ended. */
  outcomes: Record<Outcome, number>;
  /** Returns to an earlier release in the window. */
  rollbacks: number;
  /** Of deployments that ended well and did not fail later: how often a change reaches people. */
  deploymentFrequency: Frequency;
  /** Seconds from a commit to its first verified deployment, for every change that arrived in the window. */
  leadTime: Distribution;
  /** Verified commits that this clone does not have. */
  unknownCommits: number;
  /** Failed ones among all that ended, from 0 to 1. An interrupted one has not ended, so it is on neither side. */
  changeFailureRate: number | undefined;
  /** Those that ended well and did not fail later among all that were begun, interrupted ones included, from 0 to 1. */
  successRate: number | undefined;
  /** Seconds from the first failure to working again, for every outage that ended in the window. */
  timeToRestore: Distribution;
  /** ISO time of the failure that has not been put right yet. */
  failingSince: string | undefined;
}

/** What a window holds, for figures and charts alike. */
export interface WindowView {
  window: Window;
  attempts: Attempt[];
  /** Changes that arrived in the window. */
  changes: DeliveredChange[];
  /** Outages that were under way in the window. */
  outages: Outage[];
  metrics: EnvironmentMetrics;
}

/**
 * Figures of the last `days` days.
 * @param now end of the window, milliseconds since 1970; records from after it (another machine's clock) belong to it too
 */
export function measure(log: DeploymentLog, graph: CommitGraph, days: number, now: number): WindowView {
  const window = { from: Math.max(now - days * dayMs, (log.since ?? now) - 1), to: now };
  const inside = (time: number) => time > window.from;
  const attempts = log.attempts.filter(({ at }) => inside(at));
  const outcomes: Record<Outcome, number> = { succeeded: 0, unverified: 0, failed: 0, interrupted: 0 };
  for (const { outcome } of attempts) outcomes[outcome] += 1;
  const well = attempts.filter(({ outcome }) => outcome === "succeeded" || outcome === "unverified");
  const deliveries = deliveriesOf(log.attempts, graph);
  const changes = deliveries.changes.filter(({ at }) => inside(at));
  const restored = log.outages.flatMap(({ startedAt, restoredAt }) =>
    restoredAt !== undefined && inside(restoredAt) ? [(restoredAt - startedAt) / 1000] : [],
  );
  const open = log.outages.findLast(({ restoredAt }) => restoredAt === undefined);
  const metrics: EnvironmentMetrics = {
    environment: log.environment,
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    outcomes,
    rollbacks: log.rollbacks.filter(inside).length,
    deploymentFrequency: frequencyOf(
      well.map(({ at }) => at),
      window,
    ),
    leadTime: distributionOf(changes.map(({ seconds }) => seconds)),
    unknownCommits: deliveries.unknown.length,
    changeFailureRate: share(outcomes.failed, attempts.length - outcomes.interrupted),
    successRate: share(well.length, attempts.length),
    timeToRestore: distributionOf(restored),
    failingSince: open && new Date(open.startedAt).toISOString(),
  };
  const outages = log.outages.filter(({ restoredAt }) => restoredAt === undefined || inside(restoredAt));
  return { window, attempts, changes, outages, metrics };
}
