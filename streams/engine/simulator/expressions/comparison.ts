import { compareValues } from "../values/compare.ts";
import { type Operators, listed } from "./operator.ts";

const compared = (name: string, holds: (order: number) => unknown) =>
  listed((values) => {
    if (values.length !== 2)
      throw new Error(`Expression ${name} takes exactly 2 arguments. ${values.length} were passed in.`);
    return holds(compareValues(values[0], values[1]));
  });

/** Comparisons in BSON's order: of any two types, lists element by element, objects field by field. */
export const comparisons: Operators = {
  $eq: compared("$eq", (order) => order === 0),
  $ne: compared("$ne", (order) => order !== 0),
  $gt: compared("$gt", (order) => order > 0),
  $gte: compared("$gte", (order) => order >= 0),
  $lt: compared("$lt", (order) => order < 0),
  $lte: compared("$lte", (order) => order <= 0),
  $cmp: compared("$cmp", (order) => Math.sign(order)),
  $in: listed(([value, list]) => {
    if (!Array.isArray(list)) throw new Error("$in requires an array as a second argument");
    return list.some((item) => compareValues(value, item) === 0);
  }),
  $indexOfArray: listed(([list, value, from = 0, to]) => {
    if (list === null || list === undefined) return null;
    if (!Array.isArray(list)) throw new Error("$indexOfArray requires an array as a first argument");
    const end = Math.min(list.length, typeof to === "number" ? to : list.length);
    for (let index = Number(from); index < end; index += 1) if (compareValues(list[index], value) === 0) return index;
    return -1;
  }),
};
