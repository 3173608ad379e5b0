import { CannotSimulate } from "../errors.ts";
import type { JsonPath } from "../../json/document.ts";
import { Binary, type Doc, ObjectId, Timestamp, Uuid, isDoc } from "./types.ts";

/** Reads Extended JSON, relaxed or canonical. @throws CannotSimulate for values that JavaScript cannot hold */
export function fromEjson(value: unknown, path: JsonPath = []): unknown {
  if (Array.isArray(value)) return value.map((item, index) => fromEjson(item, [...path, index]));
  if (!isDoc(value)) return value;
  const keys = Object.keys(value);
  const [first = ""] = keys;
  const reader = keys.length === 1 && Object.hasOwn(readers, first) ? readers[first] : undefined;
  if (reader !== undefined) return read(first, reader, value[first], path);
  const result: Doc = {};
  for (const key of keys) {
    if (key === "__proto__") throw new CannotSimulate("a field with the name __proto__", path);
    result[key] = fromEjson(value[key], [...path, key]);
  }
  return result;
}

/** A document out of Extended JSON. */
export const docFromEjson = (value: unknown, path: JsonPath = []): Doc => fromEjson(value, path) as Doc;

type Reader = (value: unknown, path: JsonPath) => unknown;

function read(name: string, reader: Reader, value: unknown, path: JsonPath): unknown {
  try {
    return reader(value, path);
  } catch (error) {
    if (error instanceof CannotSimulate) throw error;
    throw new CannotSimulate(`${name} ${JSON.stringify(value)}: ${(error as Error).message}`, path);
  }
}

const refuse =
  (what: string): Reader =>
  (_, path) => {
    throw new CannotSimulate(what, path);
  };

function number(value: unknown): number {
  const read = Number(value);
  if (Number.isNaN(read) && value !== "NaN") throw new Error("not a number");
  return read;
}

function whole(value: unknown, path: JsonPath): number {
  const read = number(value);
  if (!Number.isSafeInteger(read)) throw new CannotSimulate(`the 64-bit integer ${String(value)}`, path);
  return read;
}

function date(value: unknown, path: JsonPath): Date {
  const inner = isDoc(value) ? fromEjson(value, path) : value;
  const read = new Date(typeof inner === "number" ? inner : String(inner));
  if (Number.isNaN(read.getTime())) throw new Error("not a date");
  return read;
}

function binary(value: unknown): Binary | Uuid {
  const { base64, subType = "0" } = value as { base64?: unknown; subType?: string };
  if (typeof base64 !== "string") throw new Error("base64 is missing");
  const subtype = Number.parseInt(subType, 16);
  return subtype === 4 ? uuidOf(Buffer.from(base64, "base64")) : new Binary(base64, subtype);
}

/** A UUID out of its sixteen bytes. */
export function uuidOf(bytes: Buffer): Uuid {
  return new Uuid(bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
}

const readers: Readonly<Record<string, Reader>> = {
  $oid: (value) => new ObjectId(String(value)),
  $date: date,
  $numberInt: (value, path) => whole(value, path),
  $numberLong: (value, path) => whole(value, path),
  $numberDouble: (value) => number(value),
  $numberDecimal: refuse("128-bit decimals"),
  $binary: binary,
  $uuid: (value) => new Uuid(String(value)),
  $timestamp: (value) => {
    const { t, i } = value as { t?: unknown; i?: unknown };
    return new Timestamp(number(t), number(i));
  },
  $regularExpression: (value) => {
    const { pattern, options = "" } = value as { pattern: string; options?: string };
    return new RegExp(pattern, options);
  },
  $undefined: refuse("the deprecated type undefined"),
  $symbol: refuse("the deprecated type symbol"),
  $dbPointer: refuse("the deprecated type dbPointer"),
  $minKey: refuse("minKey"),
  $maxKey: refuse("maxKey"),
};

/** Writes relaxed Extended JSON; fields without a value are left out. */
export function toEjson(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "number" && !Number.isFinite(value)) return { $numberDouble: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toEjson);
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof ObjectId) return { $oid: value.hex };
  if (value instanceof Uuid) return { $uuid: value.text };
  if (value instanceof Binary)
    return { $binary: { base64: value.base64, subType: value.subtype.toString(16).padStart(2, "0") } };
  if (value instanceof Timestamp) return { $timestamp: { t: value.seconds, i: value.increment } };
  if (value instanceof RegExp) return { $regularExpression: { pattern: value.source, options: value.flags } };
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, toEjson(inner)]));
}
