import { join } from "node:path";
import { PolicyPack, type PolicyResource, type ResourceValidationArgs, validateResourceOfType } from "@pulumi/policy";
import { heads, rules } from "./catalog.ts";
import { judgeWith, type Finding } from "./evaluate.ts";
import { messageOf } from "./message.ts";
import { isStackRule, type ResourceRule, type Subject } from "./model.ts";
import { subjectOf, stackOfUrn } from "./subject.ts";
import { readSuppressions, suppressionRules } from "./suppressions.ts";

const now = new Date();
const known = new Set(heads.map(({ id }) => id));
const judge = judgeWith(readSuppressions(join(import.meta.dirname, "suppressions.yaml"), now, known), now);
/** With `--target` most of a stack is not looked at, and a suppression may be needed by what is not. */
const complete = !process.env["SLIPWAY_POLICY_PARTIAL"];

type Report = (message: string, urn?: string) => void;

const tell = (report: Report, findings: readonly Finding[]): void => {
  for (const finding of findings) report(messageOf(finding), finding.urn);
};

function subjectsOf(resources: readonly PolicyResource[]): Subject[] {
  return resources.map((resource) => {
    const named = [...resource.dependencies, ...Object.values(resource.propertyDependencies).flat()];
    return subjectOf(resource, [...new Set(named.map(({ urn }) => urn))]);
  });
}

function stackOf(resources: readonly PolicyResource[]): { name: string; urn: string } {
  const urn = (resources.find(({ type }) => type === "pulumi:pulumi:Stack") ?? resources[0])?.urn ?? "";
  return { name: stackOfUrn(urn), urn };
}

/** The SDK decodes a resource anew for each rule that it does not know the one type of. */
function validations(rule: ResourceRule) {
  const validate = (args: ResourceValidationArgs, report: Report) => {
    if (rule.types.includes(args.type)) tell(report, judge.resource(rule, subjectOf(args)));
  };
  const [only, ...others] = rule.types;
  if (only === undefined || others.length > 0) return validate;
  const resourceClass = { __pulumiType: only } as unknown as Parameters<typeof validateResourceOfType>[0];
  return validateResourceOfType(resourceClass, (_props, args, report) => validate(args, report));
}

new PolicyPack("slipway", {
  policies: [
    ...rules.map((rule) => {
      const head = { name: rule.id, description: rule.title, enforcementLevel: rule.level };
      return isStackRule(rule)
        ? {
            ...head,
            validateStack: ({ resources }: { resources: PolicyResource[] }, report: Report) =>
              tell(report, judge.stack(rule, subjectsOf(resources))),
          }
        : { ...head, validateResource: validations(rule) };
    }),
    ...suppressionRules.map((head) => ({
      ...{ name: head.id, description: head.title, enforcementLevel: head.level },
      validateStack: ({ resources }: { resources: PolicyResource[] }, report: Report) =>
        tell(report, resources.length === 0 ? [] : judge.suppressions(head, stackOf(resources), complete)),
    })),
  ],
});
