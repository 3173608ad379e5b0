import assert from "node:assert/strict";
import fc from "fast-check";
import { deploymentLog } from "../../automation/metrics/attempts.ts";
import { measure } from "../../automation/metrics/four-keys.ts";
import type { CommitGraph, CommitNode } from "../../automation/metrics/lead-time.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { anyEntry, commitOf } from "../promotion/entries.ts";
import { figuresBySql } from "./sql.ts";

const start = Date.parse("2026-03-01T00:00:00Z");
const day = 86_400_000;

/** Entries of a deployment's life far more often than the others, so that they meet. */
const beside = /^(?:approved|frozen|tag-moved|manifests-moved|traffic-shifted|processor-handed-over|overridden)$/;
const deploymentEntry = anyEntry.filter(({ kind }) => !beside.test(kind));
const entry = fc.oneof({ weight: 9, arbitrary: deploymentEntry }, { weight: 1, arbitrary: anyEntry });

/** A clock that mostly goes on and now and then jumps back. */
const pause = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 4 * day }) },
  { weight: 1, arbitrary: fc.integer({ min: -2 * day, max: 0 }) },
);

const ledger = fc.array(fc.tuple(entry, pause), { maxLength: 40 }).map((steps) => {
  const records: LedgerRecord[] = [];
  let time = start;
  for (const [one, waited] of steps) {
    time += waited;
    records.push(nextRecord("prod", records.at(-1), one, new Date(time)));
  }
  return { records, end: time };
});

/** Commits 1 to 8, parents before children, some of them not in this clone. */
const graph = fc
  .array(
    fc.record({
      known: fc.boolean(),
      time: fc.integer({ min: start / 1000 - 20 * 86_400, max: start / 1000 + 60 * 86_400 }),
      parents: fc.uniqueArray(fc.nat({ max: 7 }), { maxLength: 2 }),
    }),
    { minLength: 8, maxLength: 8 },
  )
  .map((nodes): CommitGraph => {
    const known = new Map<string, CommitNode>();
    for (const [index, node] of nodes.entries()) {
      const parents = node.parents.filter((parent) => parent < index).map((parent) => commitOf(8 - parent));
      // The commits that deployments name, 1 to 4, are the youngest ones.
      if (node.known || index >= 4) known.set(commitOf(8 - index), { time: node.time * 1000, parents });
    }
    return known;
  });

const near = (actual: number | undefined, expected: unknown, what: string) => {
  if (expected === null) assert.equal(actual, undefined, what);
  else
    assert.ok(
      Math.abs((actual ?? Number.NaN) - Number(expected)) < 1e-6,
      `${what}: ${actual} instead of ${JSON.stringify(expected)}`,
    );
};

describe("the four keys", () => {
  it("equal what SQL says of the same ledger and history", function () {
    this.timeout(120_000);
    let seen = 0;
    fc.assert(
      fc.property(
        ledger,
        graph,
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: -day, max: 30 * day }),
        (book, history, days, later) => {
          const now = book.end + later;
          const { metrics } = measure(deploymentLog("prod", book.records), history, days, now);
          const sql = figuresBySql(book.records, history, days, now);
          const { outcomes, deploymentFrequency: frequency, leadTime, timeToRestore } = metrics;
          for (const outcome of ["succeeded", "unverified", "failed", "interrupted"] as const)
            assert.equal(outcomes[outcome], sql[outcome], outcome);
          assert.equal(metrics.rollbacks, sql["rollbacks"]);
          near(metrics.changeFailureRate, sql["failure_rate"], "change failure rate");
          near(metrics.successRate, sql["success_rate"], "success rate");
          const since = sql["failing_since"];
          assert.equal(metrics.failingSince, typeof since === "number" ? new Date(since).toISOString() : undefined);
          assert.deepEqual(
            [frequency.bucket, frequency.days, frequency.deployments],
            [sql["bucket"], sql["days"], sql["deployments"]],
          );
          for (const [name, figure] of [
            ["lead", leadTime],
            ["restore", timeToRestore],
          ] as const) {
            assert.equal(figure.count, sql[`${name}_count`], name);
            for (const key of ["mean", "median", "p90"] as const)
              near(figure[key], sql[`${name}_${key}`], `${name} ${key}`);
            if (figure.count > 0) seen += 1;
          }
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(seen > 25, `only ${seen} distributions held anything`);
  });

  it("are never negative and never more than all, whatever the clock does", () => {
    fc.assert(
      fc.property(ledger, graph, fc.integer({ min: -400 * day, max: 400 * day }), (book, history, later) => {
        const { metrics } = measure(deploymentLog("prod", book.records), history, 90, book.end + later);
        const { leadTime, timeToRestore, deploymentFrequency: frequency, changeFailureRate, successRate } = metrics;
        for (const { mean, median, p90 } of [leadTime, timeToRestore])
          for (const value of [mean, median, p90]) assert.ok(value === undefined || value >= 0);
        for (const rate of [changeFailureRate, successRate]) assert.ok(rate === undefined || (rate >= 0 && rate <= 1));
        assert.ok(
          frequency.perWeek >= 0 && Number.isFinite(frequency.perWeek) && frequency.days <= frequency.deployments,
        );
      }),
    );
  });

  it("say nothing of an empty ledger", () => {
    const { metrics } = measure(deploymentLog("prod", []), new Map(), 30, start);
    const { changeFailureRate, successRate, leadTime, deploymentFrequency } = metrics;
    assert.deepEqual(
      [changeFailureRate, successRate, leadTime.count, deploymentFrequency.bucket],
      [undefined, undefined, 0, "none"],
    );
  });
});

const release = (n: number) => n.toString(16).padStart(64, "0");
const by = "ada";
const promoted = (n: number): LedgerEntry => ({
  kind: "promoted",
  by,
  verb: "promote",
  release: release(n),
  commit: commitOf(n),
  seconds: 60,
  resources: 1,
  changes: {},
});
const verified = (n: number): LedgerEntry => ({ kind: "verified", by, release: release(n), seconds: 1, checks: [] });
const failed = (n: number, stage: "deploy" | "verify"): LedgerEntry => ({
  kind: "failed",
  by,
  stage,
  release: release(n),
  seconds: 1,
  error: "x",
});
const back = (n: number): LedgerEntry => ({ kind: "rolled-back", by, release: release(n), reason: "x", seconds: 1 });
const killed: LedgerEntry = {
  kind: "interrupted",
  by,
  verb: "promote",
  host: "h",
  startedAt: "2026-03-01T00:00:00.000Z",
};
const gone: LedgerEntry = { kind: "destroyed", by, seconds: 1, changes: {} };

/** One record an hour, in this order; the window is 90 days and ends an hour after the last. */
function figures(...entries: LedgerEntry[]) {
  const records: LedgerRecord[] = [];
  for (const [index, one] of entries.entries())
    records.push(nextRecord("prod", records.at(-1), one, new Date(start + index * 3_600_000)));
  const { metrics } = measure(deploymentLog("prod", records), new Map(), 90, start + entries.length * 3_600_000);
  const { outcomes, changeFailureRate, successRate, timeToRestore, failingSince } = metrics;
  return {
    ...outcomes,
    changeFailureRate,
    successRate,
    hours: (timeToRestore.mean ?? 0) / 3600,
    restores: timeToRestore.count,
    failing: failingSince !== undefined,
  };
}

describe("a deployment", () => {
  const cases: [string, LedgerEntry[], Partial<ReturnType<typeof figures>>][] = [
    [
      "that is verified succeeded",
      [promoted(1), verified(1)],
      { succeeded: 1, failed: 0, changeFailureRate: 0, successRate: 1 },
    ],
    [
      "that nobody verified is one, and did not fail",
      [promoted(1)],
      { unverified: 1, changeFailureRate: 0, successRate: 1 },
    ],
    [
      "whose engine failed failed",
      [failed(1, "deploy")],
      { failed: 1, changeFailureRate: 1, successRate: 0, failing: true },
    ],
    [
      "that was rolled back failed, and took until the verification of what it went back to",
      [promoted(1), verified(1), promoted(2), failed(2, "verify"), back(1), verified(1)],
      { succeeded: 1, failed: 1, changeFailureRate: 0.5, hours: 2, restores: 1, failing: false },
    ],
    [
      "that was verified and rolled back later failed, from a time that nobody knows",
      [promoted(1), verified(1), promoted(2), verified(2), back(1)],
      { succeeded: 1, failed: 1, restores: 0, failing: false },
    ],
    [
      "that was interrupted did not fail, but is counted",
      [promoted(1), verified(1), killed],
      { succeeded: 1, interrupted: 1, changeFailureRate: 0, successRate: 0.5, failing: false },
    ],
    [
      "that failed twice is one outage, from the first failure on",
      [failed(1, "deploy"), failed(1, "deploy"), promoted(1), verified(1)],
      { failed: 2, succeeded: 1, hours: 3, restores: 1 },
    ],
    [
      "that nobody verified ends an outage too",
      [failed(1, "deploy"), promoted(2), promoted(3)],
      { hours: 1, restores: 1, failing: false },
    ],
    [
      "that goes bad later failed",
      [promoted(1), verified(1), failed(1, "verify"), verified(1)],
      { failed: 1, succeeded: 0, hours: 1, restores: 1 },
    ],
    [
      "of an environment that is gone restores nothing",
      [failed(1, "deploy"), gone, promoted(2), verified(2)],
      { restores: 0, failing: false },
    ],
    [
      "that goes back to something broken is still out",
      [promoted(2), failed(2, "verify"), back(1), failed(1, "verify")],
      { failed: 1, restores: 0, failing: true },
    ],
  ];
  for (const [what, entries, expected] of cases)
    it(what, () => {
      const found = figures(...entries);
      const compared = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key as keyof typeof found]]));
      assert.deepEqual(compared, expected);
    });
});
