import assert from "node:assert/strict";
import { decideGates, type GateDecision, type GateFacts } from "../../../automation/promotion/gates.ts";
import { personOf } from "../../../automation/promotion/gates/approvals.ts";
import type { ApprovalPolicy } from "../../../config/promotion.ts";
import {
  approved,
  failed,
  good,
  ledger,
  prod,
  promoted,
  rolledBack,
  staging,
  verified,
  type Happening,
} from "../gate-facts.ts";

const plan = "a".repeat(64);
const other = "b".repeat(64);

interface Setting {
  policy?: Partial<ApprovalPolicy>;
  prod: Happening[];
  staging?: Happening[];
  facts?: Partial<GateFacts>;
}

function decide({ policy, prod: happenings, staging: before, facts }: Setting): GateDecision | undefined {
  const environment = { ...prod, approvals: { count: 2, notSelf: true, ...policy } };
  const upstream = { policy: staging, records: ledger("staging", before ?? [[9, verified(7)]]) };
  const records = ledger("prod", happenings);
  return decideGates({ ...good, environment, upstream, records, ...facts }).find(({ gate }) => gate === "approvals");
}

const bo: Happening = [3, approved("bo")];
const cy: Happening = [2, approved("cy")];

/** One who knew this many records of staging. */
const knowing = (records: number): Happening => [90, approved("bo", 7, undefined, records)];

const cases: [what: string, setting: Setting, passes: boolean, reason?: RegExp][] = [
  ["two people", { prod: [bo, cy] }, true, /2 approvals of release .* \(bo, cy\), 2 asked for/],
  ["one person", { prod: [bo] }, false, /^1 approval of/],
  ["one person twice", { prod: [bo, [2, approved("bo")]] }, false],
  [
    "one person under two spellings",
    {
      prod: [
        [3, approved("Bo <bo@example.com>")],
        [2, approved("B. <BO@example.com>")],
      ],
    },
    false,
  ],
  ["one person with GitHub's address", { prod: [bo, [2, approved("Bo <12+Bo@users.noreply.github.com>")]] }, false],
  [
    "people who approved another release",
    {
      prod: [
        [3, approved("bo", 6)],
        [2, approved("cy", 6)],
      ],
    },
    false,
    /^0 approvals/,
  ],
  [
    "the author of the commit",
    { prod: [bo, [2, approved("G <grace@example.com>")]] },
    false,
    /by the author of the commit/,
  ],
  ["the one who promotes", { prod: [bo, [2, approved("ada@example.com")]] }, false, /by the one who promotes/],
  [
    "author and promoter, where they may",
    {
      policy: { notSelf: false },
      prod: [
        [3, approved("grace@example.com")],
        [2, approved("ada@example.com")],
      ],
    },
    true,
  ],
  ["people of the list", { policy: { from: ["Bo", "cy", "di"] }, prod: [bo, cy] }, true],
  [
    "somebody not on the list",
    { policy: { from: ["bo", "di"] }, prod: [bo, cy] },
    false,
    /one by cy does not count: not by one who may approve/,
  ],
  [
    "somebody before it failed here",
    { prod: [bo, [2.5, failed(7)], cy] },
    false,
    /one by bo does not count: older than the release's last failure/,
  ],
  ["everybody after it failed here", { prod: [[4, failed(7)], bo, cy] }, true],
  ["somebody before a deployment of it failed here", { prod: [bo, [2.5, failed(7, "deploy")], cy] }, false],
  ["somebody before it was rolled back from", { prod: [bo, [2.5, rolledBack(5, 7)], cy] }, false],
  ["somebody before another one failed here", { prod: [bo, [2.5, failed(6)], cy] }, true],
  [
    "somebody before it failed upstream",
    {
      prod: [bo, cy],
      staging: [
        [9, verified(7)],
        [2.5, failed(7)],
        [1, verified(7)],
      ],
    },
    false,
  ],
  [
    "somebody before it failed upstream by a clock that was behind",
    {
      prod: [bo, cy],
      staging: [
        [2.5, promoted(7)],
        [90, failed(7)],
        [1, verified(7)],
      ],
    },
    false,
  ],
  [
    "somebody who knew that it had failed upstream",
    {
      prod: [knowing(1), cy],
      staging: [
        [91, failed(7)],
        [9, verified(7)],
      ],
    },
    true,
  ],
  [
    "somebody who could not know yet",
    {
      prod: [knowing(0), cy],
      staging: [
        [91, failed(7)],
        [9, verified(7)],
      ],
    },
    false,
  ],
  ["somebody before it failed, who did so again", { prod: [bo, [2.5, failed(7)], cy, [1, approved("bo")]] }, true],
  [
    "people who saw this plan",
    {
      prod: [
        [3, approved("bo", 7, plan)],
        [2, approved("cy", 7, plan)],
      ],
      facts: { plan },
    },
    true,
    /approvals of plan aaaaaaaaaaaa of release/,
  ],
  [
    "people who saw another plan",
    {
      prod: [
        [3, approved("bo", 7, plan)],
        [2, approved("cy", 7, other)],
      ],
      facts: { plan },
    },
    false,
    /given to another plan/,
  ],
  ["people who saw no plan", { prod: [bo, cy], facts: { plan } }, false, /given to another plan/],
  [
    "people who saw a plan, where none is applied",
    { prod: [[3, approved("bo", 7, plan)], cy] },
    false,
    /given to a saved plan/,
  ],
  ["nobody, where no release exists", { prod: [], facts: { release: undefined } }, false],
];

describe("approvals", () => {
  for (const [what, setting, passes, reason] of cases) {
    it(`${passes ? "count" : "do not count"} from ${what}`, () => {
      const decision = decide(setting);
      assert.equal(decision?.verdict, passes ? "pass" : "refuse");
      if (reason !== undefined) assert.match(decision.reason, reason);
    });
  }

  it("name the command that gives one, with the plan it is for", () => {
    assert.match(decide({ prod: [] })?.next ?? "", /^slipway approve prod --release [0-9a-f]{64}$/);
    assert.match(
      decide({ prod: [], facts: { plan } })?.next ?? "",
      new RegExp(`^slipway approve prod .* --plan ${plan}$`),
    );
  });

  it("know a person by address or login", () => {
    const people = [
      "Ada <ADA@example.com>",
      " ada@example.com ",
      "Ada",
      "1+Ada@users.noreply.github.com",
      "A <ada@users.noreply.github.com>",
    ];
    assert.deepEqual(people.map(personOf), ["ada@example.com", "ada@example.com", "ada", "ada", "ada"]);
  });
});
