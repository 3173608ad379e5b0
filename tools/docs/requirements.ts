import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** The file that people write. */
export const requirementsFile = "docs/requirements.yaml";

const entry = z
  .strictObject({
    title: z.string().min(1),
    /** Files and folders that it lives in. */
    in: z.array(z.string()).min(1).optional(),
    /** `file` or `file | title`: a describe, an it, or a Python test. */
    tests: z.array(z.string()).min(1).optional(),
    /** What of it is not there, and why. */
    missing: z.string().min(20, "a reason of at least a few words").optional(),
  })
  .refine(({ in: places, tests }) => (places === undefined) === (tests === undefined), {
    message: "what lives somewhere needs a test, and a test something that it shows",
  })
  .refine(({ in: places, missing }) => places !== undefined || missing !== undefined, {
    message: "what lives nowhere needs the reason in `missing`",
  });

/** One requirement by its id. */
export interface Requirement {
  id: string;
  title: string;
  in: readonly string[];
  tests: readonly TestReference[];
  missing?: string | undefined;
}

/** A test that shows a requirement: a file, and a title in it where only that one shows it. */
export interface TestReference {
  file: string;
  title?: string;
}

function testReference(text: string): TestReference {
  const at = text.indexOf(" | ");
  return at === -1 ? { file: text } : { file: text.slice(0, at), title: text.slice(at + 3) };
}

/** Reads the matrix. A key that stands twice, a wrong form and an entry that shows nothing are errors with their id. */
export function parseRequirements(text: string): Requirement[] {
  const all = z.record(z.string().regex(/^S\d-\d\d$/u), entry).parse(parse(text));
  return Object.entries(all).map(([id, { in: places = [], tests = [], ...rest }]) => ({
    id,
    ...rest,
    in: places,
    tests: tests.map(testReference),
  }));
}

/** What of the matrix does not stand in the checkout below `root`: one line each, empty when all is well. */
export function requirementProblems(requirements: readonly Requirement[], root: string): string[] {
  return requirements.flatMap(({ id, in: places, tests }) => [
    ...places.filter((path) => !exists(join(root, path))).map((path) => `${id}: there is no ${path}`),
    ...tests.flatMap((test) => testProblem(test, root).map((problem) => `${id}: ${problem}`)),
  ]);
}

const exists = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

function testProblem({ file, title }: TestReference, root: string): string[] {
  const path = join(root, file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true && !(title === undefined && exists(path)))
    return [`there is no test ${file}`];
  if (title === undefined) return [];
  return titlesOf(readFileSync(path, "utf8")).has(title) ? [] : [`${file} has no test "${title}"`];
}

/** Titles that a test file gives to describe and it as they are written, or names of its Python tests. */
function titlesOf(source: string): Set<string> {
  const mocha = source.matchAll(/\b(?:describe|it)\(\s*(["'`])((?:\\.|(?!\1)[^\\])+)\1/gu);
  const python = source.matchAll(/^ *def (test_\w+)\(/gmu);
  return new Set([...[...mocha].map(([, , title = ""]) => title), ...[...python].map(([, name = ""]) => name)]);
}

const seeds: Readonly<Record<string, string>> = {
  S0: "MLOps platform by GitOps",
  S1: "Pipelines by path, services on EKS",
  S2: "Code is promoted, not models",
  S3: "Atlas Stream Processing",
  S4: "Lakehouse of a shop",
};

/** The page: a table for each seed, and how much of it is there. */
export function requirementsPage(requirements: readonly Requirement[]): string {
  const whole = requirements.filter(({ missing }) => missing === undefined).length;
  const nowhere = requirements.filter(({ tests }) => tests.length === 0).length;
  const tables = Object.entries(seeds).map(([seed, title]) =>
    [
      `## ${seed}. ${title}`,
      "",
      "| id | requirement | lives in | shown by | not there |",
      "| --- | --- | --- | --- | --- |",
      ...requirements.filter(({ id }) => id.startsWith(`${seed}-`)).map(row),
    ].join("\n"),
  );
  return [
    "# Requirements",
    "",
    "<!-- Made by `npm run docs` from docs/requirements.yaml: change that file. -->",
    "",
    `What the five setups asked for that Slipway began with: where it lives, and the test that shows it. Of ${requirements.length}, ${whole} are there as asked,` +
      ` ${requirements.length - whole - nowhere} in another form or in part, and ${nowhere} are not. What is not there stands in the last column with its reason.` +
      " `test/docs/requirements.test.ts` fails when an id, a path, a test or its title is not there.",
    "",
    tables.join("\n\n"),
    "",
  ].join("\n");
}

const code = (text: string) => `\`${text.replaceAll("`", "")}\``;

function row({ id, title, in: places, tests, missing = "" }: Requirement): string {
  const files = [...new Set(tests.map(({ file }) => file))];
  const link = (path: string) => `[${path}](../${path})`;
  const shown = files.map((file) => {
    const titles = tests.filter((test) => test.file === file).flatMap(({ title: one }) => one ?? []);
    return [link(file), ...titles.map((one) => (one.includes("`") || one.includes("$") ? code(one) : one))].join(": ");
  });
  const cells = [id, title, places.map(link).join(", "), shown.join("<br>"), missing];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** The matrix of a checkout. */
export const loadRequirements = (root: string): Requirement[] =>
  parseRequirements(readFileSync(join(root, requirementsFile), "utf8"));
