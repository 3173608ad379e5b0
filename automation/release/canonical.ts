import { createHash } from "node:crypto";

/** Any value that JSON can carry. `undefined` members are left out, as `JSON.stringify` does. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/**
 * Canonical JSON after RFC 8785: members sorted by UTF-16 code units, no white space, ECMAScript number and string
 * forms. Throws a `TypeError` for numbers that JSON cannot carry and for unpaired surrogates.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  if (typeof value === "string" && !value.isWellFormed())
    throw new TypeError("A string with an unpaired surrogate has no JSON form");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(member)}`];
    });
  return `{${members.join(",")}}`;
}

/** Lower-case hex SHA-256. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
