import assert from "node:assert/strict";
import { ExitCode } from "../../automation/errors.ts";
import {
  decideGates,
  exitCodeOf,
  PROMOTION_GATES,
  refusals,
  type GateFacts,
} from "../../automation/promotion/gates.ts";
import { cases, inProd, upstream, windowed } from "./gate-cases.ts";
import { frozen, good, HOUR, noon, promoted, verified, type Happening } from "./gate-facts.ts";

describe("promotion gates", () => {
  for (const [what, facts, refused, code, reason, next] of cases) {
    it(`refuse with ${refused.join(", ") || "nothing"} when ${what}`, () => {
      const decisions = decideGates(facts);
      assert.deepEqual(
        decisions.map((decision) => decision.gate),
        PROMOTION_GATES.map(({ name }) => name),
      );
      const refusing = refusals(decisions);
      assert.deepEqual(
        refusing.map((decision) => decision.gate),
        refused,
      );
      assert.equal(exitCodeOf(decisions), code);
      if (reason !== undefined) assert.match(refusing[0]?.reason ?? "", reason);
      if (next !== undefined) assert.match(refusing[0]?.next ?? "", next);
      assert.ok(decisions.every((decision) => decision.reason !== ""));
    });
  }

  it("ends with the code of the gate that a person clears first", () => {
    const frozenAndClosed = { ...good, environment: windowed, records: inProd([1, frozen("x")]) };
    assert.equal(exitCodeOf(decideGates(frozenAndClosed)), ExitCode.outsideWindow);
    assert.equal(exitCodeOf(decideGates({ ...frozenAndClosed, upstream: upstream() })), ExitCode.gateRefused);
    assert.equal(exitCodeOf(decideGates({ ...frozenAndClosed, dirtyFiles: ["a"] })), ExitCode.usage);
  });

  it("shows the first changed files, quoted, and counts the rest", () => {
    const [decision] = decideGates({ ...good, dirtyFiles: ["a\nb", "c", "d", "e", "f"] });
    assert.equal(decision?.reason, 'the checkout has changes that no commit holds: "a\\nb", "c", "d" and 2 more');
  });

  it("decide over long ledgers in far less than 200 ms", () => {
    const entries = Array.from({ length: 4000 }, (_, at): Happening => {
      const n = at % 3 === 0 ? 7 : at % 50;
      return [4000 - at, at % 2 === 0 ? promoted(n) : verified(n)];
    });
    const facts: GateFacts = {
      ...good,
      now: new Date(noon.getTime() + HOUR),
      environment: { ...windowed, soak: HOUR, approvals: { count: 2, notSelf: true } },
      records: inProd(...entries),
      upstream: upstream(...entries),
    };
    decideGates(facts);
    const runs = Array.from({ length: 9 }, () => {
      const started = performance.now();
      decideGates(facts);
      return performance.now() - started;
    });
    const median = runs.sort((a, b) => a - b)[4] ?? Number.POSITIVE_INFINITY;
    assert.ok(median < 200, `${median} ms`);
  });
});
