import { CannotSimulate } from "../errors.ts";
import { bytesOf } from "../values/compare.ts";
import { uuidOf } from "../values/ejson.ts";
import { Binary, type Doc, ObjectId, Timestamp, Uuid, bsonType } from "../values/types.ts";
import { parseDate } from "./date-text.ts";
import { type Operator, type Operators, evaluate, isNil, unary } from "./operator.ts";

/** How a binary value is read or written. */
interface Form {
  format: string | undefined;
  little: boolean;
}
type Convert = (value: unknown, form: Form) => unknown;

const unsupported = (value: unknown, to: string) =>
  new Error(`Unsupported conversion from ${bsonType(value)} to ${to} in $convert with no onError value`);
const unparsable = (value: string, what: string) =>
  new Error(`Failed to parse ${what} '${value}' in $convert with no onError value`);

function integer(to: "int" | "long"): Convert {
  const most = to === "int" ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  const least = to === "int" ? -(2 ** 31) : Number.MIN_SAFE_INTEGER;
  return (value, form) => {
    const read = wholeOf(value, to, form);
    const whole = Math.trunc(read);
    if (!(whole >= least && whole <= most))
      throw new Error(`Conversion would overflow target type in $convert with no onError value: ${read}`);
    return whole === 0 ? 0 : whole;
  };
}

function wholeOf(value: unknown, to: "int" | "long", { little }: Form): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") {
    if (!/^[+-]?\d+$/.test(value)) throw unparsable(value, "number");
    return Number(value);
  }
  if (value instanceof Date && to === "long") return value.getTime();
  if (value instanceof Binary) return integerOf(value.bytes, to === "int" ? [1, 2, 4] : [1, 2, 4, 8], little);
  throw unsupported(value, to);
}

function integerOf(bytes: Buffer, lengths: readonly number[], little: boolean): number {
  if (!lengths.includes(bytes.length)) throw new Error(`binData length can only be ${lengths.join(", ")} bytes`);
  if (bytes.length < 8) return little ? bytes.readIntLE(0, bytes.length) : bytes.readIntBE(0, bytes.length);
  return Number(little ? bytes.readBigInt64LE() : bytes.readBigInt64BE());
}

const double: Convert = (value, { little }) => {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  if (typeof value === "string") {
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) throw unparsable(value, "number");
    return Number(value);
  }
  if (!(value instanceof Binary)) throw unsupported(value, "double");
  const { bytes } = value;
  if (bytes.length === 8) return little ? bytes.readDoubleLE() : bytes.readDoubleBE();
  if (bytes.length === 4) return little ? bytes.readFloatLE() : bytes.readFloatBE();
  throw new Error("binData length can only be 4 or 8 bytes");
};

const text: Convert = (value, { format = "base64" }) => {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.hex;
  if (value instanceof Uuid) return value.text;
  if (value instanceof Binary)
    return format === "uuid" ? uuidOf(value.bytes).text : value.bytes.toString(encoding(format));
  throw unsupported(value, "string");
};

function encoding(format: string): BufferEncoding {
  if (format === "base64" || format === "base64url" || format === "hex" || format === "utf8") return format;
  throw new Error(`$convert does not know the format '${format}'`);
}

const binData: Convert = (value, { format, little }) => {
  if (value instanceof Binary || value instanceof Uuid) return value;
  if (typeof value === "boolean") return new Binary(Buffer.from([value ? 1 : 0]).toString("base64"));
  if (typeof value === "string") {
    if (format === undefined) throw new Error("$convert requires a format to turn a string into binData");
    return format === "uuid" ? new Uuid(value) : new Binary(Buffer.from(value, encoding(format)).toString("base64"));
  }
  if (typeof value !== "number") throw unsupported(value, "binData");
  const type = bsonType(value);
  const bytes = Buffer.alloc(type === "int" ? 4 : 8);
  if (type === "int") bytes.writeInt32LE(value);
  else if (type === "long") bytes.writeBigInt64LE(BigInt(value));
  else bytes.writeDoubleLE(value);
  if (!little) bytes.reverse();
  return new Binary(bytes.toString("base64"));
};

/** A moment out of what can stand for one. Whole numbers that fit 32 bits are no moments: Atlas reads them as `int`. */
export const toDate: Convert = (value) => {
  if (value instanceof Date) return value;
  if (typeof value === "string") return parseDate(value);
  if (typeof value === "number" && bsonType(value) !== "int") return new Date(Math.trunc(value));
  if (value instanceof ObjectId) return new Date(Number.parseInt(value.hex.slice(0, 8), 16) * 1000);
  if (value instanceof Timestamp) return new Date(value.seconds * 1000);
  throw unsupported(value, "date");
};

const targets: Readonly<Record<string, Convert>> = {
  int: integer("int"),
  long: integer("long"),
  double,
  string: text,
  binData,
  date: toDate,
  bool: (value) => (typeof value === "number" ? value !== 0 : typeof value === "boolean" ? value : true),
  objectId: (value) => {
    if (value instanceof ObjectId) return value;
    if (typeof value === "string") return new ObjectId(value);
    throw unsupported(value, "objectId");
  },
};
const numbered: Readonly<Record<number, string>> = {
  ...{ 1: "double", 2: "string", 5: "binData", 7: "objectId", 8: "bool", 9: "date", 16: "int", 18: "long" },
};

const shorthand = (target: string): Operator =>
  unary((value) => (isNil(value) ? null : targets[target]?.(value, { format: undefined, little: true })));

export const conversions: Operators = {
  $toInt: shorthand("int"),
  $toLong: shorthand("long"),
  $toDouble: shorthand("double"),
  $toString: shorthand("string"),
  $toBool: shorthand("bool"),
  $toDate: shorthand("date"),
  $toObjectId: shorthand("objectId"),
  $toUUID: unary((value) => {
    if (isNil(value)) return null;
    if (value instanceof Binary) return uuidOf(bytesOf(value));
    return value instanceof Uuid ? value : new Uuid(text(value, { format: undefined, little: true }) as string);
  }),
  $type: unary(bsonType),
  $convert: (object, argument, scope) => {
    const given = argument as Doc;
    const value = evaluate(object, given["input"], scope);
    if (isNil(value)) return evaluate(object, given["onNull"], scope) ?? null;
    const to = evaluate(object, given["to"], scope);
    const name = typeof to === "number" ? (numbered[to] ?? String(to)) : String((to as Doc | null)?.["type"] ?? to);
    const form = {
      format: evaluate(object, given["format"], scope) as string | undefined,
      little: evaluate(object, given["byteOrder"], scope) !== "big",
    };
    try {
      if (name === "decimal") throw new CannotSimulate("$convert to 128-bit decimals");
      const convert = Object.hasOwn(targets, name) ? targets[name] : undefined;
      if (convert === undefined) throw new Error(`Unknown type name: ${name}`);
      return convert(value, form);
    } catch (error) {
      if (error instanceof CannotSimulate || !Object.hasOwn(given, "onError")) throw error;
      return evaluate(object, given["onError"], scope);
    }
  },
};
