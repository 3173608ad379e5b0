import { z } from "zod";
import { flag, text } from "./rules.ts";

const word = (rule: string) => text(/^[a-z][a-z0-9-]{0,38}$/, rule);
/** Git's rules for a ref name, narrowed to what needs no quoting anywhere. */
const ref = (rule: string) => text(/^(?![-./])(?!.*(?:\.\.|\/\/|\.lock$|\/$))[\w./-]{1,100}$/, rule);

export const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
export type Weekday = (typeof weekdays)[number];

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** Milliseconds of "90m", "2h", "1d12h"; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const parts = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?$/.exec(text);
  if (parts === null || text === "") return undefined;
  const units = ["d", "h", "m", "s"] as const;
  return units.reduce((sum, unit, at) => sum + Number(parts[at + 1] ?? 0) * unitMs[unit], 0);
}

const durationRule = "a duration such as 30m, 2h or 1d12h";
const duration = z.string({ error: durationRule }).transform((text, context) => {
  const value = durationMs(text);
  if (value !== undefined) return value;
  context.addIssue({ code: "custom", message: durationRule });
  return z.NEVER;
});

/** Zone names of the IANA database; offsets such as +02:00 know nothing of daylight saving. */
export function isTimeZone(name: string): boolean {
  if (name !== "UTC" && !/^[A-Za-z]+\/[A-Za-z0-9_+/-]+$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const zoneRule = "the name of an IANA time zone, e.g. Europe/Berlin";
const dateRule = 'a date in quotes, e.g. "2026-12-24"';
const dayRule = `one of ${weekdays.join(", ")}`;

const window = z.strictObject({
  days: z
    .array(z.enum(weekdays, { error: dayRule }), { error: "a list of days, e.g. [mon, tue]" })
    .min(1, { error: "at least one day" }),
  from: text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day in quotes, "00:00" to "23:59"'),
  to: text(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day in quotes, "00:01" to "24:00"'),
  timeZone: z.string({ error: zoneRule }).refine(isTimeZone, { error: zoneRule }),
  except: z
    .array(z.string({ error: dateRule }).refine(isDate, { error: dateRule }), { error: "a list of dates" })
    .optional(),
});

const countRule = "a whole number from 1 to 20";
const personRule = "a login, an e-mail address, or `Name <e-mail>`";
const person = z.string({ error: personRule }).trim().min(1, { error: personRule }).max(200, { error: personRule });

const approvals = z.strictObject({
  count: z.int({ error: countRule }).min(1, { error: countRule }).max(20, { error: countRule }),
  from: z
    .array(person, { error: "a list of people" })
    .min(1, { error: "at least one person, or no `from` at all" })
    .optional(),
  notSelf: flag.default(true),
});

const path = text(
  /^(?![-/])(?!.*(?:^|\/)\.\.(?:\/|$))[\w./ -]{1,200}$/,
  "a path inside the checkout, e.g. config/allowed_signers",
);

const branches = z
  .array(ref("the name of a branch, e.g. develop"), { error: "a list of branch names" })
  .min(1, { error: "at least one branch, or no `branches` at all" });

export const environmentSchema = z.strictObject({
  name: word("the name of an environment stack, e.g. staging"),
  tags: z.array(ref("a tag name, e.g. staging"), { error: "a list of tag names, [] where no tag moves" }),
  aliases: z.array(word("another name for the environment, e.g. production"), { error: "a list of names" }).optional(),
  branches: branches.optional(),
  upstream: word("the name of the environment before this one").optional(),
  verify: flag,
  rollbackOnFailure: flag,
  protectedBranch: flag.optional(),
  signedTags: z.strictObject({ allowedSigners: path }, { error: "a file of allowed signers" }).optional(),
  soak: duration.optional(),
  bake: duration.optional(),
  approvals: approvals.optional(),
  windows: z
    .array(window, { error: "a list of maintenance windows" })
    .min(1, { error: "at least one window, or no `windows` at all" })
    .optional(),
  automatic: flag.optional(),
});

const settings = {
  remote: ref("the name of a git remote, e.g. origin").default("origin"),
  protectedBranch: ref("the name of a branch, e.g. main"),
  versionTags: word("the name of the environment that version tags promote to").optional(),
};

export const policySchema = z.strictObject({
  ...settings,
  environments: z
    .array(environmentSchema, { error: "the environments in promotion order" })
    .min(1, { error: "at least one environment" }),
});

/** What a file with a `preset` may say: any part of the policy, and of an environment its name at least. */
export const presetPolicySchema = z.strictObject({
  ...settings,
  remote: settings.remote.optional(),
  protectedBranch: settings.protectedBranch.optional(),
  preset: z.string(),
  environments: z
    .array(environmentSchema.partial().required({ name: true }), { error: "a list of environments" })
    .optional(),
});
