import assert from "node:assert/strict";
import { join } from "node:path";
import program from "../../index.ts";
import { heads, rules } from "../../policy/catalog.ts";
import { evaluate, type Finding } from "../../policy/evaluate.ts";
import type { Subject } from "../../policy/model.ts";
import { readSuppressions } from "../../policy/suppressions.ts";
import { run } from "../support/harness.ts";
import { siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig, stackNames } from "../support/stack-files.ts";
import { subjectsOf } from "./subjects.ts";

/** A day on which the suppressions of this repository hold, so that this test does not depend on the day it runs. */
const now = new Date("2026-12-01T00:00:00Z");
const known = new Set(heads.map(({ id }) => id));
const suppressions = readSuppressions(join(import.meta.dirname, "../../policy/suppressions.yaml"), now, known);

/** ARNs that rules ask for and the mocks do not make up. */
const outputs = {
  "aws:cloudwatch/eventRule:EventRule": (name: string) => ({ arn: `arn:aws:events:::rule/${name}` }),
  "aws:iam/policy:Policy": (name: string) => ({ arn: `arn:aws:iam::111111111111:policy/${name}` }),
};

const runs = new Map<string, Promise<Subject[]>>();

async function registerAll(stack: string): Promise<Subject[]> {
  const { resources } = await run(program, { stack, config: stackConfig(stack), stacks: siblingStacks, outputs });
  return subjectsOf(stack, resources);
}

/** Nothing in a finished run changes any more: one for all tests. */
function registered(stack: string): Promise<Subject[]> {
  const known = runs.get(stack) ?? registerAll(stack);
  runs.set(stack, known);
  return known;
}

const judged = (stack: string, subjects: readonly Subject[], list = suppressions): Finding[] =>
  evaluate(subjects, { rules, suppressions: list, now, stack: { name: stack, urn: stack } });

describe("the program under the policy pack", function () {
  this.timeout(60_000);

  for (const stack of stackNames)
    it(`keeps to every rule on Pulumi.${stack}.yaml, with suppressions that are all needed`, async () => {
      assert.deepEqual(judged(stack, await registered(stack)), []);
    });

  it("needs its suppressions in production, and no others", async () => {
    const found = judged("prod", await registered("prod"), []);
    assert.deepEqual([...new Set(found.map(({ rule }) => rule))].sort(), [
      "apigateway-authorised",
      "atlas-processor-dead-letters",
      "iam-wildcard-action",
      "iam-wildcard-resource",
      "s3-encrypted",
    ]);
  });

  it("does not keep to the rules any more when a protection is taken away", async () => {
    const broken = (await registered("prod")).map((subject) =>
      subject.name === "data-lake-raw-bucket" ? { ...subject, protect: false } : subject,
    );
    assert.deepEqual(
      judged("prod", broken).map(({ rule, property }) => [rule, property]),
      [["protect-stateful", "protect"]],
    );
  });
});
