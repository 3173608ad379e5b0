import type { ComparedMetric, Comparison } from "../model/compare.ts";
import type { Console } from "./console.ts";
import { difference, number } from "./model-number.ts";
import { table } from "./table.ts";

export function compareJson({
  a,
  b,
  metrics,
  hyperparameters,
  lineage,
  sameTest,
}: Comparison): Record<string, unknown> {
  return {
    a: a.version.version,
    b: b.version.version,
    metrics: metrics.map((one) => ({
      name: one.name,
      a: one.a ?? null,
      b: one.b ?? null,
      difference: one.difference ?? null,
      verdict: one.verdict ?? null,
    })),
    hyperparameters,
    lineage,
    sameTest: sameTest ?? null,
  };
}

export function compareText({ colors }: Pick<Console, "colors">, comparison: Comparison): string[] {
  const { a, b, metrics, hyperparameters, lineage } = comparison;
  const heads = [`version ${a.version.version}`, `version ${b.version.version}`];
  const numbers = metrics.map((one) => [
    one.name,
    one.a === undefined ? "-" : number(one.a),
    one.b === undefined ? "-" : number(one.b),
    one.difference === undefined ? "-" : difference(one.difference),
    paint(colors, one.verdict),
  ]);
  const facts = [...hyperparameters, ...lineage].map((one) => [
    one.name,
    brief(one.a),
    brief(one.b),
    one.same ? "" : "differs",
  ]);
  return [
    ...table([["metric", ...heads, "difference", ""].map(colors.bold), ...numbers]),
    "",
    ...table([["", ...heads, ""].map(colors.bold), ...facts]),
    "",
    ...caution(comparison),
    summary(comparison),
  ];
}

/** A place or a digest as far as a line has room for it; JSON and page have the whole. */
function brief(text: string): string {
  const input = /\/inputs\/([^/]+)\/manifest\.json$/.exec(text)?.[1];
  return input ?? text.replace(/^sha256:([0-9a-f]{12})[0-9a-f]+$/, "$1");
}

function paint(colors: Console["colors"], verdict: ComparedMetric["verdict"]): string {
  if (verdict === "better") return colors.green(verdict);
  return verdict === "worse" ? colors.red(verdict) : (verdict ?? "");
}

/** Numbers of different test splits say little beside each other. */
export function caution({ sameTest }: Comparison): string[] {
  if (sameTest === true) return [];
  return [
    sameTest === false
      ? "They were measured on different houses: the numbers are not of one yardstick."
      : "The predictions of one are not there any more: whether both were measured on the same houses is not known.",
  ];
}

/** "version 4 is better in 5 of 6 metrics". */
export function summary({ b, metrics }: Comparison): string {
  const judged = metrics.filter(({ verdict }) => verdict !== undefined);
  const better = judged.filter(({ verdict }) => verdict === "better").length;
  const worse = judged.filter(({ verdict }) => verdict === "worse").length;
  if (better === 0 && worse === 0) return `version ${b.version.version} measures the same`;
  return `version ${b.version.version} is better in ${better} and worse in ${worse} of ${judged.length} metrics`;
}
