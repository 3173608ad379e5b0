import assert from "node:assert/strict";
import type { GoLiveFacts } from "../../automation/go-live/facts.ts";
import { goLivePoints } from "../../automation/go-live/points.ts";
import type { LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { commitOf, releaseOf } from "../promotion/entries.ts";

const record = (sequence: number, fields: object): LedgerRecord =>
  ({
    ...{ schema: 1, environment: "prod", sequence, previous: null, at: "2026-05-01T00:00:00.000Z", by: "ada" },
    ...{ hash: "0".repeat(64), release: releaseOf(1), commit: commitOf(1), seconds: 1 },
    ...fields,
  }) as LedgerRecord;
const checks = ["alarm", "http"].map((kind) => ({ name: kind, kind, passed: true, seconds: 1 }));
const promoted = { kind: "promoted", verb: "promote", resources: 3, changes: {} };
const verified = { kind: "verified", checks };
const rolledBack = { kind: "rolled-back", reason: "it was slow", by: "grace" };

const records = [record(1, promoted), record(2, verified)];
const staging = [record(1, promoted), record(2, verified), record(3, rolledBack), record(4, verified)];

const secret = (name: string, days = 1) => ({
  ...{ environment: "prod", name, changedAt: "2026-04-01T00:00:00Z", days, old: days > 90 },
});

/** Everything is as it should be. */
const ready: GoLiveFacts = {
  ...{ environment: "prod", repository: "slipway/slipway", protectedBranch: "main", neededSecrets: ["KEY"] },
  github: {
    exists: { value: true },
    secrets: { value: [secret("KEY", 90), secret("OTHER")] },
    rules: {
      value: [
        { type: "pull_request", checks: [] },
        { type: "non_fast_forward", checks: [] },
        { type: "required_status_checks", checks: ["gate"] },
      ],
    },
    lastRun: { value: { conclusion: "success", at: "2026-05-01T00:00:00Z", url: "https://example.com/1" } },
  },
  ...{ records, everywhere: { staging, prod: records }, told: ["Slack"], pages: { "docs/a.md": true } },
};

const openOf = (facts: GoLiveFacts) =>
  goLivePoints(facts).flatMap(({ state, name, detail, next }) => {
    if (state !== "ok") assert.ok(next, `${name} says what to do`);
    return state === "ok" ? [] : [`${name}: ${detail}`];
  });

const gitHub = (fields: Partial<GoLiveFacts["github"]>): GoLiveFacts => ({
  ...ready,
  github: { ...ready.github, ...fields },
});
const ledger = (...own: LedgerRecord[]): GoLiveFacts => ({ ...ready, records: own });

describe("the ten points before going live", () => {
  it("are ten, and each says what shows it", () => {
    const points = goLivePoints(ready);
    assert.equal(points.length, 10);
    assert.deepEqual(openOf(ready), []);
    for (const { name, detail, next } of points) assert.ok(detail !== "" && next === undefined, name);
  });

  const cases: [title: string, facts: GoLiveFacts, open: string[]][] = [
    [
      "no repository is named",
      { ...ready, repository: undefined },
      ["1. repository: the stack file names no repository"],
    ],
    [
      "there is no such repository",
      gitHub({ exists: { value: false } }),
      ["1. repository: there is no slipway/slipway"],
    ],
    ["a secret is not there", gitHub({ secrets: { value: [secret("OTHER", 99)] } }), ["2. secrets: without KEY"]],
    [
      "secrets were not renewed",
      gitHub({ secrets: { value: [secret("OTHER", 200), secret("KEY", 91)] } }),
      ["2. secrets: too old: OTHER (200 days), KEY (91 days)"],
    ],
    ["nobody may look at secrets", gitHub({ secrets: { problem: "forbidden" } }), ["2. secrets: not known: forbidden"]],
    [
      "main may be rewritten",
      gitHub({ rules: { value: [{ type: "pull_request", checks: [] }] } }),
      ["3. protection of the branch: main lacks required_status_checks, non_fast_forward"],
    ],
    [
      "main asks for no check by name",
      gitHub({
        rules: {
          value: ["pull_request", "non_fast_forward", "required_status_checks"].map((type) => ({ type, checks: [] })),
        },
      }),
      ["3. protection of the branch: main asks for no check"],
    ],
    ["the workflow never ran", gitHub({ lastRun: { value: undefined } }), ["4. workflow: deploy.yml has never ended"]],
    [
      "the workflow failed",
      gitHub({ lastRun: { value: { conclusion: "failure", at: "then", url: "there" } } }),
      ["4. workflow: deploy.yml ended with failure at then: there"],
    ],
    [
      "nothing was deployed",
      ledger(),
      [
        "5. infrastructure: nothing was ever deployed to prod",
        "6. integration: what stands there is unverified",
        "7. monitoring: the last verification looked at no alarm",
      ],
    ],
    [
      "a working tree stands there",
      ledger(
        record(1, { ...promoted, release: undefined, commit: undefined }),
        record(2, { ...verified, release: undefined }),
      ),
      [
        "5. infrastructure: a working tree stands there",
        "6. integration: what stands there is verified",
        "7. monitoring: the last verification looked at no alarm",
      ],
    ],
    [
      "the last verification failed",
      ledger(...records, record(3, { kind: "failed", stage: "verify", error: "no", checks })),
      ["6. integration: what stands there is failed", "7. monitoring: the last verification looked at no alarm"],
    ],
    ["nobody is told", { ...ready, told: [] }, ["7. monitoring: 1 alarms, and nobody is told"]],
    [
      "nobody ever went back",
      { ...ready, everywhere: { staging: [record(1, promoted), record(2, { ...promoted, by: "grace" })] } },
      ["8. rollback: no environment has ever gone back to a release and verified it"],
    ],
    [
      "what came back was not verified",
      { ...ready, everywhere: { staging: [...records, record(3, rolledBack)] } },
      ["8. rollback: no environment has ever gone back to a release and verified it"],
    ],
    ["a page is stale", { ...ready, pages: { "docs/a.md": false } }, ["9. documentation: stale: docs/a.md"]],
    [
      "one person and a robot did it all",
      {
        ...ready,
        everywhere: {
          staging: staging.map((one) => ({ ...one, by: "ada" })),
          prod: [record(1, { ...promoted, by: "deploy[bot]" })],
        },
      },
      ["10. people: only ada has done anything"],
    ],
  ];
  for (const [title, facts, open] of cases)
    it(`are not met where ${title}`, () => assert.deepEqual(openOf(facts), open));
});
