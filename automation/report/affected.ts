import type { AffectedUnit, ReasonStep } from "../affected/affected.ts";
import type { Explanation } from "../affected/explain.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

/** What was compared with what. */
export interface Comparison {
  head: string;
  /** Commits compared with; empty where everything counts as changed. */
  bases: string[];
  why: string;
  /** Command that leads to a real comparison, where everything counts as changed. */
  next: string | undefined;
  everything: boolean;
  uncommitted: boolean;
  /** Number of changed paths; undefined where everything counts as changed. */
  changed: number | undefined;
}

export interface AffectedReport {
  comparison: Comparison;
  environment: string | undefined;
  units: AffectedUnit[];
  stacks: string[];
  /** Changed units that do not reach the environment asked for. */
  elsewhere: string[];
}

// Control characters, and the marks that turn the direction of what follows.
// eslint-disable-next-line no-control-regex -- a file's name may hold any of them and must not steer a terminal
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A path as it may be shown anywhere: what could steer a terminal or break a line is escaped, and then it is quoted. */
export function shownPath(path: string): string {
  const plain = /^[^\s"\\]+$/.test(path) && path.search(unsafe) === -1;
  return plain ? path : JSON.stringify(path).replaceAll(unsafe, escaped);
}

const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** `services/api/app.py (services/<service>/**) -> services/api -> dev, staging`. */
export function reasonText({ reason, stacks }: Pick<AffectedUnit, "reason" | "stacks">): string {
  return [...reason.map(stepText), stacks.length === 0 ? "no stack" : stacks.join(", ")].join(" -> ");
}

function stepText(step: ReasonStep): string {
  switch (step.kind) {
    case "file":
      return `${shownPath(step.path)} (${step.pattern ?? "no pattern: fallback"})`;
    case "unit":
      return step.unit;
    case "everything":
      return step.why;
  }
}

/** The object a CI job feeds to its matrix: one entry per unit, those first that others need. */
export function matrixOf(units: readonly AffectedUnit[]): {
  include: { unit: string; stacks: string[]; reason: string }[];
} {
  return { include: units.map((one) => ({ unit: one.unit, stacks: one.stacks, reason: reasonText(one) })) };
}

export function affectedJson(report: AffectedReport): Record<string, unknown> {
  const { comparison, environment, units, stacks, elsewhere } = report;
  const shown = units.map((one) => ({ ...one, reason: reasonText(one), chain: one.reason }));
  const { next = null, changed = null } = comparison;
  return {
    ...comparison,
    next,
    changed,
    environment: environment ?? null,
    units: shown,
    stacks,
    elsewhere,
    matrix: matrixOf(units),
  };
}

export function affectedText({ colors }: Console, report: AffectedReport): string[] {
  const { comparison, units, stacks, elsewhere, environment } = report;
  const lines = comparisonLines(comparison);
  if (units.length > 0) {
    const head = ["unit", "files", "stacks", "because"].map(colors.bold);
    const body = units.map((one) => [
      one.direct ? one.unit : colors.dim(one.unit),
      one.files === 0 ? "-" : String(one.files),
      one.stacks.join(", ") || "-",
      // The line above says it once.
      comparison.everything && one.reason.length === 2 ? "everything" : reasonText(one),
    ]);
    lines.push("", ...table([head, ...body]), "");
  }
  if (elsewhere.length > 0) lines.push(`changed, but not part of ${environment}: ${elsewhere.join(", ")}`);
  lines.push(
    units.length === 0
      ? `nothing${environment === undefined ? "" : ` in ${environment}`} is affected`
      : `${plural(units.length, "unit")} affected; stacks: ${stacks.join(", ") || "none"}`,
  );
  return lines;
}

function comparisonLines({ head, bases, why, next, changed, uncommitted }: Comparison): string[] {
  const extra = uncommitted ? " and uncommitted files" : "";
  if (changed === undefined)
    return [`everything counts as changed: ${why}`, ...(next === undefined ? [] : [`to compare instead: ${next}`])];
  const compared = bases.map((base) => base.slice(0, 12)).join(", ");
  return [`${plural(changed, "changed path")} in ${head.slice(0, 12)}${extra} against ${compared} (${why})`];
}

/** What is known of the file beside its route. */
export interface FileFacts {
  atHead: boolean;
  /** Undefined where everything counts as changed. */
  changed: boolean | undefined;
  /** The ignore rule of git that hides it. */
  ignored: string | undefined;
}

export function explanationJson(explanation: Explanation, facts: FileFacts, file: string): Record<string, unknown> {
  const { path, route, patterns } = explanation;
  const took = route.rule && { pattern: route.rule.pattern.glob, file, line: route.rule.pattern.line };
  return {
    path,
    unit: route.unit,
    stacks: route.stacks,
    rule: took ?? null,
    fallback: route.rule === undefined,
    ...facts,
    changed: facts.changed ?? null,
    ignored: facts.ignored ?? null,
    patterns,
  };
}

export function explanationText(console: Console, explanation: Explanation, facts: FileFacts, file: string): string[] {
  const { colors } = console;
  const { path, route, patterns } = explanation;
  const taken = route.rule
    ? `${route.rule.pattern.glob} (${file}:${route.rule.pattern.line})`
    : `no pattern, so the fallback of ${file}`;
  const marks = { took: colors.green("took"), "no match": colors.dim("no"), later: colors.yellow("later") };
  const rows = patterns.map((one) => [`${file}:${one.line}`, one.unit, one.pattern, marks[one.verdict], one.why]);
  return [
    `${shownPath(path)} -> ${route.unit} -> ${route.stacks.join(", ") || "no stack"}`,
    `taken by ${taken}`,
    ...factLines(facts),
    "",
    ...table([["where", "unit", "pattern", "", "why"].map(colors.bold), ...rows]),
  ];
}

function factLines({ atHead, changed, ignored }: FileFacts): string[] {
  return [
    ...(atHead
      ? []
      : ["there is no such file in the commit: it was deleted, is not committed yet, or the path is mistyped"]),
    ...(ignored === undefined ? [] : [`git ignores it (${ignored}): it never counts as a change`]),
    changed === undefined
      ? "everything counts as changed"
      : changed
        ? "it has changed"
        : "it has not changed, so it affects nothing now",
  ];
}
