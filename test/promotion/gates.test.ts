import assert from "node:assert/strict";
import { decideGates, refusals } from "../../automation/promotion/gates.ts";
import type { GateFacts } from "../../automation/promotion/gates.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import { noArtifacts } from "../../automation/release/manifest.ts";
import { commitOf, releaseOf } from "./entries.ts";

const at = new Date(0);
const commit = commitOf(7);
const release = {
  schema: 1,
  id: releaseOf(7),
  commit,
  tree: commitOf(1),
  program: "sha256:0",
  artifacts: noArtifacts(),
  createdAt: "",
} as const;
const dev = { name: "dev", tags: [], verify: true, rollbackOnFailure: false };
const staging = { name: "staging", tags: ["staging"], upstream: "dev", verify: true, rollbackOnFailure: true };
const prod = { name: "prod", tags: ["prod", "production"], upstream: "staging", verify: true, rollbackOnFailure: true };
const verifiedBy = (number: number) => [
  nextRecord(
    "staging",
    undefined,
    { kind: "verified", by: "ada", release: releaseOf(number), seconds: 1, checks: [] },
    at,
  ),
];
const good: GateFacts = {
  environment: prod,
  commit,
  release,
  dirtyFiles: [],
  upstream: { policy: staging, records: verifiedBy(7) },
};

describe("promotion gates", () => {
  const cases: [string, GateFacts, string[]][] = [
    ["all is well", good, []],
    ["the first environment", { ...good, environment: dev, upstream: undefined }, []],
    ["no release", { ...good, release: undefined }, ["release", "lineage"]],
    ["changed files", { ...good, dirtyFiles: ["a"] }, ["clean-tree"]],
    ["upstream never verified anything", { ...good, upstream: { policy: staging, records: [] } }, ["lineage"]],
    [
      "upstream verified another release",
      { ...good, upstream: { policy: staging, records: verifiedBy(8) } },
      ["lineage"],
    ],
    ["upstream unknown", { ...good, upstream: undefined }, ["lineage"]],
    ["the wrong upstream", { ...good, upstream: { policy: dev, records: verifiedBy(7) } }, ["lineage"]],
    [
      "everything wrong",
      { ...good, release: undefined, dirtyFiles: ["a"], upstream: undefined },
      ["clean-tree", "release", "lineage"],
    ],
  ];
  for (const [what, facts, expected] of cases) {
    it(`refuses with ${expected.join(", ") || "nothing"} when ${what}`, () => {
      const decisions = decideGates(facts);
      assert.deepEqual(
        decisions.map((decision) => decision.gate),
        ["clean-tree", "release", "lineage"],
      );
      assert.deepEqual(
        refusals(decisions).map((decision) => decision.gate),
        expected,
      );
    });
  }

  it("names the step that is missing", () => {
    const nextOf = (facts: GateFacts): (string | undefined)[] =>
      refusals(decideGates(facts)).map((decision) => decision.next);
    assert.deepEqual(nextOf({ ...good, upstream: { policy: staging, records: [] } }), [
      `slipway promote staging --commit ${commit}`,
    ]);
    assert.deepEqual(nextOf({ ...good, environment: staging, upstream: { policy: dev, records: [] } }), [
      "slipway up dev",
    ]);
    assert.deepEqual(nextOf({ ...good, environment: dev, release: undefined }), [`slipway build --commit ${commit}`]);
  });

  it("shows the first changed files, quoted, and counts the rest", () => {
    const [decision] = decideGates({ ...good, dirtyFiles: ["a\nb", "c", "d", "e", "f"] });
    assert.equal(decision?.reason, 'the checkout has changes that no commit holds: "a\\nb", "c", "d" and 2 more');
  });
});
