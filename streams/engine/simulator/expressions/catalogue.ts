import * as mingoExpressions from "mingo/operators/expression";
import * as mingoQueries from "mingo/operators/query";
import { comparisons } from "./comparison.ts";
import { conversions } from "./conversion.ts";
import { dates } from "./dates.ts";
import { lists } from "./lists.ts";
import { numeric } from "./numbers.ts";
import { sets } from "./sets.ts";
import { strings } from "./strings.ts";
import type { Operators } from "./operator.ts";
import { type QueryOperator, queries } from "./queries.ts";

/** Operators of mingo that were compared with MongoDB's and do the same; all others are supplied here or refused. */
const taken = [
  ...["$abs", "$add", "$ceil", "$divide", "$exp", "$floor", "$multiply", "$pow", "$sqrt", "$subtract"],
  ...["$bitAnd", "$bitOr", "$bitXor", "$bitNot"],
  ...["$atan", "$atan2", "$cos", "$sin", "$tan", "$degreesToRadians", "$radiansToDegrees"],
  ...["$arrayElemAt", "$concatArrays", "$filter", "$map", "$range", "$reduce", "$reverseArray", "$zip"],
  ...["$and", "$or", "$not", "$let", "$literal", "$getField", "$setField", "$unsetField"],
  ...["$allElementsTrue", "$anyElementTrue"],
  ...["$concat", "$ltrim", "$rtrim", "$trim", "$replaceAll", "$replaceOne"],
  ...["$regexFind", "$regexFindAll", "$regexMatch", "$strLenBytes", "$strLenCP"],
] as const;

const picked = <T>(from: Readonly<Record<string, T>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, from[name]]));

/** Every operator of expressions but those that need a runtime. */
export const expressionOperators = {
  ...picked(mingoExpressions as unknown as Operators, taken),
  ...comparisons,
  ...numeric,
  ...conversions,
  ...dates,
  ...lists,
  ...sets,
  ...strings,
} as Operators;

const takenQueries = ["$and", "$or", "$nor", "$not", "$exists", "$elemMatch", "$all", "$size", "$mod", "$regex"];

/** Every operator of conditions but `$expr`, which is compiled apart. */
export const queryOperators = {
  ...picked(mingoQueries as unknown as Record<string, QueryOperator>, [...takenQueries, "$jsonSchema"]),
  ...queries,
} as Readonly<Record<string, QueryOperator>>;

/** Operators of one value, which may be written in a list of one. */
export const unaryOperators: ReadonlySet<string> = new Set([
  ...["$abs", "$ceil", "$exp", "$floor", "$ln", "$log10", "$sqrt", "$bitNot", "$sum", "$avg", "$max", "$min"],
  ...["$stdDevPop", "$stdDevSamp", "$isNumber", "$size", "$first", "$last", "$reverseArray", "$isArray"],
  ...["$objectToArray", "$arrayToObject", "$not", "$toInt", "$toLong", "$toDouble", "$toString", "$toBool"],
  ...["$toDate", "$toObjectId", "$toUUID", "$type", "$year", "$month", "$dayOfMonth", "$hour", "$minute"],
  ...["$second", "$millisecond", "$dayOfYear", "$dayOfWeek", "$isoDayOfWeek", "$week", "$isoWeek", "$isoWeekYear"],
  ...["$toUpper", "$toLower", "$strLenBytes", "$strLenCP", "$bsonSize", "$binarySize", "$tsSecond", "$tsIncrement"],
  ...["$acos", "$asin", "$atan", "$cos", "$sin", "$tan", "$degreesToRadians", "$radiansToDegrees"],
]);

/** Variables of MongoDB that Atlas Stream Processing does not have. */
export const missingVariables: Readonly<Record<string, string>> = {
  NOW: "use $currentDate instead",
  CLUSTER_TIME: "use $currentDate, or the event's clusterTime",
  USER_ROLES: "a processor has no user",
  SEARCH_META: "there is no search in a stream",
};
