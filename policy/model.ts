/** Stands in a preview for what only the update will know. A rule passes it: the update asks again. */
export const UNKNOWN: unique symbol = Symbol("unknown until the update");

/** A resource as a rule sees it. */
export interface Subject {
  urn: string;
  type: string;
  name: string;
  /** Inputs, secrets in clear: a rule tells of rules and names, never of a value that could be one. */
  props: Readonly<Record<string, unknown>>;
  protect: boolean;
  /** Stack of the resource, which is the environment. */
  stack: string;
  /** URNs of resources that it names or waits for; there for rules about the whole stack only. */
  dependsOn: readonly string[];
}

/** `advisory` is worth knowing; `mandatory` stops the run before anything is changed. */
export type Level = "mandatory" | "advisory";

/** What is wrong with one resource. */
export interface Problem {
  /** Path of the input, e.g. `target.deadLetterConfig.arn`. */
  property: string;
  message: string;
}

/** What a rule is for people. */
export interface RuleHead {
  id: string;
  level: Level;
  title: string;
  /** What happens where nobody keeps to it. */
  why: string;
  /** What to type instead. */
  fix: string;
}

/** A rule about one resource at a time. */
export interface ResourceRule extends RuleHead {
  types: readonly string[];
  check(subject: Subject): readonly Problem[];
}

/** A rule about what belongs together. */
export interface StackRule extends RuleHead {
  checkStack(subjects: readonly Subject[]): readonly (Problem & { urn: string })[];
}

export type Rule = ResourceRule | StackRule;

export const isStackRule = (rule: Rule): rule is StackRule => "checkStack" in rule;

/** Stacks whose loss or exposure cannot be shrugged off: production, and the account that every environment reads from. */
export const isGuarded = ({ stack }: Pick<Subject, "stack">): boolean =>
  isProduction({ stack }) || stack === "operations";

export const isProduction = ({ stack }: Pick<Subject, "stack">): boolean => stack === "prod" || stack === "production";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a dotted path; UNKNOWN where the path goes through something unknown. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const part of path.split(".")) {
    if (here === UNKNOWN) return UNKNOWN;
    if (Array.isArray(here)) here = here[Number(part)] as unknown;
    else here = isRecord(here) ? here[part] : undefined;
  }
  return here;
}

/** A list where there is one; empty for anything else, unknown included. */
export const listAt = (value: unknown, path: string): readonly unknown[] => {
  const found = at(value, path);
  return Array.isArray(found) ? (found as unknown[]) : [];
};

/** Whether a switch is on. Some providers take booleans as text. */
export const isOn = (value: unknown): boolean => value === UNKNOWN || value === true || value === "true";

const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

/** A problem for each path that has no value. */
export const missing = (subject: Subject, paths: readonly string[], message: string): Problem[] =>
  paths.filter((path) => !isThere(at(subject.props, path))).map((property) => ({ property, message }));

/** A problem for each path whose value is none of the allowed ones. */
export const unless = (
  subject: Subject,
  path: string,
  allowed: (value: unknown) => boolean,
  message: string,
): Problem[] => {
  const value = at(subject.props, path);
  return value === UNKNOWN || allowed(value) ? [] : [{ property: path, message }];
};
