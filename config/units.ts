import { isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { parseWith, problemsError } from "./problems.ts";
import { suggest } from "./suggest.ts";

const placeholder = /<([a-z][a-z0-9]*)>/g;

const names = (rule: string) => z.array(z.string({ error: rule }).min(1, { error: rule }), { error: rule });
const unitName = z
  .string({ error: "the name of a unit, e.g. data or services/<service>" })
  .regex(/^(?:[a-z0-9]|<[a-z][a-z0-9]*>)(?:[a-z0-9/-]|<[a-z][a-z0-9]*>){0,62}$/, {
    error: "lower-case letters, digits, - and /, with <word> for a name taken from the path",
  });

const unit = z.strictObject({
  name: unitName,
  paths: names("a list of patterns, e.g. [data/**]").min(1, { error: "at least one pattern" }),
  needs: names("a list of unit names").default([]),
  stacks: names("a list of stack names, [] where nothing is deployed from it"),
});

const unitsFile = z.strictObject({
  fallback: z.string({ error: "the name of the unit that takes what no pattern matches" }),
  units: z.array(unit, { error: "the units, from the first asked to the last" }).min(1, { error: "at least one unit" }),
});

/** A pattern and the line of the file it stands in, from 1. */
export interface UnitPattern {
  glob: string;
  line: number;
}

/** A part of the repository that is built, tested and deployed as one. */
export interface Unit {
  /** `<word>` stands for a name that a pattern takes from the path: then there are as many units as names. */
  name: string;
  patterns: UnitPattern[];
  /** Units whose changes are felt here too, by their names as declared. */
  needs: string[];
  /** Stacks that are deployed from it; `<word>` as in the name. */
  stacks: string[];
}

/** Who owns which path. The first pattern that matches, in this order, takes a path. */
export interface Units {
  /** How the person knows the file. */
  file: string;
  units: Unit[];
  /** Name of the unit that takes what no pattern matches. */
  fallback: string;
}

/** The words between `<` and `>` in a text, in order. */
export const placeholders = (text: string): string[] => [...text.matchAll(placeholder)].map(([, word]) => word ?? "");

/** Puts the taken names in place of their placeholders. */
export const filled = (text: string, captures: Readonly<Record<string, string>>): string =>
  text.replaceAll(placeholder, (whole, word: string) => captures[word] ?? whole);

/** Why a pattern cannot be used, or undefined where it can. */
function patternProblem(glob: string): string | undefined {
  if (glob.startsWith("!")) return "a pattern without !: put a unit that takes the exception above";
  if (glob.startsWith("/") || /^\.\.?(?:\/|$)/.test(glob))
    return "a path from the root of the repository, without / or ./ before it";
  if (glob.endsWith("/")) return `${glob}** for everything in the folder`;
  if (glob.includes("\\")) return "/ between folders";
  const rest = glob.replaceAll(placeholder, "x");
  if (/[<>]/.test(rest)) return "<word> with lower-case letters and digits only";
  for (const [open, close] of ["{}", "[]", "()"])
    if (rest.split(open ?? "").length !== rest.split(close ?? "").length) return `as many ${open} as ${close}`;
  return undefined;
}

type Declared = z.infer<typeof unit>;

/** Placeholders of name and stacks must be taken by every pattern, or a path would give a unit without a full name. */
function placeholderProblems({ name, paths, stacks }: Declared, at: string): string[] {
  const wanted = new Set([...placeholders(name), ...stacks.flatMap(placeholders)]);
  const inName = placeholders(name);
  return [
    ...paths.flatMap((glob, index) => {
      const given = placeholders(glob);
      const missing = [...wanted].filter((word) => !given.includes(word));
      const twice = given.length !== new Set(given).size;
      const expected = twice ? "each <word> once" : `<${missing.join(">, <")}> in it, which name or stacks use`;
      return missing.length > 0 || twice ? [`${at}.paths[${index}]: got "${glob}", expected ${expected}.`] : [];
    }),
    ...[...wanted]
      .filter((word) => !inName.includes(word))
      .map((word) => `${at}.name: got "${name}", expected <${word}> in it, because stacks use it.`),
  ];
}

function unitProblems(declared: Declared, index: number, all: readonly string[]): string[] {
  const at = `units[${index}]`;
  const bad = declared.paths.flatMap((glob, place) => {
    const expected = patternProblem(glob);
    return expected === undefined ? [] : [`${at}.paths[${place}]: got ${JSON.stringify(glob)}, expected ${expected}.`];
  });
  const unknown = declared.needs.flatMap((need, place) => {
    const near = suggest(need, all);
    const hint = near === undefined ? ` one of ${all.join(", ")}` : ` a unit of this file. Did you mean ${near}?`;
    return all.includes(need) ? [] : [`${at}.needs[${place}]: got "${need}", expected${hint}`];
  });
  const again =
    all.indexOf(declared.name) === index
      ? []
      : [`${at}.name: got "${declared.name}", expected a name that no other unit has.`];
  return [...again, ...bad, ...unknown, ...(bad.length > 0 ? [] : placeholderProblems(declared, at))];
}

/** A pattern that stands twice can only match the first time. */
function repeatedPatterns(units: readonly Declared[]): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, { name, paths }] of units.entries())
    for (const [place, glob] of paths.entries()) {
      const owner = owners.get(glob);
      if (owner !== undefined)
        problems.push(
          `units[${index}].paths[${place}]: got "${glob}", expected a pattern that ${owner} does not take first.`,
        );
      else owners.set(glob, name);
    }
  return problems;
}

/** The first circle of `needs`, as `a -> b -> a`; undefined where there is none. */
function circle(units: readonly Declared[]): string | undefined {
  const needs = new Map(units.map((one) => [one.name, one.needs]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name].join(" -> ");
    if (done.has(name)) return undefined;
    for (const need of needs.get(name) ?? []) {
      const found = visit(need, [...trail, name]);
      if (found !== undefined) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of units) {
    const found = visit(name, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function contradictions({ fallback, units }: z.infer<typeof unitsFile>): string[] {
  const all = units.map(({ name }) => name);
  const problems = units.flatMap((declared, index) => unitProblems(declared, index, all));
  const plain = all.filter((name) => placeholders(name).length === 0);
  if (!plain.includes(fallback)) {
    const near = suggest(fallback, plain);
    const hint = near === undefined ? `one of ${plain.join(", ")}.` : `a unit without <word>. Did you mean ${near}?`;
    problems.push(`fallback: got "${fallback}", expected ${hint}`);
  }
  problems.push(...repeatedPatterns(units));
  const found = problems.length === 0 ? circle(units) : undefined;
  if (found !== undefined) problems.push(`units: got the needs ${found}, expected needs that lead back to no unit.`);
  return problems;
}

function lineOf(document: Document, counter: LineCounter, path: readonly (string | number)[]): number {
  const node = document.getIn(path, true);
  const offset = isScalar(node) || isSeq(node) ? node.range?.[0] : undefined;
  return offset === undefined ? 1 : counter.linePos(offset).line;
}

/**
 * Units from their YAML text.
 * @param file how the person knows the file, for messages
 * @throws SlipwayError (usage) that lists every problem: file, key, value, rule, next step.
 */
export function parseUnits(yamlText: string, file = "config/units.yaml"): Units {
  const counter = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: counter });
  if (document.errors.length > 0)
    throw problemsError(
      file,
      document.errors.map((error) => error.message.split("\n")[0]?.replace(/:$/, "") ?? error.message),
    );
  const parsed = parseWith(unitsFile, document.toJS(), { file });
  const problems = contradictions(parsed);
  if (problems.length > 0) throw problemsError(file, problems);
  const units = parsed.units.map(({ name, paths, needs, stacks }, index) => ({
    name,
    needs,
    stacks,
    patterns: paths.map((glob, place) => ({ glob, line: lineOf(document, counter, ["units", index, "paths", place]) })),
  }));
  return { file, units, fallback: parsed.fallback };
}
