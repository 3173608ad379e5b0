import { compareValues, equalValues } from "../values/compare.ts";
import { anyValueAt } from "../values/paths.ts";
import { bsonType, hasType } from "../values/types.ts";

type Test = (value: unknown) => boolean;

/** A condition on a path, as mingo compiles it. */
export type QueryOperator = (selector: string, given: unknown) => (doc: unknown) => boolean;

/** A condition on the values of a path. */
const onValues =
  (make: (given: unknown) => Test, all = false): QueryOperator =>
  (selector, given) => {
    const parts = selector.split(".");
    const test = make(given);
    if (!all) return (doc) => anyValueAt(doc, parts, test);
    const fails: Test = (value) => !test(value);
    return (doc) => !anyValueAt(doc, parts, fails);
  };

/** null is equal to what is missing, a pattern to every text that it matches. */
function equals(given: unknown): Test {
  if (given === null || given === undefined) return (value) => value === null || value === undefined;
  if (given instanceof RegExp)
    return (value) => (typeof value === "string" ? given.test(value) : equalValues(value, given));
  return (value) => equalValues(value, given);
}

/** Comparisons are between values of one type; numbers are one. */
function ordered(given: unknown, holds: (order: number) => boolean): Test {
  const family = familyOf(given);
  return (value) => familyOf(value) === family && holds(compareValues(value ?? null, given ?? null));
}

function familyOf(value: unknown): string {
  const type = bsonType(value);
  if (type === "int" || type === "long" || type === "double") return "number";
  return type === "missing" ? "null" : type;
}

const among = (given: unknown): Test => {
  if (!Array.isArray(given)) throw new Error("$in needs an array");
  const tests = (given as unknown[]).map(equals);
  return (value) => tests.some((test) => test(value));
};
const not =
  (make: (given: unknown) => Test) =>
  (given: unknown): Test => {
    const test = make(given);
    return (value) => !test(value);
  };

/** Conditions of `$match` and `$validate` whose comparison is BSON's. */
export const queries: Readonly<Record<`$${string}`, QueryOperator>> = {
  $eq: onValues(equals),
  $ne: onValues(not(equals), true),
  $in: onValues(among),
  $nin: onValues(not(among), true),
  $gt: onValues((given) => ordered(given, (order) => order > 0)),
  $gte: onValues((given) => ordered(given, (order) => order >= 0)),
  $lt: onValues((given) => ordered(given, (order) => order < 0)),
  $lte: onValues((given) => ordered(given, (order) => order <= 0)),
  $type: onValues((given) => (value) => {
    if (value === undefined) return false;
    return Array.isArray(given) ? given.some((name) => hasType(value, name)) : hasType(value, given);
  }),
};
