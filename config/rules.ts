import { z } from "zod";

/** A string that one pattern describes; whatever is wrong with it, the message is the rule. */
export function text(pattern: RegExp, rule: string) {
  return z.string({ error: rule }).regex(pattern, { error: rule });
}

/** An object whose unknown keys are errors; the rule says what belongs there. */
export function group<T extends z.ZodRawShape>(rule: string, shape: T) {
  // Unknown keys keep zod's own issue, from which the hint is made; everything else gets the rule.
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : rule) });
}

/** A whole number within bounds, both included. */
export function whole(min: number, max: number) {
  const rule = `a whole number from ${min} to ${max}`;
  return z.number({ error: rule }).int({ error: rule }).min(min, { error: rule }).max(max, { error: rule });
}

/** One of the words given. */
export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `one of ${values.join(", ")}` });
}

/** Yes or no. */
export const flag = z.boolean({ error: "true or false" });
