import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../automation/errors.ts";
import type { RuleHead } from "./model.ts";

/** Longest time for which a rule may be set aside; whoever still needs it then says so again. */
const LONGEST_DAYS = 366;
const DAY_MS = 24 * 60 * 60_000;

const day = z.iso.date("a day, e.g. 2027-03-31");
const suppression = z.strictObject({
  rule: z.string().min(1),
  /** Name of the resource; `*` stands for any text. */
  resource: z.string().min(1),
  /** Names of stacks, or patterns of them. */
  stacks: z.array(z.string().min(1)).min(1),
  reason: z.string().trim().min(20, "a reason that a person can follow later, at least 20 characters"),
  /** Last day on which it counts. */
  until: day,
});
const file = z.strictObject({ suppressions: z.array(suppression) });

/** A rule that is set aside for some resources, for a time. */
export type Suppression = z.infer<typeof suppression>;

/** What suppressions themselves have to keep to. */
export const suppressionRules: readonly RuleHead[] = [
  {
    id: "suppression-expired",
    level: "mandatory",
    title: "suppressions end",
    why: "what was set aside for a reason is set aside for ever when nobody asks whether the reason is still there",
    fix: "mend what it is about and remove it, or give it a new end with a reason that holds today",
  },
  {
    id: "suppression-unused",
    level: "mandatory",
    title: "no suppression without something to suppress",
    why: "it would let the next resource of that name pass, which nobody has looked at",
    fix: "remove it, or the stack in which it is not needed, from policy/suppressions.yaml",
  },
];

/**
 * Reads suppressions.
 * @throws SlipwayError (usage) that names every entry that is wrong.
 */
export function parseSuppressions(text: string, where: string, now: Date, known: ReadonlySet<string>): Suppression[] {
  const parsed = file.safeParse(parse(text) ?? {});
  const problems = parsed.success
    ? parsed.data.suppressions.flatMap((entry, index) => problemsOf(entry, `suppressions[${index}]`, now, known))
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  if (parsed.success && problems.length === 0) return parsed.data.suppressions;
  throw new SlipwayError(ExitCode.usage, `The suppressions of policy cannot be used:\n${problems.join("\n")}`, {
    where,
    next: "./slipway policy list shows the rules; docs/policy.md says what a suppression needs.",
  });
}

function problemsOf({ rule, until }: Suppression, at: string, now: Date, known: ReadonlySet<string>): string[] {
  const longest = new Date(now.getTime() + LONGEST_DAYS * DAY_MS).toISOString().slice(0, 10);
  return [
    ...(known.has(rule) ? [] : [`${at}.rule: got ${JSON.stringify(rule)}, which is no rule`]),
    ...(until > longest ? [`${at}.until: got ${until}, expected a day within a year (${longest} at the latest)`] : []),
  ];
}

/** Suppressions of a file; none where it is not there. */
export function readSuppressions(path: string, now: Date, known: ReadonlySet<string>): Suppression[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return parseSuppressions(text, path, now, known);
}

/** Whether its last day is over, wherever on earth somebody looks. */
export const isExpired = ({ until }: Suppression, now: Date): boolean =>
  now.getTime() >= Date.parse(`${until}T00:00:00Z`) + DAY_MS;

/** Whether a name is one of these, in which `*` stands for any text. */
const matches = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w-]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(name);
  });

/** Whether it is about this rule and resource. */
export const covers = (entry: Suppression, found: { rule: string; name: string; stack: string }): boolean =>
  entry.rule === found.rule && matches(entry.stacks, found.stack) && matches([entry.resource], found.name);

/** Whether it counts in a stack. */
export const isFor = ({ stacks }: Suppression, stack: string): boolean => matches(stacks, stack);
