import { z } from "zod";
import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { suggest } from "./suggest.ts";

/** Writes a path the way it is written in the file: `network.cidr`, `environments[1].name`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], raw);
}

/** The shape that a value chose by its own key, as `strategy: canary` chooses the keys of a canary. */
function chosen(union: z.ZodDiscriminatedUnion, raw: unknown): z.core.$ZodType | undefined {
  const { discriminator } = union.def;
  const options = union.options as readonly z.ZodObject<z.ZodRawShape>[];
  return options.find(
    (option) => z.safeParse(option.shape[discriminator] as z.ZodType, valueAt(raw, [discriminator])).success,
  );
}

/** Keys that the schema knows at a path of a value, for "did you mean". */
function knownKeys(schema: z.core.$ZodType | undefined, path: readonly PropertyKey[], raw: unknown): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return knownKeys(schema.unwrap(), path, raw);
  if (schema instanceof z.ZodDiscriminatedUnion) return knownKeys(chosen(schema, raw), path, raw);
  const [part, ...rest] = path;
  const shape = schema instanceof z.ZodObject ? (schema.shape as z.core.$ZodShape) : undefined;
  if (part === undefined) return Object.keys(shape ?? {});
  const inner = valueAt(raw, [part]);
  if (shape) return knownKeys(shape[String(part)], rest, inner);
  if (schema instanceof z.ZodRecord) return knownKeys(schema.valueType, rest, inner);
  if (schema instanceof z.ZodArray) return knownKeys(schema.element, rest, inner);
  return [];
}

function unknownKey(key: string, path: readonly PropertyKey[], known: readonly string[], prefix: string): string {
  const near = suggest(key, known);
  const hint = near ? ` Did you mean ${prefix}${dotted([...path, near])}?` : " Remove it.";
  return `${prefix}${dotted([...path, key])}: unknown key.${hint}`;
}

/** `expected …` of one issue; our own schemas say the rule, zod's own wording is the fallback. */
function ruleOf(issue: z.core.$ZodIssue): string {
  return issue.message.replace(/^Invalid input: expected /, "").replace(/, received .*$/, "");
}

function lines(issue: z.core.$ZodIssue, schema: z.ZodType, raw: unknown, prefix: string): string[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path, raw);
    return issue.keys.map((key) => unknownKey(key, issue.path, known, prefix));
  }
  if (issue.code === "invalid_key") {
    const rule = issue.issues[0]?.message ?? issue.message;
    return [
      `${prefix}${dotted(issue.path.slice(0, -1))}: got the name ${JSON.stringify(issue.path.at(-1))}, expected ${rule}.`,
    ];
  }
  const key = `${prefix}${dotted(issue.path)}`;
  const value = valueAt(raw, issue.path);
  if (value === undefined) return [`${key}: missing, expected ${ruleOf(issue)}.`];
  return [`${key}: got ${JSON.stringify(value)}, expected ${ruleOf(issue)}.`];
}

export interface Source {
  /** File the values come from, as the person knows it. */
  file: string;
  /** Written before every key, e.g. `slipway:`. */
  prefix?: string;
}

/** One usage error that lists every problem of a file. */
export function problemsError(file: string, problems: readonly string[]): SlipwayError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new SlipwayError(ExitCode.usage, `${file} has ${count}:\n${problems.map((line) => `  ${line}`).join("\n")}`, {
    where: file,
    next: `Correct ${file}, then run the command again.`,
  });
}

/** Every problem of a value, one line each, with key, value and rule; none when it is what the schema says. */
export function problemsIn(schema: z.ZodType, raw: unknown, prefix = ""): string[] {
  const parsed = schema.safeParse(raw);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => lines(issue, schema, raw, prefix));
}

/**
 * Parses with a zod schema and reports all problems at once, each with file, key, value and rule.
 * @throws SlipwayError (usage)
 */
export function parseWith<T extends z.ZodType>(schema: T, raw: unknown, source: Source): z.infer<T> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw problemsError(source.file, problemsIn(schema, raw, source.prefix));
}
