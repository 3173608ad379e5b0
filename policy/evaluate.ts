import { isStackRule, type Problem, type Rule, type RuleHead, type Subject } from "./model.ts";
import { covers, isExpired, isFor, suppressionRules, type Suppression } from "./suppressions.ts";

/** A rule that is not kept, where, and what to do about it. */
export interface Finding extends Problem, Omit<RuleHead, "id" | "title"> {
  rule: string;
  /** The resource; the stack itself for what is wrong with a suppression. */
  urn: string;
}

/** Judges resources as they come, and remembers which suppressions were needed. */
export interface Judge {
  /** What one resource violates by itself. */
  resource(rule: Rule, subject: Subject): Finding[];
  /** What the resources of a stack violate together. */
  stack(rule: Rule, subjects: readonly Subject[]): Finding[];
  /** What is wrong with the suppressions of the stack, after all of its resources. */
  suppressions(head: RuleHead, stack: { name: string; urn: string }, complete: boolean): Finding[];
}

const finding = ({ id, level, why, fix }: RuleHead, urn: string, { property, message }: Problem): Finding => ({
  ...{ rule: id, level, urn, property, message, why, fix },
});

/** A judge with these suppressions; `now` decides which of them have ended. */
export function judgeWith(entries: readonly Suppression[], now: Date): Judge {
  const used = new Set<string>();
  const key = (entry: Suppression, stack: string) => `${entries.indexOf(entry)} ${stack}`;
  const suppressed = (found: { rule: string; name: string; stack: string }): boolean => {
    const matching = entries.filter((entry) => covers(entry, found));
    for (const entry of matching) used.add(key(entry, found.stack));
    return matching.some((entry) => !isExpired(entry, now));
  };
  // A pattern of stacks says "wherever it is there"; a name says that it is there.
  const isUnused = (entry: Suppression, stack: string): boolean =>
    entry.stacks.includes(stack) && !used.has(key(entry, stack));
  const kept = (rule: Rule, { name, stack, urn }: Subject, problems: readonly Problem[]): Finding[] =>
    problems.length === 0 || suppressed({ rule: rule.id, name, stack })
      ? []
      : problems.map((problem) => finding(rule, urn, problem));
  return {
    resource: (rule, subject) =>
      isStackRule(rule) || !rule.types.includes(subject.type) ? [] : kept(rule, subject, rule.check(subject)),
    stack(rule, subjects) {
      if (!isStackRule(rule)) return [];
      const problems = rule.checkStack(subjects);
      return subjects.flatMap((subject) =>
        kept(
          rule,
          subject,
          problems.filter(({ urn }) => urn === subject.urn),
        ),
      );
    },
    suppressions: (head, stack, complete) =>
      entries
        .filter((entry) =>
          head.id === "suppression-expired"
            ? isFor(entry, stack.name) && isExpired(entry, now)
            : complete && isUnused(entry, stack.name) && !isExpired(entry, now),
        )
        .map((entry) => finding(head, stack.urn, aboutSuppression(head, entry))),
  };
}

function aboutSuppression({ id }: RuleHead, { rule, resource, until, reason }: Suppression): Problem {
  const what = id === "suppression-expired" ? `ended on ${until} (${reason})` : "suppresses nothing here";
  return { property: "policy/suppressions.yaml", message: `the suppression of ${rule} for ${resource} ${what}` };
}

/** Everything that the resources of one stack violate: what the engine's events would say, without an engine. */
export function evaluate(subjects: readonly Subject[], { rules, suppressions, now, stack }: Evaluation): Finding[] {
  const judge = judgeWith(suppressions, now);
  return [
    ...subjects.flatMap((subject) => rules.flatMap((rule) => judge.resource(rule, subject))),
    ...rules.flatMap((rule) => judge.stack(rule, subjects)),
    ...suppressionRules.flatMap((head) => judge.suppressions(head, stack, true)),
  ];
}

/** What `evaluate` judges by. */
export interface Evaluation {
  rules: readonly Rule[];
  suppressions: readonly Suppression[];
  now: Date;
  stack: { name: string; urn: string };
}
