import assert from "node:assert/strict";
import fc from "fast-check";
import { currentRelease, isVerified, isVerifiedAndCurrent, lastVerified } from "../../automation/promotion/folds.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { historyOf, statusOf } from "../../automation/promotion/status.ts";
import { anyEntry, commitOf, releaseOf } from "./entries.ts";

const by = "ada";
const up = (n: number): LedgerEntry => ({
  kind: "promoted",
  by,
  verb: "up",
  release: releaseOf(n),
  commit: commitOf(n),
  seconds: 10,
  resources: n * 100,
  changes: { create: n, same: 2 },
});
const ok = (n: number): LedgerEntry => ({
  kind: "verified",
  by,
  release: releaseOf(n),
  seconds: 2,
  checks: [{ name: "web", kind: "http", passed: true, seconds: 1 }],
});
const failed = (n: number, stage: "deploy" | "verify"): LedgerEntry => ({
  kind: "failed",
  by,
  stage,
  release: releaseOf(n),
  seconds: 3,
  error: "boom\nat line 2",
});
const back = (n: number, from: number): LedgerEntry => ({
  kind: "rolled-back",
  by,
  release: releaseOf(n),
  from: releaseOf(from),
  reason: "web did not answer",
  seconds: 5,
});
const cut = (n: number, verb: string): LedgerEntry => ({
  kind: "interrupted",
  by,
  verb,
  release: releaseOf(n),
  host: "h",
  startedAt: "2026-05-01T00:00:00.000Z",
});
const destroyed: LedgerEntry = { kind: "destroyed", by, seconds: 1, changes: { delete: 3 } };

function recordsOf(entries: readonly LedgerEntry[]): LedgerRecord[] {
  return entries.reduce<LedgerRecord[]>(
    (records, entry, at) => [...records, nextRecord("dev", records.at(-1), entry, new Date(at * 1000))],
    [],
  );
}

interface Expectation {
  /** Number of the release that stands, a minus for one that stands in part, 0 for none. */
  stands: number;
  verified: number[];
  current: number[];
  last: number | undefined;
}

describe("folds over a ledger", () => {
  const cases: [string, LedgerEntry[], Expectation][] = [
    ["nothing", [], { stands: 0, verified: [], current: [], last: undefined }],
    ["a deployment", [up(1)], { stands: 1, verified: [], current: [], last: undefined }],
    ["a verified one", [up(1), ok(1)], { stands: 1, verified: [1], current: [1], last: 1 }],
    ["the next one", [up(1), ok(1), up(2)], { stands: 2, verified: [1], current: [], last: 1 }],
    ["the next one verified", [up(1), ok(1), up(2), ok(2)], { stands: 2, verified: [1, 2], current: [2], last: 2 }],
    ["a failed check", [up(1), ok(1), up(2), failed(2, "verify")], { stands: 2, verified: [1], current: [], last: 1 }],
    ["a failed deployment", [up(1), ok(1), failed(2, "deploy")], { stands: -2, verified: [1], current: [], last: 1 }],
    ["the same again, not checked", [up(1), ok(1), up(1)], { stands: 1, verified: [1], current: [], last: 1 }],
    [
      "verification revoked",
      [up(1), ok(1), failed(1, "verify")],
      { stands: 1, verified: [], current: [], last: undefined },
    ],
    ["verified again", [up(1), ok(1), failed(1, "verify"), ok(1)], { stands: 1, verified: [1], current: [1], last: 1 }],
    [
      "a way back",
      [up(1), ok(1), up(2), failed(2, "verify"), back(1, 2)],
      { stands: 1, verified: [1], current: [], last: 1 },
    ],
    ["an interruption", [up(1), ok(1), cut(2, "up")], { stands: -2, verified: [1], current: [], last: 1 }],
    [
      "an interrupted verification",
      [up(1), ok(1), cut(1, "verify")],
      { stands: 1, verified: [1], current: [1], last: 1 },
    ],
    ["interrupted, then done", [cut(1, "up"), up(1), ok(1)], { stands: 1, verified: [1], current: [1], last: 1 }],
    ["the end", [up(1), ok(1), destroyed], { stands: 0, verified: [1], current: [], last: 1 }],
    [
      "other records",
      [up(1), { kind: "frozen", by, active: true, reason: "x" }, ok(1)],
      { stands: 1, verified: [1], current: [1], last: 1 },
    ],
  ];
  for (const [what, entries, expected] of cases) {
    it(`tells what stands and what is verified after ${what}`, () => {
      const records = recordsOf(entries);
      const current = currentRelease(records);
      const standing =
        current === undefined ? 0 : Number.parseInt(current.release ?? "", 16) * (current.complete ? 1 : -1);
      const verified = [1, 2].filter((n) => isVerified(records, releaseOf(n)));
      const verifiedNow = [1, 2].filter((n) => isVerifiedAndCurrent(records, releaseOf(n)));
      const last = lastVerified(records)?.release;
      assert.deepEqual(
        { stands: standing, verified, current: verifiedNow, last: last && Number.parseInt(last, 16) },
        expected,
      );
    });
  }

  it("agrees with itself over any history", () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 12 }), (entries) => {
        const records = recordsOf(entries);
        const last = lastVerified(records)?.release;
        if (last !== undefined) assert.ok(isVerified(records, last));
        const current = currentRelease(records);
        for (const n of [1, 2, 3, 4]) {
          const release = releaseOf(n);
          if (isVerifiedAndCurrent(records, release))
            assert.ok(current?.release === release && isVerified(records, release));
          if (isVerified(records, release))
            assert.ok(records.some((one) => one.kind === "verified" && one.release === release));
        }
        assert.deepEqual(
          historyOf(records).map((entry) => entry.sequence),
          records.map((one) => one.sequence).reverse(),
        );
      }),
    );
  });

  it("sums an environment up", () => {
    const status = statusOf("dev", recordsOf([up(1), ok(1)]));
    assert.deepEqual(status, {
      environment: "dev",
      current: {
        release: releaseOf(1),
        commit: commitOf(1),
        since: "1970-01-01T00:00:00.000Z",
        sequence: 1,
        complete: true,
        resources: 100,
      },
      verdict: "verified",
      checks: [{ name: "web", kind: "http", passed: true, seconds: 1 }],
      seconds: 12,
      lastVerified: releaseOf(1),
      frozen: undefined,
      last: { kind: "verified", at: "1970-01-01T00:00:01.000Z", by },
    });
    assert.equal(statusOf("dev", []).current, undefined);
  });

  it("says that promotion is held until it is set free", () => {
    const hold = { kind: "frozen", by, active: true, reason: "year end" } as const;
    assert.equal(statusOf("dev", recordsOf([hold])).frozen, "year end");
    assert.equal(statusOf("dev", recordsOf([hold, { ...hold, active: false }])).frozen, undefined);
  });

  it("does not carry checks over to the next deployment", () => {
    const status = statusOf("dev", recordsOf([up(1), ok(1), up(2)]));
    assert.deepEqual([status.checks, status.verdict, status.seconds], [[], "unverified", 10]);
  });

  it("tells each record in one line, newest first, as many as asked for", () => {
    const records = recordsOf([
      up(1),
      failed(1, "deploy"),
      back(1, 2),
      cut(1, "up"),
      { kind: "tag-moved", by, tag: "staging", remote: "origin", from: null, to: commitOf(1) },
      { kind: "overridden", by, release: releaseOf(1), gates: ["lineage"], reason: "fire" },
      destroyed,
    ]);
    assert.deepEqual(
      historyOf(records).map((entry) => entry.summary),
      [
        "destroyed: 3 delete",
        "gates overridden (lineage): fire",
        "tag staging moved from nowhere to 000000000000",
        "up on h ended without a word",
        "rolled back: web did not answer",
        "deploy failed: boom",
        "up: 1 create",
      ],
    );
    assert.deepEqual(
      historyOf(records, 2).map((entry) => entry.sequence),
      [7, 6],
    );
  });
});
