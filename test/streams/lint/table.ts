import assert from "node:assert/strict";
import { type Lab, lintOne, short } from "./lab.ts";

/** A rule, something that it lets pass, something that it finds, and where: the line and the path of its only finding. */
export type RuleCase = [rule: string, good: unknown[] | Lab, bad: unknown[] | Lab, place: [line: number, path: string]];

const lab = (given: unknown[] | Lab): Lab => (Array.isArray(given) ? { pipeline: given } : given);

/** Every row is two checks: the good one has no finding of the rule, the bad one exactly one, exactly there. */
export function checkRules(rows: readonly RuleCase[]): void {
  const seen = new Map<string, number>();
  for (const [rule, good, bad, place] of rows) {
    const number = (seen.get(rule) ?? 0) + 1;
    seen.set(rule, number);
    it(`${rule}${number === 1 ? "" : ` (${number})`}`, () => {
      const of = (given: unknown[] | Lab) => lintOne(lab(given)).filter((finding) => finding.rule === rule);
      assert.deepEqual(short(of(good)), []);
      const found = of(bad);
      assert.deepEqual(short(found), [[rule, ...place]]);
      for (const { message, why, fix } of found) assert.ok(message !== "" && why !== "" && fix !== "");
    });
  }
}
