import type { Properties } from "./type-spec.ts";

/** The value a dotted path (`metadata.name`) leads to, or undefined where the path ends early. */
export function valueAt(properties: unknown, path: string): unknown {
  let value: unknown = properties;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Properties)[key];
  }
  return value;
}

/** A copy in which the path holds the value; objects along the path are copied, the rest is shared. */
export function withValueAt(properties: Properties, path: string, value: unknown): Properties {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...properties, [key]: value };
  const below = properties[key];
  const nested = typeof below === "object" && below !== null ? (below as Properties) : {};
  return { ...properties, [key]: withValueAt(nested, rest.join("."), value) };
}
