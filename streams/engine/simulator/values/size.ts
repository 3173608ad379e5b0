import { bytesOf } from "./compare.ts";
import { Binary, type Doc, ObjectId, Timestamp, Uuid } from "./types.ts";

/** Bytes that a document takes in BSON. */
export function bsonSize(doc: Doc | readonly unknown[]): number {
  let size = 5;
  for (const [key, value] of Object.entries(doc)) {
    if (value !== undefined) size += 2 + Buffer.byteLength(key) + valueSize(value);
  }
  return size;
}

function valueSize(value: unknown): number {
  switch (typeof value) {
    case "string":
      return 5 + Buffer.byteLength(value);
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 4 : 8;
    case "boolean":
      return 1;
    default:
  }
  if (value === null) return 0;
  if (value instanceof Date || value instanceof Timestamp) return 8;
  if (value instanceof ObjectId) return 12;
  if (value instanceof Uuid || value instanceof Binary) return 5 + bytesOf(value).length;
  if (value instanceof RegExp) return Buffer.byteLength(value.source) + value.flags.length + 2;
  return bsonSize(value as Doc);
}
