import { hasUnknown } from "../../unknown.ts";

const comparisons = [
  ...["prefix", "suffix", "anything-but", "numeric", "exists", "cidr", "equals-ignore-case", "wildcard"],
  "anything-but-prefix",
];

/** What EventBridge says of a pattern; SNS filters speak the same language. */
export function patternProblem(source: string): string | undefined {
  let pattern: unknown;
  try {
    pattern = JSON.parse(source);
  } catch (error) {
    return `invalid JSON: ${(error as Error).message}`;
  }
  if (typeof pattern !== "object" || pattern === null || Array.isArray(pattern)) return "Filter is not an object";
  if (hasUnknown(pattern)) return undefined;
  return objectProblem(pattern as Record<string, unknown>, "");
}

function objectProblem(pattern: Record<string, unknown>, path: string): string | undefined {
  const keys = Object.keys(pattern);
  if (keys.length === 0) return `Empty objects are not allowed${path === "" ? "" : ` at ${path}`}`;
  return keys.map((key) => fieldProblem(key, pattern[key], path)).find((problem) => problem !== undefined);
}

function fieldProblem(key: string, value: unknown, path: string): string | undefined {
  const at = path === "" ? key : `${path}.${key}`;
  if (key === "$or") return alternativesProblem(value, at);
  if (Array.isArray(value)) return matchesProblem(value, at);
  if (typeof value !== "object" || value === null) return `"${at}" must be an object or an array`;
  return objectProblem(value as Record<string, unknown>, at);
}

function alternativesProblem(value: unknown, at: string): string | undefined {
  if (!Array.isArray(value) || value.length < 2) return `"${at}" must be an array with at least two alternatives`;
  return value
    .map((item: unknown) => objectProblem(typeof item === "object" && item !== null ? { ...item } : {}, at))
    .find((problem) => problem !== undefined);
}

function matchesProblem(values: readonly unknown[], at: string): string | undefined {
  if (values.length === 0) return `Empty arrays are not allowed at ${at}`;
  return values.map((value) => matchProblem(value, at)).find((problem) => problem !== undefined);
}

function matchProblem(value: unknown, at: string): string | undefined {
  if (Array.isArray(value)) return `Match value must be String, number, true, false, or null at ${at}`;
  if (typeof value !== "object" || value === null) return undefined;
  const names = Object.keys(value);
  if (names.length !== 1) return `Only one key allowed in match expression at ${at}`;
  const [name = ""] = names;
  return comparisons.includes(name) ? undefined : `Unrecognized match type ${name} at ${at}`;
}
