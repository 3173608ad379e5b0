import assert from "node:assert/strict";
import { SlipwayError } from "../../../automation/errors.ts";
import { decideGates, exitCodeOf, refusals, type GateFacts } from "../../../automation/promotion/gates.ts";
import {
  applyOverride,
  checkOverride,
  isSubstantial,
  overriddenGates,
  overrideOf,
} from "../../../automation/promotion/gates/override.ts";
import type { LedgerEntry } from "../../../automation/promotion/ledger-records.ts";
import { releaseOf } from "../entries.ts";
import { frozen, good, ledger, promoted, verified } from "../gate-facts.ts";

const reason = "checkout is down, INC-42";
const refusing: GateFacts = {
  ...good,
  upstream: undefined,
  dirtyFiles: ["a"],
  records: ledger("prod", [[1, frozen("year end")]]),
};

describe("override", () => {
  const reasons: [string, boolean][] = [
    ["", false],
    ["   ", false],
    ["urgent", false],
    ["aaaaaaaaaaaaaaaa", false],
    ["x x x x x x x x x", false],
    ["... ... ... ...", false],
    ["please please please", false],
    ["hotfix for the outage of checkout", true],
    ["INC-42: checkout ist kaputt", true],
    ["支付服务 中断，需要立即修复 事故四二", true],
  ];
  for (const [text, enough] of reasons)
    it(`${enough ? "takes" : "does not take"} ${JSON.stringify(text)} for a reason`, () => {
      assert.equal(isSubstantial(text), enough);
    });

  const wrong: [string[] | undefined, string, RegExp][] = [
    [undefined, "because", /expected a reason/],
    [["lineag"], reason, /no gate "lineag"\. Did you mean lineage\?/],
    [["lineage", "clean-tree"], reason, /nobody may override clean-tree/],
    [["release"], reason, /nobody may override release/],
    [["version-tag"], reason, /nobody may override version-tag/],
  ];
  for (const [gates, text, message] of wrong)
    it(`refuses ${JSON.stringify(gates ?? text)}`, () => {
      const request = { reason: text, ...(gates === undefined ? {} : { gates }) };
      assert.throws(
        () => checkOverride(request),
        (error) => error instanceof SlipwayError && error.code === 2 && message.test(error.message),
      );
    });

  it("passes every gate that refuses and may be passed", () => {
    checkOverride({ reason });
    const decisions = applyOverride(decideGates(refusing), { reason });
    assert.deepEqual(overriddenGates(decisions), ["lineage", "freeze"]);
    assert.deepEqual(
      refusals(decisions).map(({ gate }) => gate),
      ["clean-tree"],
    );
    assert.equal(exitCodeOf(decisions), 2);
  });

  it("passes those that it names and no others, and never one that passes by itself", () => {
    const decisions = applyOverride(decideGates({ ...refusing, dirtyFiles: [] }), {
      reason,
      gates: ["freeze", "window"],
    });
    assert.deepEqual(overriddenGates(decisions), ["freeze"]);
    assert.equal(exitCodeOf(decisions), 23);
  });

  it("changes nothing where nobody asks for it", () => {
    const decisions = decideGates(refusing);
    assert.deepEqual(applyOverride(decisions, undefined), decisions);
  });

  it("is told with what came by it, and not with what came later", () => {
    const entry: LedgerEntry = { kind: "overridden", by: "ada", release: releaseOf(2), gates: ["soak"], reason };
    const records = ledger("prod", [
      [5, promoted(1)],
      [4, entry],
      [3, promoted(2)],
      [2, verified(2)],
      [1, promoted(3)],
    ]);
    assert.deepEqual(overrideOf(records, { release: releaseOf(2), sequence: 3 })?.gates, ["soak"]);
    assert.equal(overrideOf(records, { release: releaseOf(1), sequence: 1 }), undefined);
    assert.equal(overrideOf(records, { release: releaseOf(3), sequence: 5 }), undefined);
  });
});
