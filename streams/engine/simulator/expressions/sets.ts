import { keyOf } from "../values/compare.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { type Operators, isNil, listed, unary } from "./operator.ts";

const keyed = (list: readonly unknown[]) => new Map(list.map((item) => [keyOf(item), item]));

/** Lists as sets; what is null makes the whole null, where that is allowed. */
const ofSets = (name: string, compute: (sets: Map<string, unknown>[]) => unknown, nullable = true) =>
  listed((lists) => {
    if (nullable && lists.some(isNil)) return null;
    const bad = lists.find((list) => !Array.isArray(list));
    if (bad !== undefined || lists.some(isNil)) throw new Error(`All operands of ${name} must be arrays`);
    return compute((lists as unknown[][]).map(keyed));
  });

const within = (a: Map<string, unknown>, b: Map<string, unknown>) => [...a.keys()].every((key) => b.has(key));

/** Operators of sets. Sub-documents are equal when their fields are in the same order, too. */
export const sets: Operators = {
  $setUnion: ofSets("$setUnion", (all) => [...new Map(all.flatMap((set) => [...set])).values()]),
  $setIntersection: ofSets("$setIntersection", ([first = new Map<string, unknown>(), ...rest]) =>
    [...first].filter(([key]) => rest.every((set) => set.has(key))).map(([, item]) => item),
  ),
  $setDifference: ofSets("$setDifference", ([a = new Map<string, unknown>(), b]) =>
    [...a].filter(([key]) => b?.has(key) !== true).map(([, item]) => item),
  ),
  $setEquals: ofSets(
    "$setEquals",
    ([first, ...rest]) => rest.every((set) => within(first ?? set, set) && within(set, first ?? set)),
    false,
  ),
  $setIsSubset: ofSets("$setIsSubset", ([a, b]) => a !== undefined && b !== undefined && within(a, b), false),
  $isArray: unary(Array.isArray),
  $mergeObjects: listed((objects) => {
    const result: Doc = {};
    for (const object of objects) {
      if (isNil(object)) continue;
      if (!isDoc(object)) throw new Error("$mergeObjects requires object inputs");
      for (const [key, value] of Object.entries(object)) if (value !== undefined) result[key] = value;
    }
    return result;
  }),
};
