import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { problemsError, problemsIn } from "./problems.ts";
import { flag, group, text } from "./rules.ts";

/** Where definitions and rulesets are, below the program's folder. They travel with the package that runs by them. */
export const datasetsFolder = "data/src/lakehouse/datasets";

const rule = (expected: string) => ({ error: expected });

const name = text(/^[a-z][a-z0-9_]{0,62}$/, "a name of lower-case letters, digits and underscores");
const sentence = text(/\S/, "a sentence");
const bound = z.union([z.int(), z.string()], rule("a whole number, or a decimal one as text"));

const isWhole = (type: string) => type === "int" || type === "bigint";
const isDecimal = (type: string) => type.startsWith("decimal(");

/** A decimal holds at most 38 digits, and no more after the point than in all. */
function isType(type: string): boolean {
  const decimal = /^decimal\(([1-9]\d?),(\d{1,2})\)$/.exec(type);
  if (decimal === null) return ["string", "int", "bigint", "boolean", "date", "timestamp"].includes(type);
  return Number(decimal[1]) <= 38 && Number(decimal[2]) <= Number(decimal[1]);
}

const typeRule = "string, int, bigint, boolean, date, timestamp or decimal(p,s) with s <= p <= 38";

const column = group("name, type, required and description, and perhaps rules", {
  name,
  // Its other rules depend on the type, so they are not looked at without one.
  type: z.string(rule(typeRule)).refine(isType, { ...rule(typeRule), abort: true }),
  required: flag,
  description: sentence,
  minimum: bound.optional(),
  maximum: bound.optional(),
  allowed: z.array(sentence, rule("a list of texts")).min(1, rule("at least one text")).optional(),
  pattern: z.string(rule("a regular expression from ^ to $")).optional(),
}).superRefine((value, context) => {
  for (const [field, expected] of misplacedRules(value))
    context.addIssue({ code: "custom", path: [field], message: expected, input: value });
});

/** Rules that do not go with the column's type, and what is expected of them. */
function misplacedRules({
  type,
  minimum,
  maximum,
  allowed,
  pattern,
}: ColumnRules): [field: string, expected: string][] {
  const found: [string, string][] = [];
  for (const [field, value] of [
    ["minimum", minimum],
    ["maximum", maximum],
  ] as const) {
    if (value === undefined) continue;
    if (isWhole(type) && typeof value !== "number") found.push([field, `a whole number for ${type}`]);
    else if (isDecimal(type) && !(typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value)))
      found.push([field, `a number as text for ${type}, e.g. "0.00"`]);
    else if (!isWhole(type) && !isDecimal(type)) found.push([field, `nothing for ${type}: only numbers have bounds`]);
  }
  if (allowed !== undefined && type !== "string") found.push(["allowed", `nothing for ${type}: only strings have it`]);
  if (pattern === undefined) return found;
  if (type !== "string") found.push(["pattern", `nothing for ${type}: only strings have it`]);
  else if (!isAnchored(pattern)) found.push(["pattern", "a regular expression from ^ to $"]);
  return found;
}

interface ColumnRules {
  type: string;
  minimum?: number | string | undefined;
  maximum?: number | string | undefined;
  allowed?: string[] | undefined;
  pattern?: string | undefined;
}

function isAnchored(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u").source.startsWith("^") && pattern.endsWith("$");
  } catch {
    return false;
  }
}

const definition = group("a dataset: schema, name, description, source, key, partition and columns", {
  schema: z.literal(1, rule("1")),
  name,
  description: sentence,
  source: z.enum(["csv", "derived"], rule("csv or derived")),
  key: z.array(name, rule("a list of column names")).min(1, rule("at least one column name")),
  version: name.optional(),
  partition: group("column, from and transform", {
    column: name,
    from: name,
    transform: z.enum(["date", "month", "identity"], rule("date, month or identity")),
  }),
  columns: z.array(column, rule("a list of columns")).min(1, rule("at least one column")),
});

/** One table of the lake with its data-quality rules, as plain data. Whether columns and keys fit together is the component's to say. */
export type DatasetDefinition = z.infer<typeof definition> & { ruleset: string };

/**
 * Every dataset of the program, by name.
 * @param root The program's folder.
 * @throws SlipwayError (usage) that lists every problem with file and place.
 */
export async function loadDatasets(root: string): Promise<DatasetDefinition[]> {
  const folder = join(root, ...datasetsFolder.split("/"));
  const files = (await readdir(folder).catch(() => [])).sort();
  const names = [...new Set(files.flatMap((file) => /^(.+)\.(?:json|dqdl)$/.exec(file)?.[1] ?? []))];
  if (names.length === 0) throw problemsError(datasetsFolder, ["no dataset: expected <name>.json and <name>.dqdl."]);
  const read = await Promise.all(names.map((each) => readDataset(folder, each)));
  const problems = read.flatMap((result) => ("problems" in result ? result.problems : []));
  if (problems.length > 0) throw problemsError(datasetsFolder, problems);
  return read.flatMap((result) => ("dataset" in result ? result.dataset : []));
}

type Reading = { dataset: DatasetDefinition } | { problems: string[] };

async function readDataset(folder: string, name: string): Promise<Reading> {
  const [file, rules] = [`${name}.json`, `${name}.dqdl`];
  const [text, ruleset] = await Promise.all([file, rules].map((each) => readIfThere(join(folder, each))));
  const missing = [
    ...(text === undefined ? [`${file}: missing, expected the definition that ${rules} has rules for.`] : []),
    ...(ruleset === undefined || ruleset.trim() === ""
      ? [`${rules}: missing or empty, expected the data-quality rules of ${name}.`]
      : []),
  ];
  const { raw, problems } = text === undefined ? { raw: undefined, problems: [] } : parsed(text, file);
  const all = [...missing, ...problems];
  if (raw !== undefined && all.length === 0) {
    const dataset = definition.parse(raw);
    if (dataset.name === name) return { dataset: { ...dataset, ruleset: ruleset ?? "" } };
    all.push(`${file}: name: got "${dataset.name}", expected "${name}", as the file is called.`);
  }
  return { problems: all };
}

function parsed(text: string, file: string): { raw: unknown; problems: string[] } {
  try {
    const raw: unknown = JSON.parse(text);
    return { raw, problems: problemsIn(definition, raw, `${file}: `) };
  } catch (error) {
    return { raw: undefined, problems: [`${file}: not JSON: ${(error as Error).message}`] };
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
