import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, PipelineRefused } from "../errors.ts";
import { plus } from "../expressions/numbers.ts";
import { sorter } from "../expressions/lists.ts";
import { compareValues, keyOf } from "../values/compare.ts";
import { type Doc, isDoc } from "../values/types.ts";

/** A value that grows with every document, and never needs more than it says. States are plain data: a checkpoint holds them. */
export interface Accumulator {
  start(): unknown;
  add(state: unknown, value: unknown): unknown;
  finish(state: unknown): unknown;
  /** @throws where the value is none that can be added; asked before any of a document's values is. */
  check?(value: unknown): void;
}

/** An accumulator as a `$group` has it: what is evaluated for every document, and what becomes of it. */
export interface Accumulation {
  /** The expression whose value is added; an object of expressions where an accumulator takes several. */
  input: unknown;
  accumulator: Accumulator;
}

const typed = <S>(
  start: () => S,
  add: (state: S, value: unknown) => S,
  finish: (state: S) => unknown,
): Accumulator => ({
  start,
  add: (state, value) => add(state as S, value),
  finish: (state) => finish(state as S),
});

interface Total {
  count: number;
  sum: number;
  lost: number;
}
const total = (finish: (total: Total) => unknown) =>
  typed<Total>(
    () => ({ count: 0, sum: 0, lost: 0 }),
    (state, value) => {
      if (typeof value !== "number") return state;
      const [sum, lost] = plus(state.sum, state.lost, value);
      return { count: state.count + 1, sum, lost };
    },
    finish,
  );

/** Welford's way: one pass, and no differences of large sums. */
const spread = (sample: boolean) =>
  typed<{ count: number; mean: number; squares: number }>(
    () => ({ count: 0, mean: 0, squares: 0 }),
    (state, value) => {
      if (typeof value !== "number") return state;
      const count = state.count + 1;
      const delta = value - state.mean;
      const mean = state.mean + delta / count;
      return { count, mean, squares: state.squares + delta * (value - mean) };
    },
    ({ count, squares }) => (count - Number(sample) <= 0 ? null : Math.sqrt(squares / (count - Number(sample)))),
  );

const extreme = (sign: 1 | -1) =>
  typed<unknown>(
    () => null,
    (best, value) => {
      if (value === null || value === undefined) return best;
      return best === null || sign * compareValues(value, best) > 0 ? value : best;
    },
    (best) => best,
  );

const list = (keep: (items: unknown[], value: unknown) => unknown[]) =>
  typed<unknown[]>(
    () => [],
    (items, value) => keep(items, value),
    (items) => items,
  );

/** One value in a list, which is empty before the first. */
const single = (keep: (items: unknown[], value: unknown) => unknown[]) =>
  typed<unknown[]>(
    () => [],
    (items, value) => keep(items, value),
    (items) => items[0] ?? null,
  );

/** Appends in place: the list belongs to this state alone, and copying it for every document would take time by its square. */
function appended(items: unknown[], value: unknown): unknown[] {
  items.push(value);
  return items;
}

/** A set knows its members by their keys; in a checkpoint it is the list of them. */
const set: Accumulator = {
  start: () => new Map<string, unknown>(),
  add: (state, value) => {
    if (value === undefined) return state;
    const members = asMembers(state);
    const key = keyOf(value);
    if (!members.has(key)) members.set(key, value);
    return members;
  },
  finish: (state) => [...asMembers(state).values()],
};

const asMembers = (state: unknown): Map<string, unknown> =>
  state instanceof Map
    ? (state as Map<string, unknown>)
    : new Map((state as unknown[]).map((item) => [keyOf(item), item]));

/** What a checkpoint holds of a state. */
export const stateToSave = (state: unknown): unknown =>
  state instanceof Map ? [...(state as Map<string, unknown>).values()] : state;

const simple: Readonly<Record<string, Accumulator>> = {
  $sum: total(({ sum, lost }) => sum + lost),
  $avg: total(({ count, sum, lost }) => (count === 0 ? null : (sum + lost) / count)),
  $stdDevPop: spread(false),
  $stdDevSamp: spread(true),
  $min: extreme(-1),
  $max: extreme(1),
  $first: single((items, value) => (items.length === 0 ? [value ?? null] : items)),
  $last: single((_, value) => [value ?? null]),
  $push: list((items, value) => (value === undefined ? items : appended(items, value))),
  $addToSet: set,
  $mergeObjects: {
    ...typed<Doc>(
      () => ({}),
      (merged, value) => ({ ...merged, ...(value as Doc | null | undefined) }),
      (merged) => merged,
    ),
    check: (value) => {
      if (value !== null && value !== undefined && !isDoc(value))
        throw new Error("$mergeObjects requires object inputs");
    },
  },
  $count: total(({ count }) => count),
};

/** The n first, last, least or greatest. */
function several(name: string, n: number): Accumulator {
  if (name === "$firstN") return list((items, value) => (items.length < n ? appended(items, value ?? null) : items));
  if (name === "$lastN") return list((items, value) => [...items, value ?? null].slice(-n));
  const sign = name === "$maxN" ? -1 : 1;
  return list((items, value) => {
    if (value === null || value === undefined) return items;
    return [...items, value].sort((a, b) => sign * compareValues(a, b)).slice(0, n);
  });
}

/** The n at the top or bottom by an order of their own. */
function ranked(n: number, sortBy: Doc, bottom: boolean, one: boolean): Accumulator {
  const compare = sorter(sortBy);
  const all = typed<{ by: unknown; output: unknown }[]>(
    () => [],
    (items, value) => {
      const { by, output } = value as { by: unknown; output?: unknown };
      const sorted = [...items, { by, output: output ?? null }].sort((a, b) => compare(a.by, b.by));
      return bottom ? sorted.slice(-n) : sorted.slice(0, n);
    },
    (items) => (one ? (items[0]?.output ?? null) : items.map(({ output }) => output)),
  );
  return all;
}

/** Reads `{ $sum: expression }` and its like. @throws CannotSimulate or PipelineRefused */
export function accumulationOf(specification: unknown, path: JsonPath): Accumulation {
  const keys = isDoc(specification) ? Object.keys(specification) : [];
  const [name = ""] = keys;
  if (!isDoc(specification) || keys.length !== 1 || !name.startsWith("$"))
    throw new PipelineRefused("a field of $group is an object with one accumulator", path);
  const argument = specification[name];
  if (name === "$count") return { input: 1, accumulator: simple["$count"] as Accumulator };
  if (Object.hasOwn(simple, name)) return { input: argument, accumulator: simple[name] as Accumulator };
  if (["$firstN", "$lastN", "$minN", "$maxN"].includes(name)) {
    const { input, n } = argument as Doc;
    return { input, accumulator: several(name, countOf(n, [...path, name])) };
  }
  if (["$top", "$topN", "$bottom", "$bottomN"].includes(name)) {
    const { output, sortBy, n } = argument as Doc;
    if (!isDoc(sortBy)) throw new PipelineRefused(`${name} needs sortBy`, [...path, name]);
    const one = !name.endsWith("N");
    const bottom = name.startsWith("$bottom");
    const count = one ? 1 : countOf(n, [...path, name]);
    return { input: { by: "$$ROOT", output }, accumulator: ranked(count, sortBy, bottom, one) };
  }
  throw new CannotSimulate(`the accumulator ${name}`, [...path, name]);
}

function countOf(n: unknown, path: JsonPath): number {
  if (typeof n === "number" && Number.isInteger(n) && n > 0) return n;
  throw new CannotSimulate("an n that is not a positive whole number", path);
}
