import assert from "node:assert/strict";
import type { EnvironmentPolicy } from "../../config/promotion.ts";
import { affectedFacts } from "../../automation/preview/ground.ts";
import { promotionOf, type PromotionFacts } from "../../automation/preview/promotion.ts";
import { policyFindings, sourceLine } from "../../automation/preview/stack.ts";
import type { LedgerRecord } from "../../automation/promotion/ledger-records.ts";

const commit = "c".repeat(40);
const release = { id: "1".repeat(64), commit, createdAt: "2026-03-01T00:00:00.000Z" } as PromotionFacts["release"];
const now = new Date("2026-03-01T12:00:00Z");
const staging: EnvironmentPolicy = {
  name: "staging",
  tags: ["staging"],
  upstream: "dev",
  verify: true,
  rollbackOnFailure: true,
};
const prod: EnvironmentPolicy = {
  ...{ name: "prod", tags: ["prod"], upstream: "staging", verify: true, rollbackOnFailure: true },
  ...{ soak: 4 * 3_600_000, approvals: { count: 2, notSelf: false } },
  windows: [{ days: ["mon"], from: "22:00", to: "23:00", timeZone: "UTC" }],
};
const record = (sequence: number, at: string, more: object) =>
  ({
    sequence,
    at,
    by: "Ada <ada@example.com>",
    environment: "x",
    release: release?.id,
    commit,
    ...more,
  }) as unknown as LedgerRecord;

describe("where a release stands on its way", () => {
  const facts = (more: Partial<PromotionFacts>): PromotionFacts => ({
    ...{
      environment: prod,
      environments: [staging, prod],
      ledgers: new Map(),
      commit,
      author: undefined,
      release,
      now,
    },
    ...more,
  });
  const ledgers = new Map([
    [
      "staging",
      [
        record(1, "2026-03-01T09:00:00.000Z", { kind: "promoted", verb: "promote", changes: {}, seconds: 1 }),
        record(2, "2026-03-01T09:01:00.000Z", { kind: "verified", checks: [], seconds: 1 }),
      ],
    ],
    [
      "prod",
      [
        record(1, "2026-03-01T10:00:00.000Z", { kind: "approved", upstreamSequence: 2 }),
        record(2, "2026-03-01T11:00:00.000Z", { kind: "frozen", active: true, reason: "holidays" }),
      ],
    ],
  ]);

  it("says everything that it still waits for, and what to type", () => {
    assert.deepEqual(promotionOf(facts({ ledgers })), {
      ...{ release: release?.id, verifiedIn: ["staging"], upstream: "staging" },
      soak: { askedSeconds: 14_400, leftSeconds: 3600 },
      window: { open: false, opens: "2026-03-02T22:00:00.000Z" },
      ...{ frozen: "holidays", approvals: { given: 1, asked: 2 } },
      next: `./slipway promote prod --commit ${commit}`,
    });
  });

  it("says to build a release where there is none", () => {
    const { next, verifiedIn, soak } = promotionOf(facts({ ledgers, release: undefined }));
    assert.deepEqual([next, verifiedIn, soak], [`./slipway build --commit ${commit}`, [], undefined]);
  });
});

describe("what a failed preview names", () => {
  const table: [text: string | undefined, line: string | undefined][] = [
    ["Error: no\n    at lake (file:///home/a/co/components/data/lake.ts:12:5)", "components/data/lake.ts:12"],
    ["at x (/home/a/co/node_modules/y/z.js:1:1)\nat y (/home/a/co/index.ts:7:1)", "index.ts:7"],
    ["Pulumi.dev.yaml:3: wrong", "Pulumi.dev.yaml:3"],
    ["at /elsewhere/secret.ts:3", undefined],
    ["nothing", undefined],
    [undefined, undefined],
  ];
  for (const [text, line] of table)
    it(`is ${line ?? "no line"} in ${JSON.stringify(text)}`, () =>
      assert.equal(sourceLine([text], "/home/a/co"), line));
});

describe("findings of policies", () => {
  it("are kept once each, with their level", () => {
    const event = {
      policyName: "tls",
      policyPackName: "slipway",
      enforcementLevel: "mandatory",
      message: " no TLS ",
      resourceUrn: "urn:a",
    };
    const found = policyFindings([event, event, { ...event, enforcementLevel: "advisory", resourceUrn: "" }]);
    assert.deepEqual(found, [
      { policy: "tls", level: "mandatory", resource: "urn:a", message: "no TLS" },
      { policy: "tls", level: "advisory", message: "no TLS" },
    ]);
  });
});

describe("why stacks are affected", () => {
  it("goes from file over unit to stack, direct reasons first, and says what is left out and why", () => {
    const unit = (name: string, direct: boolean, stacks: string[]) => ({
      ...{ unit: name, direct, stacks, files: 1, needs: [], wave: 0 },
      reason: [
        { kind: "file" as const, path: `${name}/x.py`, pattern: `${name}/**`, line: 1 },
        { kind: "unit" as const, unit: name },
      ],
    });
    const comparison = {
      ...{ head: commit, bases: ["b"], why: "main", next: undefined },
      ...{ everything: false, uncommitted: false, changed: 2 },
    };
    const units = [unit("model", false, ["dev", "prod"]), unit("data", true, ["dev"])];
    const report = { comparison, environment: undefined, units, stacks: ["dev", "prod"], elsewhere: [] };
    const facts = affectedFacts(report, ["dev", "operations", "prod"], ["dev"]);
    assert.deepEqual(facts.stacks, [
      {
        stack: "dev",
        reasons: [
          ["data/x.py", "data", "dev"],
          ["model/x.py", "model", "dev"],
        ],
        more: 0,
      },
    ]);
    assert.deepEqual(facts.skipped, [
      { stack: "operations", reason: "not affected" },
      { stack: "prod", reason: "not asked for" },
    ]);
    assert.deepEqual(facts.files, [{ path: "data/x.py", stacks: ["dev"] }]);
  });
});
