import assert from "node:assert/strict";
import { deliveryData, deliveryEvent, type DeliveryEvent } from "../../automation/metrics/deliveries.ts";
import type { CommitGraph } from "../../automation/metrics/lead-time.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { commitOf, releaseOf } from "../promotion/entries.ts";

const start = Date.parse("2026-03-01T00:00:00Z");
const minute = 60_000;
const subject = (n: number) => ({ by: "ada", release: releaseOf(n), commit: commitOf(n) });
const checks = { seconds: 1, checks: [] };
const deploy = (n: number): LedgerEntry => ({
  ...{ kind: "promoted", verb: "up", seconds: 9, resources: 1, changes: {} },
  ...subject(n),
});
const pass = (n: number): LedgerEntry => ({ kind: "verified", ...checks, ...subject(n) });
const fail = (n: number): LedgerEntry => ({
  kind: "failed",
  stage: "verify",
  error: "broken",
  ...checks,
  ...subject(n),
});
const back = (n: number, from: number): LedgerEntry => ({
  ...{ kind: "rolled-back", reason: "checks", seconds: 9, from: releaseOf(from) },
  ...subject(n),
});
const killed = (n: number): LedgerEntry => ({
  ...{ kind: "interrupted", verb: "up", host: "ci", startedAt: new Date(start).toISOString() },
  ...subject(n),
});

/** Records a minute apart. */
function ledger(...entries: LedgerEntry[]): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (const entry of entries)
    records.push(nextRecord("prod", records.at(-1), entry, new Date(start + records.length * minute)));
  return records;
}

/** Commit 2 is an hour older than the beginning, and commit 3 two hours; 3 builds on 2, and 2 on 1. */
const graph: CommitGraph = new Map([
  [commitOf(1), { time: start - 180 * minute, parents: [] }],
  [commitOf(2), { time: start - 120 * minute, parents: [commitOf(1)] }],
  [commitOf(3), { time: start - 60 * minute, parents: [commitOf(2)] }],
]);
const none = { environment: "prod", deployments: 0, failures: 0, rollbacks: 0, leadTimes: [], recoveries: [] };
const first = [deploy(1), pass(1)];

describe("automation/metrics: what a deployment adds", () => {
  const table: [
    what: string,
    before: LedgerEntry[],
    now: LedgerEntry[],
    expected: Partial<DeliveryEvent> | undefined,
  ][] = [
    ["one that is verified", [], first, { deployments: 1, leadTimes: [181 * 60] }],
    ["one that nobody verified", first, [deploy(2)], { deployments: 1 }],
    ["a verification that comes later", [deploy(1)], [pass(1)], { leadTimes: [181 * 60] }],
    ["one with two changes", first, [deploy(3), pass(3)], { deployments: 1, leadTimes: [63 * 60, 123 * 60] }],
    ["one that fails", first, [deploy(2), fail(2)], { deployments: 1, failures: 1 }],
    [
      "one that fails and is taken back at once",
      first,
      [deploy(2), fail(2), back(1, 2), pass(1)],
      { deployments: 1, failures: 1, rollbacks: 1, recoveries: [120] },
    ],
    [
      "a rollback of one that had passed",
      [...first, deploy(2), pass(2)],
      [back(1, 2), pass(1)],
      { failures: 1, rollbacks: 1 },
    ],
    [
      "the next one, which puts it right",
      [...first, deploy(2), fail(2)],
      [deploy(3), pass(3)],
      { deployments: 1, leadTimes: [65 * 60, 125 * 60], recoveries: [120] },
    ],
    ["one that was interrupted", first, [killed(2)], undefined],
    ["the same verified again", first, [pass(1)], undefined],
  ];
  for (const [what, before, now, expected] of table)
    it(`${what} adds ${expected === undefined ? "nothing" : Object.keys(expected).join(", ")}`, () => {
      const records = ledger(...before, ...now);
      const event = deliveryEvent("prod", records, before.length + 1, graph);
      assert.deepEqual(
        event && { ...event, leadTimes: event.leadTimes.sort((a, b) => a - b) },
        expected && { ...none, ...expected },
      );
    });

  it("adds up to what there is, wherever one cuts", () => {
    const sessions = [first, [deploy(2), fail(2), back(1, 2), pass(1)], [deploy(3), pass(3)], [killed(2)]];
    const whole = deliveryEvent("prod", ledger(...sessions.flat()), 1, graph);
    const parts = sessions.map((session, at) => {
      const before = sessions.slice(0, at).flat();
      return deliveryEvent("prod", ledger(...before, ...session), before.length + 1, graph) ?? none;
    });
    const sum = (key: "deployments" | "failures" | "rollbacks") => parts.reduce((total, part) => total + part[key], 0);
    assert.deepEqual([sum("deployments"), sum("failures"), sum("rollbacks")], [3, 1, 1]);
    assert.deepEqual(whole, {
      ...{ environment: "prod", deployments: 3, failures: 1, rollbacks: 1 },
      leadTimes: parts.flatMap(({ leadTimes }) => leadTimes),
      recoveries: parts.flatMap(({ recoveries }) => recoveries),
    });
  });
});

describe("automation/metrics: deliveries as CloudWatch takes them", () => {
  const at = new Date(start);
  const names = (event: Partial<DeliveryEvent>) =>
    deliveryData({ ...none, ...event }, at).map(({ MetricName, Value, Values, Unit }) => [
      MetricName,
      Value ?? Values,
      Unit,
    ]);

  it("counts failures even where there are none, so that there is a rate", () => {
    assert.deepEqual(names({ deployments: 1 }), [
      ["Deployments", 1, "Count"],
      ["DeploymentFailures", 0, "Count"],
    ]);
  });

  it("says the environment, the time, and each change and outage by itself", () => {
    const event = { ...none, deployments: 1, failures: 1, rollbacks: 1, leadTimes: [60, 3600], recoveries: [120] };
    assert.deepEqual(names(event).slice(2), [
      ["Rollbacks", 1, "Count"],
      ["LeadTimeSeconds", [60, 3600], "Seconds"],
      ["RecoverySeconds", [120], "Seconds"],
    ]);
    for (const { Dimensions, Timestamp } of deliveryData(event, at))
      assert.deepEqual([Dimensions, Timestamp], [[{ Name: "Environment", Value: "prod" }], at]);
  });

  it("sends no more values at once than CloudWatch takes", () => {
    const leadTimes = Array.from({ length: 301 }, (_, n) => n);
    const sent = deliveryData({ ...none, leadTimes }, at).flatMap(({ Values }) =>
      Values === undefined ? [] : [Values],
    );
    assert.deepEqual(
      sent.map(({ length }) => length),
      [150, 150, 1],
    );
    assert.deepEqual(sent.flat(), leadTimes);
  });
});
