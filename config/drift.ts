import { parseDocument } from "yaml";
import { z } from "zod";
import { parseWith, problemsError } from "./problems.ts";

const rule = z.strictObject({
  type: z
    .string({ error: "a type token, * for any part of it, e.g. aws:eks/*" })
    .regex(/^[\w*.-]+:[\w*./:-]+$|^\*$/, { error: "a type token, * for any part of it, e.g. aws:eks/*" }),
  property: z
    .string({ error: "a property path, * for one step, e.g. tags.*" })
    .regex(/^(?:[^.*\s]+|\*)(?:\.(?:[^.*\s]+|\*))*$/, { error: "a property path, * for one step, e.g. tags.*" }),
  reason: z.string({ error: "why it is no drift" }).trim().min(8, { error: "why it is no drift" }),
});

const schema = z.strictObject({ ignore: z.array(rule, { error: "a list of rules, [] for none" }) });

/** A property that others may change: it and everything below it is no drift. */
export interface IgnoreRule {
  type: string;
  property: string;
  reason: string;
}

/**
 * Ignore rules from their YAML text.
 * @throws SlipwayError (usage) that lists every problem, a rule that is there twice included.
 */
export function parseIgnoreRules(yamlText: string, file = "config/drift.yaml"): IgnoreRule[] {
  const document = parseDocument(yamlText);
  if (document.errors.length > 0)
    throw problemsError(
      file,
      document.errors.map(({ message }) => message.split("\n")[0] ?? "not YAML"),
    );
  const { ignore } = parseWith(schema, document.toJS(), { file });
  const keys = ignore.map(({ type, property }) => `${type} ${property}`);
  const twice = keys.flatMap((key, index) =>
    keys.indexOf(key) === index ? [] : [`ignore[${index}]: got ${key}, expected a rule that is not there yet.`],
  );
  if (twice.length > 0) throw problemsError(file, twice);
  return ignore;
}

/** The first rule that covers a property of a type; the path's steps are names and indices. */
export function ignoredBy(rules: readonly IgnoreRule[], type: string, path: readonly string[]): IgnoreRule | undefined {
  return rules.find((one) => typePattern(one.type).test(type) && covers(one.property.split("."), path));
}

const covers = (steps: readonly string[], path: readonly string[]): boolean =>
  steps.length <= path.length && steps.every((step, index) => step === "*" || step === path[index]);

const typePattern = (glob: string): RegExp =>
  new RegExp(`^${glob.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
