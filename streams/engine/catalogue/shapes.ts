/**
 * Forms that documents of stages have. `text` is a literal string, `name` one that may be an expression too, `any` whatever an expression
 * may be, `duration` a `{size, unit}`, `time` an expression that makes a date.
 */
export type Kind =
  "text" | "texts" | "name" | "any" | "document" | "list" | "pipeline" | "integer" | "boolean" | "duration" | "time";

/** What stands in one place: a kind, one of some words, or a document of its own. */
export type Shape = Kind | readonly string[] | DocumentShape;

export interface DocumentShape {
  required: readonly string[];
  fields: Readonly<Record<string, Shape>>;
}

/** A document; names that end with "!" are required. */
export function document(fields: Readonly<Record<string, Shape>>): DocumentShape {
  const plain = (name: string) => name.replace(/!$/, "");
  return {
    required: Object.keys(fields)
      .filter((name) => name.endsWith("!"))
      .map(plain),
    fields: Object.fromEntries(Object.entries(fields).map(([name, shape]) => [plain(name), shape])),
  };
}

/** Everything that any of some documents may hold, and what all of them must. */
export function anyOf(shapes: readonly DocumentShape[]): DocumentShape {
  return {
    required: (shapes[0]?.required ?? []).filter((name) => shapes.every(({ required }) => required.includes(name))),
    fields: Object.assign({}, ...shapes.map(({ fields }) => fields)) as Record<string, Shape>,
  };
}

/** Units of durations. */
export const durationUnits = ["ms", "second", "minute", "hour", "day"] as const;
export type DurationUnit = (typeof durationUnits)[number];

const milliseconds: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** A `{size, unit}` in milliseconds; undefined where it is none. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { size, unit } = value as { size?: unknown; unit?: unknown };
  if (typeof size !== "number" || typeof unit !== "string" || !Object.hasOwn(milliseconds, unit)) return undefined;
  return size * milliseconds[unit as DurationUnit];
}
