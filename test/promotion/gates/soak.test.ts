import assert from "node:assert/strict";
import { decideGates } from "../../../automation/promotion/gates.ts";
import { occupancyOf } from "../../../automation/promotion/gates/soak.ts";
import type { LedgerEntry } from "../../../automation/promotion/ledger-records.ts";
import { releaseOf } from "../entries.ts";
import {
  approved,
  destroyed,
  failed,
  frozen,
  good,
  HOUR,
  ledger,
  noon,
  prod,
  promoted,
  rolledBack,
  staging,
  verified,
  type Happening,
} from "../gate-facts.ts";

const cut = (n: number, verb: string): LedgerEntry => ({
  kind: "interrupted",
  by: "ada",
  verb,
  release: releaseOf(n),
  host: "h",
  startedAt: noon.toISOString(),
});

/** Longest and current stay of release 7, in hours. */
const stays: [what: string, happenings: Happening[], longest: number, current: number | undefined][] = [
  ["nothing happened", [], 0, undefined],
  ["it stands for three hours", [[3, promoted(7)]], 3, 3],
  [
    "it stood for two and left",
    [
      [5, promoted(7)],
      [3, promoted(8)],
    ],
    2,
    undefined,
  ],
  [
    "the stay that goes on is the shorter one",
    [
      [9, promoted(7)],
      [4, promoted(8)],
      [1, promoted(7)],
    ],
    5,
    1,
  ],
  [
    "stays are not added up",
    [
      [6, promoted(7)],
      [4, promoted(8)],
      [2, promoted(7)],
    ],
    2,
    2,
  ],
  [
    "it was deployed again on top of itself",
    [
      [6, promoted(7)],
      [4, promoted(7)],
    ],
    6,
    6,
  ],
  [
    "the environment was rolled back",
    [
      [6, promoted(7)],
      [5, rolledBack(3, 7)],
    ],
    1,
    undefined,
  ],
  [
    "the environment was rolled back to it",
    [
      [6, promoted(8)],
      [5, rolledBack(7, 8)],
    ],
    5,
    5,
  ],
  [
    "the environment was destroyed",
    [
      [6, promoted(7)],
      [5, destroyed],
    ],
    1,
    undefined,
  ],
  [
    "a deployment of another one failed half way",
    [
      [6, promoted(7)],
      [5, failed(8, "deploy")],
    ],
    1,
    undefined,
  ],
  [
    "its own redeployment failed half way",
    [
      [6, promoted(7)],
      [5, failed(7, "deploy")],
    ],
    1,
    undefined,
  ],
  [
    "its redeployment failed and was repeated",
    [
      [6, promoted(7)],
      [5, failed(7, "deploy")],
      [4, promoted(7)],
    ],
    4,
    4,
  ],
  [
    "a deployment was interrupted",
    [
      [6, promoted(7)],
      [5, cut(8, "promote")],
    ],
    1,
    undefined,
  ],
  [
    "a verification was interrupted",
    [
      [6, promoted(7)],
      [5, cut(7, "verify")],
    ],
    6,
    6,
  ],
  [
    "verification failed, which changes nothing",
    [
      [6, promoted(7)],
      [5, failed(7)],
    ],
    6,
    6,
  ],
  [
    "records that move nothing came between",
    [
      [6, promoted(7)],
      [5, verified(7)],
      [4, frozen("x")],
      [3, approved("bo")],
    ],
    6,
    6,
  ],
  [
    "the clock stood at the past when it came",
    [
      [3, verified(6)],
      [90, promoted(7)],
    ],
    3,
    3,
  ],
  ["the clock stood at the future when it came", [[-5, promoted(7)]], 0, 0],
  [
    "the clock went ahead when it left, and back again",
    [
      [4, promoted(7)],
      [-50, promoted(8)],
      [3, verified(8)],
    ],
    1,
    undefined,
  ],
  [
    "the clock went back when it left",
    [
      [4, promoted(7)],
      [90, promoted(8)],
    ],
    0,
    undefined,
  ],
];

describe("soak", () => {
  for (const [what, happenings, longest, current] of stays) {
    it(`counts the longest stay without a break when ${what}`, () => {
      const occupancy = occupancyOf(ledger("staging", happenings), releaseOf(7), noon);
      assert.deepEqual(occupancy, {
        longest: longest * HOUR,
        current: current === undefined ? undefined : current * HOUR,
      });
    });
  }

  it("counts nothing from before the release was made", () => {
    const records = ledger("staging", [[90, promoted(7)]]);
    const madeAt = new Date(noon.getTime() - HOUR).toISOString();
    assert.equal(occupancyOf(records, releaseOf(7), noon, madeAt).longest, HOUR);
  });

  const decide = (asked: number, happenings: Happening[]) => {
    const upstream = { policy: staging, records: ledger("staging", happenings) };
    const environment = { ...prod, soak: asked * HOUR };
    return decideGates({ ...good, environment, upstream }).find(({ gate }) => gate === "soak");
  };

  it("passes at the very moment, and says before when that is", () => {
    assert.equal(decide(2, [[2, promoted(7)]])?.verdict, "pass");
    const short = decide(2, [[1.5, promoted(7)]]);
    assert.equal(short?.verdict, "refuse");
    assert.match(short.reason, /stood in staging for 1 h 30 min without a break, and 2 h 0 min are asked for/);
    assert.equal(short.next, "wait until 2026-06-15T12:30:00.000Z, then run the same command again");
  });

  it("says how to begin again where the release has left", () => {
    const left = decide(2, [
      [3, promoted(7)],
      [2, promoted(8)],
    ]);
    assert.match(left?.reason ?? "", /does not stand there now/);
    assert.match(left?.next ?? "", /^slipway promote staging --commit/);
  });
});
