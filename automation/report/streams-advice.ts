import type { Advice } from "../../streams/engine/advise/advise.ts";
import type { Prices } from "../../streams/engine/catalogue/prices.ts";
import { hoursPerMonth } from "../../streams/engine/catalogue/prices.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

/** Advice for a folder, beside that for the version it is compared with. */
export interface AdviceReport {
  region: string;
  prices: Prices;
  environment: string | undefined;
  base: string | undefined;
  advice: readonly Advice[];
  /** Advice for the base; undefined where there is none. */
  before: readonly Advice[] | undefined;
}

interface Row extends Advice {
  /** Money per month against the base. */
  delta: number | undefined;
}

const cents = (amount: number) => Math.round(amount * 100) / 100;

function rowsOf({ advice, before }: AdviceReport): Row[] {
  const old = new Map(before?.map((one) => [one.processor, one]));
  return advice.map((one) => {
    const was = old.get(one.processor);
    const cost = before === undefined ? undefined : one.costPerMonth;
    return { ...one, delta: cost === undefined ? undefined : cents(cost - (was?.costPerMonth ?? 0)) };
  });
}

/** Money per month of all processors together, and how much more than before. */
function totals({ advice, before }: AdviceReport): { perMonth: number; delta: number | undefined } {
  const sum = (all: readonly Advice[]) => all.reduce((total, { costPerMonth }) => total + (costPerMonth ?? 0), 0);
  return { perMonth: cents(sum(advice)), delta: before === undefined ? undefined : cents(sum(advice) - sum(before)) };
}

/** Advice as JSON. */
export function adviceJson(report: AdviceReport): Record<string, unknown> {
  const { region, prices, environment, base } = report;
  const { perMonth, delta } = totals(report);
  return {
    ...{ action: "advise", region, environment: environment ?? null, base: base ?? null },
    prices: { source: prices.source, asOf: prices.asOf, currency: prices.currency, hoursPerMonth },
    total: { perMonth, delta: delta ?? null },
    processors: rowsOf(report).map((row) => ({
      ...row,
      ...{ floor: row.floor ?? null, recommended: row.recommended ?? null, set: row.set ?? null },
      ...{ autoscaling: row.autoscaling ?? null, measured: row.measured ?? null },
      ...{ costPerMonth: row.costPerMonth ?? null, delta: row.delta ?? null },
    })),
  };
}

/** Advice for people: a table, then why, then what it costs and since when that is so. */
export function adviceText({ colors }: Console, report: AdviceReport): string[] {
  const { prices, region, base } = report;
  const rows = rowsOf(report);
  const head = [
    "processor",
    "floor",
    "advised",
    "set",
    "autoscaling",
    "confidence",
    "per month",
    base === undefined ? "" : "change",
  ];
  const cells = rows.map((row) => [
    ...[row.processor, row.floor ?? "none", row.recommended ?? "none", row.set ?? "-"],
    row.autoscaling === undefined ? "-" : `${row.autoscaling.minTier}..${row.autoscaling.maxTier}`,
    ...[row.confidence, money(row.costPerMonth), row.delta === undefined ? "" : signed(row.delta)],
  ]);
  const why = rows.flatMap(({ processor, reasons, problems }) =>
    [...problems.map((problem) => colors.red(problem)), ...reasons].map((line) => `${processor}: ${line}`),
  );
  const { perMonth, delta } = totals(report);
  const more = delta === undefined ? "" : `, ${signed(delta)} against ${base?.slice(0, 12) ?? ""}`;
  return [
    ...table([head, ...cells]),
    ...(why.length === 0 ? [] : ["", ...why]),
    "",
    `${plural(rows.length, "processor")}: ${money(perMonth)} ${prices.currency} per month in ${region}${more}`,
    `prices of ${prices.asOf}, ${hoursPerMonth} hours, without traffic (${prices.source})`,
  ];
}

const money = (amount: number | undefined) => (amount === undefined ? "-" : amount.toFixed(2));
const signed = (amount: number) => `${amount < 0 ? "" : "+"}${amount.toFixed(2)}`;
