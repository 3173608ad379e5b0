import { compareStrings } from "../values/compare.ts";
import { type Operator, type Operators, isNil, listed, unary } from "./operator.ts";

/** Text of what can stand for it; "" for null. */
function textOf(value: unknown): string {
  if (isNil(value)) return "";
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new Error(`can't convert from BSON type ${typeof value} to String`);
}

const cased = (change: (text: string) => string): Operator => unary((value) => change(textOf(value)));

/** Part of a text, in bytes. A count below zero means the rest. */
const bytes = listed(([value, start, count]) => {
  const all = Buffer.from(textOf(value));
  const [from, length] = [Number(start), Number(count)];
  if (from < 0) throw new Error("$substrBytes: the starting index must be non-negative");
  const to = length < 0 ? all.length : Math.min(all.length, from + length);
  const continues = (index: number) => index < all.length && ((all[index] ?? 0) & 0xc0) === 0x80;
  if (continues(from) || continues(to)) throw new Error("$substrBytes: Invalid range, inside a UTF-8 character");
  return all.subarray(from, to).toString();
});

export const strings: Operators = {
  $toUpper: cased((text) => text.toUpperCase()),
  $toLower: cased((text) => text.toLowerCase()),
  $substr: bytes,
  $substrBytes: bytes,
  $substrCP: listed(([value, start, count]) => {
    if (Number(start) < 0 || Number(count) < 0)
      throw new Error("$substrCP: the starting index and the length must be non-negative");
    return [...textOf(value)].slice(Number(start), Number(start) + Number(count)).join("");
  }),
  $strcasecmp: listed(([a, b]) => compareStrings(textOf(a).toUpperCase(), textOf(b).toUpperCase())),
  $split: listed(([text, separator]) => {
    if (isNil(text) || isNil(separator)) return null;
    if (typeof text !== "string" || typeof separator !== "string") throw new Error("$split requires strings");
    if (separator === "") throw new Error("$split requires a non-empty separator");
    return text.split(separator);
  }),
  $indexOfBytes: listed(([text, part, from = 0, to]) => {
    if (isNil(text)) return null;
    if (typeof text !== "string" || typeof part !== "string") throw new Error("$indexOfBytes requires strings");
    return Buffer.from(text)
      .subarray(0, typeof to === "number" ? to : undefined)
      .indexOf(part, Number(from));
  }),
  $indexOfCP: listed(([text, part, from = 0, to]) => {
    if (isNil(text)) return null;
    if (typeof text !== "string" || typeof part !== "string") throw new Error("$indexOfCP requires strings");
    const rest = [...text].slice(Number(from), typeof to === "number" ? to : undefined).join("");
    const found = rest.indexOf(part);
    return found < 0 ? -1 : Number(from) + [...rest.slice(0, found)].length;
  }),
};
