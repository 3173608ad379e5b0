type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A pipeline in which one thing is not as it should be. */
export interface Mutant {
  what: string;
  pipeline: Json[];
}

type Path = (string | number)[];

/** Every pipeline that differs from this one by one stage that is gone, or by one value inside a stage. */
export function* mutantsOf(pipeline: Json[]): Generator<Mutant> {
  for (const path of stagesIn(pipeline, [])) yield { what: `without ${show(path)}`, pipeline: without(pipeline, path) };
  for (const [path, value] of leavesIn(pipeline, []))
    for (const other of changed(value))
      yield { what: `${show(path)} is ${JSON.stringify(other)}`, pipeline: withValue(pipeline, path, other) };
}

export const show = (path: Path): string => path.join(".");

/** Places of all stages, those inside windows and of other pipelines included. */
function stagesIn(value: Json, path: Path): Path[] {
  if (Array.isArray(value)) {
    const isPipeline = value.length > 0 && value.every(isStage) && (path.length === 0 || isPipelineKey(path.at(-1)));
    return value.flatMap((item, index) => [
      ...(isPipeline ? [[...path, index]] : []),
      ...stagesIn(item, [...path, index]),
    ]);
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => stagesIn(inner, [...path, key]));
}

const isPipelineKey = (key: string | number | undefined) =>
  ["pipeline", "payload", "whenMatched"].includes(String(key));
const isStage = (value: Json) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 1;

function leavesIn(value: Json, path: Path): [Path, Json][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => leavesIn(inner, [...path, key]));
}

/** Other values of the same kind. */
function changed(value: Json): Json[] {
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [value + 1, ...(value > 1 ? [value - 1] : [])];
  return typeof value === "string" ? [`${value}x`] : [];
}

function withValue(value: Json, [key, ...rest]: Path, other: Json): Json[] {
  return put(value, [key as string | number, ...rest], other) as Json[];
}

function put(value: Json, path: Path, other: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return other;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? put(item, rest, other) : item));
  const object = value as { [key: string]: Json };
  return { ...object, [key]: put(object[key] ?? null, rest, other) };
}

function without(value: Json, path: Path): Json[] {
  const [key, ...rest] = path;
  if (Array.isArray(value))
    return rest.length === 0
      ? value.filter((_, index) => index !== key)
      : value.map((item, index) => (index === key ? (without(item, rest) as Json) : item));
  const object = value as { [key: string]: Json };
  return { ...object, [key as string]: without(object[key as string] ?? null, rest) } as unknown as Json[];
}
