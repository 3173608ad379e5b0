import { Binary, type Doc, ObjectId, Timestamp, Uuid } from "./types.ts";

/** Where types stand in the order of BSON; what is missing comes before null. */
function rank(value: unknown): number {
  switch (typeof value) {
    case "undefined":
      return 0;
    case "number":
      return 2;
    case "string":
      return 3;
    case "boolean":
      return 8;
    default:
  }
  if (value === null) return 1;
  if (Array.isArray(value)) return 5;
  if (value instanceof Date) return 9;
  if (value instanceof ObjectId) return 7;
  if (value instanceof Uuid || value instanceof Binary) return 6;
  if (value instanceof Timestamp) return 10;
  return value instanceof RegExp ? 11 : 4;
}

/** Compares any two values as MongoDB does: first by type, then by value. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  const [rankA, rankB] = [rank(a), rank(b)];
  if (rankA !== rankB) return rankA < rankB ? -1 : 1;
  return byRank[rankA]?.(a, b) ?? 0;
}

export const equalValues = (a: unknown, b: unknown): boolean => compareValues(a, b) === 0;

type Compare = (a: unknown, b: unknown) => number;

const simple = <T extends number | string | boolean>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** By rank; the two lowest have one value each. */
const byRank: readonly (Compare | undefined)[] = [
  undefined,
  undefined,
  (a, b) => numbers(a as number, b as number),
  (a, b) => compareStrings(a as string, b as string),
  (a, b) => objects(a as Doc, b as Doc),
  (a, b) => arrays(a as unknown[], b as unknown[]),
  (a, b) => binaries(a as Binary | Uuid, b as Binary | Uuid),
  (a, b) => simple((a as ObjectId).hex, (b as ObjectId).hex),
  (a, b) => simple(a as boolean, b as boolean),
  (a, b) => simple((a as Date).getTime(), (b as Date).getTime()),
  (a, b) => timestamps(a as Timestamp, b as Timestamp),
  (a, b) => simple(String(a), String(b)),
];

/** NaN equals itself and comes before every other number. */
function numbers(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : simple(a, b);
}

/** By code points, as UTF-8 sorts; JavaScript's own order differs beyond the basic plane. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA === unitB) continue;
    const [highA, highB] = [isSurrogate(unitA), isSurrogate(unitB)];
    return highA === highB ? simple(unitA, unitB) : highA ? 1 : -1;
  }
  return simple(a.length, b.length);
}

const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;

/** Field by field in their own order: type, then name, then value. */
function objects(a: Doc, b: Doc): number {
  const [keysA, keysB] = [Object.keys(a), Object.keys(b)];
  const length = Math.min(keysA.length, keysB.length);
  for (let index = 0; index < length; index += 1) {
    const [keyA = "", keyB = ""] = [keysA[index], keysB[index]];
    const [valueA, valueB] = [a[keyA], b[keyB]];
    const order = simple(rank(valueA), rank(valueB)) || compareStrings(keyA, keyB) || compareValues(valueA, valueB);
    if (order !== 0) return order;
  }
  return simple(keysA.length, keysB.length);
}

function arrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareValues(a[index], b[index]);
    if (order !== 0) return order;
  }
  return simple(a.length, b.length);
}

function binaries(a: Binary | Uuid, b: Binary | Uuid): number {
  const [bytesA, bytesB] = [bytesOf(a), bytesOf(b)];
  return simple(bytesA.length, bytesB.length) || simple(subtypeOf(a), subtypeOf(b)) || Buffer.compare(bytesA, bytesB);
}

const subtypeOf = (value: Binary | Uuid) => (value instanceof Uuid ? 4 : value.subtype);

/** The bytes of a binary value. */
export function bytesOf(value: Binary | Uuid): Buffer {
  return value instanceof Uuid ? Buffer.from(value.text.replaceAll("-", ""), "hex") : value.bytes;
}

const timestamps = (a: Timestamp, b: Timestamp) => simple(a.seconds, b.seconds) || simple(a.increment, b.increment);

/** Equal values, and only those, have equal keys. The order of fields counts, as it does in MongoDB. */
export function keyOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `s${JSON.stringify(value)}`;
    case "number":
      return `n${value === 0 ? 0 : value}`;
    case "boolean":
      return value ? "t" : "f";
    case "undefined":
      return "m";
    default:
  }
  if (value === null) return "z";
  if (Array.isArray(value)) return `[${value.map(keyOf).join(",")}]`;
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof ObjectId) return `o${value.hex}`;
  if (value instanceof Uuid || value instanceof Binary)
    return `b${subtypeOf(value)}:${bytesOf(value).toString("base64")}`;
  if (value instanceof Timestamp) return `T${value.toString()}`;
  if (value instanceof RegExp) return `r${String(value)}`;
  return `{${Object.entries(value as Doc)
    .map(([key, inner]) => `${JSON.stringify(key)}:${keyOf(inner)}`)
    .join(",")}}`;
}
