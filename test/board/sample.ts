import { createHash } from "node:crypto";
import { boardOf, type Board } from "../../automation/board/model.ts";
import type { BoardFacts, EnvironmentFacts, GateAnswer } from "../../automation/board/facts.ts";
import type { DriftLook } from "../../automation/drift/look.ts";
import { deploymentLog } from "../../automation/metrics/attempts.ts";
import { measure } from "../../automation/metrics/four-keys.ts";
import type { CommitGraph } from "../../automation/metrics/lead-time.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { OperationMarker } from "../../automation/promotion/inflight.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";

const minute = 60_000;
export const sampleNow = Date.parse("2026-06-01T12:00:00Z");

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
/** Id of the nth release, and of its commit. */
export const release = (n: number): string => digest(`release ${n}`);
export const commit = (n: number): string => digest(`commit ${n}`).slice(0, 40);

/** Records from entries and how many minutes before `sampleNow` each was written. */
export function ledger(
  environment: string,
  steps: readonly [minutesAgo: number, entry: LedgerEntry][],
): LedgerRecord[] {
  return steps.reduce<LedgerRecord[]>((records, [minutesAgo, entry]) => {
    records.push(nextRecord(environment, records.at(-1), entry, new Date(sampleNow - minutesAgo * minute)));
    return records;
  }, []);
}

const subject = (n: number, by: string) => ({ by, release: release(n), commit: commit(n) });

export const promoted = (n: number, by = "Ada <ada@example.com>", verb = "promote"): LedgerEntry => ({
  ...{ kind: "promoted", verb, seconds: 190, resources: 363 },
  ...{ changes: { update: 12, create: n, same: 340 }, ...subject(n, by) },
});

export const checks = (names: Record<string, boolean>) =>
  Object.entries(names).map(([name, passed]) => ({
    name,
    kind: "http",
    passed,
    seconds: 0.4,
    message: passed ? "200" : "503 after 3 tries",
  }));

export const verified = (n: number, by = "Ada <ada@example.com>"): LedgerEntry => ({
  ...{
    kind: "verified",
    seconds: 21,
    checks: checks({ "api answers": true, "orders arrive": true, "models are served": true }),
  },
  ...subject(n, by),
});

export const failed = (n: number, error: string, by = "Ada <ada@example.com>"): LedgerEntry => ({
  ...{ kind: "failed", stage: "verify", seconds: 30, error },
  ...{ checks: checks({ "api answers": false, "orders arrive": true }), ...subject(n, by) },
});

const rolledBack = (n: number, from: number, by: string): LedgerEntry => ({
  ...{ kind: "rolled-back", from: release(from), reason: "1 of 2 checks failed", seconds: 80, resources: 363 },
  ...subject(n, by),
});

/** Each commit builds on the one before and was made an hour before it came to dev. */
const graph: CommitGraph = new Map(
  [1, 2, 3, 4, 5].map((n) => [
    commit(n),
    { time: sampleNow - (660 - n * 90) * minute, parents: n === 1 ? [] : [commit(n - 1)] },
  ]),
);

/** What people wrote, wherever it is shown. */
export interface Words {
  by?: string;
  text?: string;
}

function ledgers({ by, say }: Said): Record<string, LedgerRecord[]> {
  return {
    operations: ledger("operations", [
      [700, { kind: "promoted", by, verb: "up", seconds: 41, resources: 58, changes: { create: 58 } }],
      [699, { kind: "verified", by, seconds: 2, checks: checks({ "registry is there": true }) }],
    ]),
    dev: ledger(
      "dev",
      [1, 2, 3, 4, 5]
        .flatMap((n) => [[600 - n * 90, promoted(n, by, "up")] as const, [598 - n * 90, verified(n, by)] as const])
        .map(([at, entry]) => [at, entry]),
    ),
    staging: ledger("staging", [
      [480, promoted(1, by)],
      [478, verified(1, by)],
      [300, promoted(2, by)],
      [297, failed(2, say("1 of 2 checks failed: api answers"), by)],
      [295, rolledBack(1, 2, by)],
      [293, verified(1, by)],
      [200, promoted(3, by)],
      [197, verified(3, by)],
      [170, { kind: "approved", by, release: release(4), commit: commit(4), comment: say("looked at the plan") }],
    ]),
    prod: ledger("prod", [
      [400, promoted(1, by)],
      [396, verified(1, by)],
      [60, { kind: "frozen", by, active: true, reason: say("audit until Friday") }],
    ]),
  };
}

interface Said {
  by: string;
  /** What somebody wrote: the words of the test, else those that make sense there. */
  say(text: string): string;
}

const said = ({ by = "Ada <ada@example.com>", text }: Words): Said => ({ by, say: (usual) => text ?? usual });
const ago = (minutes: number): string => new Date(sampleNow - minutes * minute).toISOString();

const look = (stack: string, minutes: number, findings: readonly string[]): DriftLook => ({
  ...{ schema: 1, stack, at: ago(minutes), resources: 363, total: findings.length, ignored: 2 },
  findings: [...findings],
  next: findings.length === 0 ? [] : [`./slipway drift ${stack} --repair puts back what the program says`],
});

/** A promotion that has run for a minute and a half. */
export const sampleMarker = (by: string): OperationMarker => ({
  ...{ who: by, host: "runner-7", machine: "m", pid: 7, verb: "promote", release: release(5), commit: commit(5) },
  ...{ startedAt: ago(1.6), environment: "staging", fence: 9, expiresAt: ago(-1) },
});

const moving = ({ by, say }: Said): Pick<EnvironmentFacts, "running" | "progress"> => ({
  running: sampleMarker(by),
  progress: {
    ...{ counts: "4 created, 9 updated, 201 unchanged", finished: 214, ended: false },
    active: [
      { op: "update", name: "slipway-staging-api", type: "aws:lambda/function:Function", startedAt: 0 },
      { op: "create", name: say("orders-schema-v7").slice(0, 40), type: "aws:s3/object:Object", startedAt: 0 },
    ],
  },
});

const refusing = ({ by, say }: Said): GateAnswer => ({
  ...{ from: "staging", release: release(3), commit: commit(3) },
  decisions: [
    { gate: "release", verdict: "pass", reason: `release ${release(3).slice(0, 12)} was built of it` },
    { gate: "lineage", verdict: "pass", reason: `staging has verified release ${release(3).slice(0, 12)}` },
    {
      ...{ gate: "approvals", verdict: "refuse", reason: `0 of 2 people agree: ${say("bo or cleo may")}` },
      next: `slipway approve prod --release ${release(3).slice(0, 12)}`,
    },
    { gate: "window", verdict: "refuse", reason: "closed until 2026-06-02 22:00 (Europe/Berlin)" },
    {
      gate: "freeze",
      verdict: "refuse",
      reason: `${by} holds it: ${say("audit until Friday")}`,
      next: "slipway freeze prod --lift",
    },
  ],
});

const subjectLines = (say: Said["say"]): string[] => [
  "Serve the pricing model",
  say("Cache predictions for a minute"),
  "Split orders by region",
  "Keep raw files for a year",
  "Answer /models with the canary's share",
];

/** A board on which everything happens at once: something runs, something waits, something drifted, something is frozen. */
export function sampleFacts(given: Words = {}): BoardFacts {
  const words = said(given);
  const all = ledgers(words);
  const place = (name: string, upstream?: string) => {
    const records = all[name] ?? [];
    const { metrics } = measure(deploymentLog(name, records), graph, 90, sampleNow);
    return { name, upstream, takesReleases: true, records, metrics };
  };
  const finding = `orders (aws:s3/bucket:Bucket) was changed outside: tags.owner: platform -> ${words.say("nobody")}`;
  const environments: EnvironmentFacts[] = [
    { ...place("operations"), takesReleases: false },
    { ...place("dev"), drift: look("dev", 20, [finding]) },
    { ...place("staging", "dev"), ...moving(words) },
    { ...place("prod", "staging"), drift: look("prod", 200, []), gates: refusing(words) },
  ];
  const subjects = new Map(subjectLines(words.say).map((line, index) => [commit(index + 1), line]));
  return { project: "slipway", days: 90, now: new Date(sampleNow), environments, subjects };
}

/** The same as a board. */
export const sampleBoard = (words: Words = {}): Board => boardOf(sampleFacts(words));
