import { compareValues } from "../values/compare.ts";
import { type Operator, type Operators, evaluate, isNil, listed, unary } from "./operator.ts";

const rounding = (name: string, round: (value: number) => number) =>
  listed(([value, places = 0]) => {
    if (isNil(value)) return null;
    if (typeof value !== "number") throw new Error(`${name} only supports numeric types`);
    const digits = Number(places);
    if (!Number.isInteger(digits) || digits < -20 || digits > 100)
      throw new Error(`cannot apply ${name} with precision value ${String(places)} value must be in [-20, 100]`);
    return digits === 0 ? round(value) : atDecimals(value, digits, round);
  });

/** Through the decimal text, so that 2.675 is not a little less than it says. */
function atDecimals(value: number, digits: number, round: (value: number) => number): number {
  const shifted = Number(`${value}e${digits}`);
  return Number.isFinite(shifted) ? Number(`${round(shifted)}e${-digits}`) : value;
}

/** To the nearest even of two that are as near. */
function roundEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The numbers among the arguments of `$sum` and `$avg`: those of a list where one list is the only argument. */
const gathered =
  (compute: (values: readonly unknown[]) => unknown): Operator =>
  (object, argument, scope) => {
    const value = evaluate(object, argument, scope);
    return compute(Array.isArray(value) ? (value as unknown[]) : [value]);
  };

const isNumber = (value: unknown): value is number => typeof value === "number";

/** The sum, with what is lost by rounding added at the end. */
export function sumOf(values: readonly number[]): number {
  let [sum, lost] = [0, 0];
  for (const value of values) [sum, lost] = plus(sum, lost, value);
  return sum + lost;
}

/** One step of a sum that keeps what rounding loses (Neumaier). */
export function plus(sum: number, lost: number, value: number): [sum: number, lost: number] {
  const total = sum + value;
  if (!Number.isFinite(total)) return [total, 0];
  return [total, lost + (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum)];
}

/** The standard deviation, null where there are too few numbers. */
export function deviation(values: readonly number[], sample: boolean): number | null {
  const count = values.length - (sample ? 1 : 0);
  if (count <= 0) return null;
  const mean = sumOf(values) / values.length;
  return Math.sqrt(sumOf(values.map((value) => (value - mean) ** 2)) / count);
}

function extreme(values: readonly unknown[], sign: 1 | -1): unknown {
  let best: unknown = null;
  for (const value of values)
    if (!isNil(value) && (best === null || sign * compareValues(value, best) > 0)) best = value;
  return best;
}

/** A function that is not defined everywhere. */
const within = (name: string, defined: (value: number) => boolean, compute: (value: number) => number) =>
  unary((value) => {
    if (isNil(value)) return null;
    if (!isNumber(value)) throw new Error(`${name} only supports numeric types`);
    if (!defined(value)) throw new Error(`cannot apply ${name} to ${value}`);
    return compute(value);
  });
const positive = (value: number) => value > 0;
const unit = (value: number) => value >= -1 && value <= 1;

export const numeric: Operators = {
  $ln: within("$ln", positive, Math.log),
  $log10: within("$log10", positive, Math.log10),
  $log: listed(([value, base]) => {
    if (isNil(value) || isNil(base)) return null;
    if (!isNumber(value) || !isNumber(base)) throw new Error("$log only supports numeric types");
    if (value <= 0 || base <= 0 || base === 1)
      throw new Error("$log's arguments must be positive numbers, and its base not 1");
    return Math.log(value) / Math.log(base);
  }),
  $asin: within("$asin", unit, Math.asin),
  $acos: within("$acos", unit, Math.acos),
  $round: rounding("$round", roundEven),
  $trunc: rounding("$trunc", Math.trunc),
  $mod: listed(([dividend, divisor]) => {
    if (isNil(dividend) || isNil(divisor)) return null;
    if (!isNumber(dividend) || !isNumber(divisor)) throw new Error("$mod only supports numeric types");
    if (divisor === 0) throw new Error("can't $mod by zero");
    return dividend % divisor;
  }),
  $sum: gathered((values) => sumOf(values.filter(isNumber))),
  $avg: gathered((values) => {
    const numbers = values.filter(isNumber);
    return numbers.length === 0 ? null : sumOf(numbers) / numbers.length;
  }),
  $max: gathered((values) => extreme(values, 1)),
  $min: gathered((values) => extreme(values, -1)),
  $stdDevPop: gathered((values) => deviation(values.filter(isNumber), false)),
  $stdDevSamp: gathered((values) => deviation(values.filter(isNumber), true)),
  $isNumber: unary(isNumber),
};
