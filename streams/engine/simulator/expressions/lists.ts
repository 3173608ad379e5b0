import { compareValues } from "../values/compare.ts";
import { valueAt } from "../values/paths.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { type Operators, evaluate, isNil, listed, named, unary } from "./operator.ts";

/** Compares documents by a `$sort` specification. */
export function sorter(specification: Doc): (a: unknown, b: unknown) => number {
  const keys = Object.entries(specification).map(([path, direction]): { parts: string[]; direction: 1 | -1 } => {
    if (direction !== 1 && direction !== -1)
      throw new Error("$sort key ordering must be 1 (for ascending) or -1 (for descending)");
    return { parts: path.split("."), direction };
  });
  return (a, b) => {
    for (const { parts, direction } of keys) {
      const order = compareValues(sortKey(a, parts, direction), sortKey(b, parts, direction));
      if (order !== 0) return order * direction;
    }
    return 0;
  };
}

/** Of a list the least counts when sorting up, the greatest when sorting down. A missing field sorts as null. */
function sortKey(document: unknown, parts: readonly string[], direction: 1 | -1): unknown {
  const value = valueAt(document, parts) ?? null;
  if (!Array.isArray(value)) return value;
  const [first, ...rest] = value as unknown[];
  return rest.reduce((best, item) => (compareValues(item, best) * direction < 0 ? item : best), first);
}

function asObject(list: unknown): unknown {
  if (isNil(list)) return null;
  if (!Array.isArray(list)) throw new Error("$arrayToObject requires an array input");
  const result: Doc = {};
  for (const item of list as unknown[]) {
    const [key, value] = Array.isArray(item) ? (item as unknown[]) : isDoc(item) ? [item["k"], item["v"]] : [];
    if (typeof key !== "string" || key === "__proto__")
      throw new Error("$arrayToObject requires an array of key-value pairs, where the key must be of type string");
    result[key] = value;
  }
  return result;
}

const sliced = listed(([list, first, second]) => {
  if (isNil(list) || first === null || second === null) return null;
  if (!Array.isArray(list)) throw new Error("First argument to $slice must be an array");
  const count = Number(second ?? first);
  if (second !== undefined && count <= 0) throw new Error("Third argument to $slice must be positive");
  const start = second === undefined ? (count < 0 ? count : 0) : Number(first);
  const from = start < 0 ? Math.max(0, list.length + start) : start;
  return (list as unknown[]).slice(from, from + Math.abs(count));
});

/** The n first or last of a list in BSON's order. */
const extremes = (sign: 1 | -1) =>
  named(({ n, input }) => {
    if (isNil(input)) return null;
    if (!Array.isArray(input)) throw new Error("input must be an array");
    const present = (input as unknown[]).filter((item) => !isNil(item));
    return present.sort((a, b) => sign * compareValues(a, b)).slice(0, Number(n));
  });

/** What is at an end of a list; nothing for an empty one. */
const end = (name: string, at: (list: readonly unknown[]) => unknown) =>
  unary((list) => {
    if (isNil(list)) return null;
    if (!Array.isArray(list)) throw new Error(`${name}'s argument must be an array, but is ${typeof list}`);
    return at(list);
  });

export const lists: Operators = {
  $size: unary((list) => {
    if (!Array.isArray(list)) throw new Error("The argument to $size must be an array");
    return list.length;
  }),
  $slice: sliced,
  $first: end("$first", (list) => list[0]),
  $last: end("$last", (list) => list.at(-1)),
  $minN: extremes(1),
  $maxN: extremes(-1),
  $arrayToObject: unary(asObject),
  $objectToArray: unary((value) => {
    if (isNil(value)) return null;
    if (!isDoc(value)) throw new Error("$objectToArray requires a document input");
    return Object.entries(value).map(([k, v]) => ({ k, v }));
  }),
  $sortArray: (object, argument, scope) => {
    const { input, sortBy } = argument as Doc;
    const list = evaluate(object, input, scope);
    if (isNil(list)) return null;
    if (!Array.isArray(list)) throw new Error("The input argument to $sortArray must be an array");
    if (isDoc(sortBy)) return [...(list as unknown[])].sort(sorter(sortBy));
    return [...(list as unknown[])].sort((a, b) => Number(sortBy) * compareValues(a, b));
  },
};
