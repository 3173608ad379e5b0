import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, PipelineRefused } from "../errors.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { missingVariables, unaryOperators } from "./catalogue.ts";

/** What a preparation asks and tells. */
export interface Preparation {
  /** Whether an operator can be simulated. */
  knows(operator: string): boolean;
  /** A conditional expression with branches, which count as reached one by one. */
  branches(expression: object, path: JsonPath, names: readonly string[]): void;
}

/**
 * Checks an expression and writes it in the one form that is evaluated: one value out of its list, conditions with named branches.
 * @throws CannotSimulate or PipelineRefused
 */
export function prepareExpression(expression: unknown, path: JsonPath, about: Preparation): unknown {
  if (typeof expression === "string") return checkedPath(expression, path);
  if (Array.isArray(expression))
    return expression.map((item, index) => prepareExpression(item, [...path, index], about));
  if (!isDoc(expression)) return expression;
  const keys = Object.keys(expression);
  const [operator = ""] = keys;
  if (!operator.startsWith("$")) {
    const bad = keys.find((key) => key.startsWith("$"));
    if (bad !== undefined)
      throw new PipelineRefused(`${bad} stands beside fields: an operator stands alone`, [...path, bad]);
    return Object.fromEntries(keys.map((key) => [key, prepareExpression(expression[key], [...path, key], about)]));
  }
  if (keys.length > 1) throw new PipelineRefused(`an expression has one operator, not ${keys.join(" and ")}`, path);
  return { [operator]: preparedArgument(operator, expression[operator], [...path, operator], about) };
}

function preparedArgument(operator: string, argument: unknown, path: JsonPath, about: Preparation): unknown {
  if (!about.knows(operator)) throw new CannotSimulate(`the operator ${operator}`, path);
  if (operator === "$literal" || operator === "$meta") return argument;
  if (operator === "$cond") return condition(argument, path, about);
  if (operator === "$switch") return switched(argument as Doc, path, about);
  if (operator === "$getField" && typeof argument === "string") return argument;
  const given =
    Array.isArray(argument) && argument.length === 1 && unaryOperators.has(operator)
      ? (argument[0] as unknown)
      : argument;
  const prepared = prepareExpression(given, path, about);
  if (operator === "$ifNull") {
    if (!Array.isArray(prepared) || prepared.length < 2)
      throw new PipelineRefused("$ifNull needs at least two expressions", path);
    about.branches(prepared, path, [...prepared.keys()].map(String));
  }
  return prepared;
}

function condition(argument: unknown, path: JsonPath, about: Preparation): unknown {
  const parts = Array.isArray(argument) ? (argument as unknown[]) : undefined;
  const given = parts === undefined ? argument : { if: parts[0], then: parts[1], else: parts[2] };
  if (!isDoc(given) || ["if", "then", "else"].some((name) => !Object.hasOwn(given, name)) || (parts?.length ?? 3) !== 3)
    throw new PipelineRefused("$cond needs if, then and else", path);
  const at = (name: string, index: number) => [...path, parts === undefined ? name : index];
  const prepared = Object.fromEntries(
    ["if", "then", "else"].map((name, index) => [name, prepareExpression(given[name], at(name, index), about)]),
  );
  about.branches(prepared, path, ["then", "else"]);
  return prepared;
}

function switched(argument: Doc, path: JsonPath, about: Preparation): unknown {
  const { branches, ...rest } = argument;
  if (!Array.isArray(branches) || branches.length === 0) throw new PipelineRefused("$switch needs branches", path);
  const prepared = {
    branches: (branches as unknown[]).map((branch, index) => {
      if (!isDoc(branch) || !Object.hasOwn(branch, "case") || !Object.hasOwn(branch, "then"))
        throw new PipelineRefused("a branch of $switch needs case and then", [...path, "branches", index]);
      return prepareExpression(branch, [...path, "branches", index], about);
    }),
    ...(prepareExpression(rest, path, about) as Doc),
  };
  const otherwise = Object.hasOwn(rest, "default") ? ["default"] : [];
  about.branches(prepared, path, [...prepared.branches.keys()].map(String).concat(otherwise));
  return prepared;
}

function checkedPath(text: string, path: JsonPath): string {
  if (!text.startsWith("$")) return text;
  const [root = "", ...parts] = text.replace(/^\$\$?/, "").split(".");
  if (text.startsWith("$$") && Object.hasOwn(missingVariables, root))
    throw new PipelineRefused(`Atlas Stream Processing has no $$${root}: ${missingVariables[root]}`, path);
  const fields = text.startsWith("$$") ? parts : [root, ...parts];
  if (fields.some((field) => /^\d+$/.test(field)))
    throw new CannotSimulate(
      `the number in ${text}: expressions take it for a field's name, never for a position`,
      path,
    );
  return text;
}

/** Whether an expression can leave fields without a value behind: where it makes an object or a list of its own. */
export function makesHoles(expression: unknown): boolean {
  if (Array.isArray(expression)) return true;
  if (!isDoc(expression)) return false;
  const [operator = ""] = Object.keys(expression);
  return !operator.startsWith("$") || (operator !== "$literal" && hasObject(expression[operator]));
}

/** Arguments are lists, and named arguments objects; what is made of them are objects further inside. */
function hasObject(argument: unknown): boolean {
  if (Array.isArray(argument)) return argument.some((item) => Array.isArray(item) || makesHoles(item));
  if (!isDoc(argument)) return false;
  return Object.entries(argument).some(([key, value]) =>
    key.startsWith("$") ? makesHoles(argument) : makesHoles(value),
  );
}
