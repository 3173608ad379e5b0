import type { Json } from "../../release/canonical.ts";
import { isMembers, resolve, ValueError, type Scope } from "./values.ts";

type Members = { [key: string]: Json | undefined };

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  GreaterThan: (left, right) => left > right,
  GreaterThanOrEqualTo: (left, right) => left >= right,
  LessThan: (left, right) => left < right,
  LessThanOrEqualTo: (left, right) => left <= right,
};
const conditionTypes = [...Object.keys(comparisons), "Equals", "In", "Not", "Or"];

/** Members by type of condition, beside `Type`. */
const membersOf = (type: string): string[] => {
  if (type === "In") return ["QueryValue", "Values"];
  if (type === "Not") return ["Expression"];
  return type === "Or" ? ["Conditions"] : ["LeftValue", "RightValue"];
};

const isList = (value: Json | undefined): value is Json[] => Array.isArray(value);

/** What a list of conditions has that local mode does not understand. */
export function conditionProblems(conditions: Json | undefined, at: string): string[] {
  if (!isList(conditions) || conditions.length === 0) return [`${at}: expected a list of conditions`];
  return conditions.flatMap((condition, index) => oneProblems(condition, `${at}.${index}`));
}

function oneProblems(condition: Json | undefined, at: string): string[] {
  const type = isMembers(condition) ? condition["Type"] : undefined;
  if (!isMembers(condition) || typeof type !== "string") return [`${at}: expected a condition with a Type`];
  if (type === "And") return [`${at}: SageMaker has no condition And: all conditions of a list have to hold as it is`];
  if (!conditionTypes.includes(type))
    return [`${at}: condition ${type} is not one that local mode knows (${conditionTypes.join(", ")})`];
  const wanted = membersOf(type);
  const odd = Object.keys(condition).filter((key) => key !== "Type" && !wanted.includes(key));
  const missing = wanted.filter((key) => condition[key] === undefined);
  const problems = [
    ...odd.map((key) => `${at}.${key}: no member of a condition ${type}`),
    ...missing.map((key) => `${at}.${key}: missing`),
  ];
  if (problems.length > 0) return problems;
  if (type === "Not") return oneProblems(condition["Expression"], `${at}.Expression`);
  if (type === "Or") return conditionProblems(condition["Conditions"], `${at}.Conditions`);
  return type === "In" && !isList(condition["Values"]) ? [`${at}.Values: expected a list`] : [];
}

/** How one condition came out, in words: "0.83 >= 0.6". */
export interface Judgement {
  holds: boolean;
  told: string;
}

/** Whether all conditions of a list hold. @throws ValueError for values that cannot be compared. */
export function judge(conditions: readonly Json[], scope: Scope): Judgement {
  const judged = conditions.map((condition) => judgeOne(condition, scope));
  return { holds: judged.every(({ holds }) => holds), told: judged.map(({ told }) => told).join(" and ") };
}

function judgeOne(condition: Json, scope: Scope): Judgement {
  if (!isMembers(condition)) throw new ValueError("a condition is no object");
  const type = condition["Type"] as string;
  if (type === "Not") {
    const { holds, told } = judgeOne(condition["Expression"] ?? null, scope);
    return { holds: !holds, told: `not (${told})` };
  }
  if (type === "Or") {
    const judged = ((condition["Conditions"] ?? []) as Json[]).map((inner) => judgeOne(inner, scope));
    return { holds: judged.some(({ holds }) => holds), told: judged.map(({ told }) => told).join(" or ") };
  }
  return type === "In" ? judgeIn(condition, scope) : judgeComparison(type, condition, scope);
}

function judgeIn(condition: Members, scope: Scope): Judgement {
  const value = resolve(condition["QueryValue"] ?? null, scope);
  const values = resolve(condition["Values"] ?? [], scope) as Json[];
  return { holds: values.some((other) => equal(value, other)), told: `${show(value)} in ${show(values)}` };
}

const signs: Readonly<Record<string, string>> = {
  GreaterThan: ">",
  GreaterThanOrEqualTo: ">=",
  LessThan: "<",
  LessThanOrEqualTo: "<=",
  Equals: "=",
};

function judgeComparison(type: string, condition: Members, scope: Scope): Judgement {
  const left = resolve(condition["LeftValue"] ?? null, scope);
  const right = resolve(condition["RightValue"] ?? null, scope);
  const told = `${show(left)} ${signs[type] ?? type} ${show(right)}`;
  if (type === "Equals") return { holds: equal(left, right), told };
  if (typeof left !== "number" || typeof right !== "number")
    throw new ValueError(`${type}: got ${show(left)} and ${show(right)}, expected two numbers`);
  return { holds: comparisons[type]?.(left, right) ?? false, told };
}

function equal(left: Json, right: Json): boolean {
  if (typeof left !== typeof right || typeof left === "object")
    throw new ValueError(`got ${show(left)} and ${show(right)}, expected two values of one type`);
  return left === right;
}

const show = (value: Json): string => JSON.stringify(value);
