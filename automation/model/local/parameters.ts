import { suggest } from "../../../config/suggest.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { Json } from "../../release/canonical.ts";
import type { PipelineParameter } from "./definition.ts";

/** What people gave: a text from the command line, or a value from code. */
export type Given = Readonly<Record<string, Json>>;

const rules = {
  String: "a text",
  Integer: "a whole number",
  Float: "a number",
  Boolean: "true or false",
} as const;

/** The value in the parameter's type, or undefined. Texts are read, as the command line has nothing else. */
function typed(type: PipelineParameter["type"], value: Json): Json | undefined {
  if (type === "String") return typeof value === "string" ? value : undefined;
  if (type === "Boolean") {
    if (typeof value === "boolean") return value;
    return value === "true" ? true : value === "false" ? false : undefined;
  }
  const number =
    typeof value === "string" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
  return type === "Float" || Number.isSafeInteger(number) ? number : undefined;
}

function problemOf(parameter: PipelineParameter, value: Json | undefined): string | undefined {
  const { name, type, allowed } = parameter;
  if (value === undefined) return `${name}: no value was given, and it has no default`;
  const read = typed(type, value);
  if (read === undefined) return `${name}: got ${JSON.stringify(value)}, expected ${rules[type]}`;
  if (allowed !== undefined && !allowed.some((one) => one === read))
    return `${name}: got ${JSON.stringify(read)}, expected one of ${allowed.map((one) => JSON.stringify(one)).join(", ")}`;
  return undefined;
}

/**
 * The value of every parameter: what was given, else its default. Names may be written without regard to upper and lower case.
 * @throws SlipwayError (usage) that names every wrong value and every parameter that does not exist.
 */
export function parameterValues(parameters: readonly PipelineParameter[], given: Given): Map<string, Json> {
  const named = new Map(parameters.map((parameter) => [parameter.name.toLowerCase(), parameter]));
  const values = new Map<string, Json>();
  const problems: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const parameter = named.get(name.toLowerCase());
    if (parameter === undefined) problems.push(unknown(name, parameters));
    else values.set(parameter.name, value);
  }
  for (const parameter of parameters) {
    const value = values.get(parameter.name) ?? parameter.default;
    const problem = problemOf(parameter, value);
    if (problem !== undefined) problems.push(problem);
    else values.set(parameter.name, typed(parameter.type, value ?? null) ?? null);
  }
  if (problems.length === 0) return values;
  throw new SlipwayError(ExitCode.usage, `The pipeline's parameters are not right:\n  ${problems.join("\n  ")}`, {
    where: "--set",
    changed: "nothing: no step was started",
    next: `Give values as --set name=value. Parameters: ${parameters.map(({ name }) => name).join(", ")}.`,
  });
}

function unknown(name: string, parameters: readonly PipelineParameter[]): string {
  const meant = suggest(
    name,
    parameters.map((parameter) => parameter.name),
  );
  return `${name}: there is no such parameter${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
