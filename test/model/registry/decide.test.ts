import assert from "node:assert/strict";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import type { Status } from "../../../automation/model/registry/documents.ts";
import { decisionFor, type Wish } from "../../../automation/model/registry/registry.ts";
import { versionWith } from "./registry-lab.ts";

const at = new Date("2026-01-02T03:04:05Z");
const decide = (status: Status, r2: number, wish: Wish) =>
  decisionFor(versionWith({ version: 3, status, metrics: { r2 } }), wish, "Tester", at, "registry");

describe("a decision about a version", () => {
  const made: [name: string, status: Status, r2: number, wish: Wish, expected: object | undefined][] = [
    [
      "approves a candidate",
      "PendingManualApproval",
      0.8,
      { status: "Approved" },
      { status: "Approved", override: false },
    ],
    [
      "keeps the reason",
      "PendingManualApproval",
      0.8,
      { status: "Approved", reason: "seen" },
      { status: "Approved", reason: "seen", override: false },
    ],
    ["changes nothing where it is so", "Approved", 0.8, { status: "Approved" }, undefined],
    [
      "rejects what serves",
      "Approved",
      0.8,
      { status: "Rejected", reason: "slow" },
      { status: "Rejected", reason: "slow", override: false },
    ],
    [
      "overrides a threshold",
      "Rejected",
      0.2,
      { status: "Approved", override: "a test" },
      { status: "Approved", reason: "a test", override: true },
    ],
    [
      "overrides an earlier no",
      "Rejected",
      0.8,
      { status: "Approved", override: "mended" },
      { status: "Approved", reason: "mended", override: true },
    ],
    [
      "needs no override that is given",
      "PendingManualApproval",
      0.8,
      { status: "Approved", override: "x" },
      { status: "Approved", reason: "x", override: false },
    ],
  ];
  for (const [name, status, r2, wish, expected] of made)
    it(name, () => {
      const common = { by: "Tester", at: at.toISOString() };
      assert.deepEqual(decide(status, r2, wish), expected && { ...common, ...expected });
    });

  const refused: [name: string, status: Status, r2: number, problem: RegExp][] = [
    ["a version below its threshold", "Rejected", 0.2, /its r2 is 0\.2, and has to be at least 0\.6/],
    ["one that waits, and is below it", "PendingManualApproval", 0.2, /its r2 is 0\.2/],
    ["one that was rejected", "Rejected", 0.8, /Version 3 cannot be approved: it was rejected/],
  ];
  for (const [name, status, r2, problem] of refused)
    it(`does not approve ${name}`, () => {
      assert.throws(
        () => decide(status, r2, { status: "Approved", reason: "please" }),
        (error) => {
          assert.ok(error instanceof SlipwayError);
          assert.equal(error.code, ExitCode.gateRefused);
          assert.match(error.next ?? "", /model approve 3 --override/);
          return problem.test(error.message);
        },
      );
    });

  it("does not approve what was never measured by its metric", () => {
    const version = versionWith({ metrics: { rmse: 1 } });
    const wish: Wish = { status: "Approved" };
    assert.throws(() => decisionFor({ ...version, status: "Rejected" }, wish, "T", at, "r"), /its r2 is not known/);
  });
});
