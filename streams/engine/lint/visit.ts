import type { JsonPath } from "../json/document.ts";
import { type StageUse, isDocument } from "./subject.ts";

/** How a value is read: as an expression, as a query, as accumulators of `$group`, or as it is. */
export type Mode = "expression" | "query" | "accumulators" | "schema" | "value";

export interface Visited {
  path: JsonPath;
  mode: Mode;
  /** A key that begins with "$", or a string. */
  kind: "operator" | "text";
  name: string;
  /** What an operator is applied to. */
  operand?: unknown;
  /** Variables that are declared around it. */
  declared: ReadonlySet<string>;
}

/** Fields of stages that are no expressions of the stream: plain values, or what a database runs. */
const plain: Readonly<Record<string, readonly string[]>> = {
  $source: ["documents", "config", "initialSync"],
  $lookup: ["from", "pipeline", "localField", "foreignField", "as"],
  $cachedLookup: ["from", "ttl", "localField", "foreignField", "as"],
  $vectorSearch: ["from", "pipeline", "filter", "path", "index"],
  $tumblingWindow: ["pipeline"],
  $hoppingWindow: ["pipeline"],
  $sessionWindow: ["pipeline"],
  $https: ["payload"],
  $externalFunction: ["payload"],
  $emit: ["timeseries"],
  $iceberg: ["partitionedBy"],
};

const modes: Readonly<Record<string, Mode>> = { $match: "query", $unwind: "value", $unset: "value", $count: "value" };

/** Operators and strings of a stage that the stream itself evaluates; stages inside of it are visited on their own. */
export function* visit(use: StageUse): Generator<Visited> {
  const { name, operand, path } = use;
  const none: ReadonlySet<string> = new Set();
  if (!isDocument(operand) || name in modes) {
    yield* within(operand, path, modes[name] ?? "expression", none);
    return;
  }
  for (const [key, value] of Object.entries(operand)) {
    const at = [...path, key];
    if (plain[name]?.includes(key) === true) continue;
    // A pipeline of $merge is run by the database that is merged into.
    if (name === "$merge" && Array.isArray(value)) continue;
    const mode =
      name === "$validate" && key === "validator"
        ? "query"
        : name === "$group" && key !== "_id"
          ? "accumulators"
          : "expression";
    if (key.startsWith("$") && name !== "$replaceWith" && name !== "$redact") yield* within(value, at, mode, none);
    else if (key.startsWith("$")) yield* operator(key, value, at, mode, none);
    else yield* within(value, at, mode, none);
  }
}

function* within(value: unknown, path: JsonPath, mode: Mode, declared: ReadonlySet<string>): Generator<Visited> {
  if (typeof value === "string") yield { path, mode, kind: "text", name: value, declared };
  else if (Array.isArray(value))
    for (const [index, inside] of value.entries()) yield* within(inside, [...path, index], mode, declared);
  else if (isDocument(value))
    for (const [key, inside] of Object.entries(value))
      if (key.startsWith("$")) yield* operator(key, inside, [...path, key], mode, declared);
      else yield* within(inside, [...path, key], mode, declared);
}

function* operator(
  name: string,
  operand: unknown,
  path: JsonPath,
  mode: Mode,
  declared: ReadonlySet<string>,
): Generator<Visited> {
  yield { path, mode, kind: "operator", name, operand, declared };
  if (name === "$literal" || name === "$jsonSchema" || mode === "value") return;
  const next = mode === "accumulators" || (mode === "query" && name === "$expr") ? "expression" : mode;
  yield* within(operand, path, next, mode === "query" ? declared : new Set([...declared, ...declares(name, operand)]));
}

/** Variables that an operator declares for what is inside of it. */
function declares(name: string, operand: unknown): string[] {
  const own = isDocument(operand) ? operand : {};
  const as = typeof own["as"] === "string" ? [own["as"]] : [];
  if (name === "$map" || name === "$filter")
    return [...(as.length > 0 ? as : ["this"]), ...(own["arrayIndexAs"] === undefined ? [] : ["IDX"])];
  if (name === "$reduce") return ["this", "value", ...as];
  if (name === "$let") return isDocument(own["vars"]) ? Object.keys(own["vars"]) : [];
  return name === "$sortArray" ? ["this"] : [];
}
