/** A document, or an object inside one. */
export type Doc = Record<string, unknown>;

/** Types of BSON that JavaScript has none for. They do not change, and are equal when their text is. */
export class ObjectId {
  readonly hex: string;

  constructor(hex: string) {
    if (!/^[0-9a-fA-F]{24}$/.test(hex))
      throw new Error(`an ObjectId has 24 hexadecimal digits, not ${JSON.stringify(hex)}`);
    this.hex = hex.toLowerCase();
  }

  toString(): string {
    return this.hex;
  }
}

export class Uuid {
  readonly text: string;

  constructor(text: string) {
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
      throw new Error(`not a UUID: ${JSON.stringify(text)}`);
    this.text = text.toLowerCase();
  }

  toString(): string {
    return this.text;
  }
}

export class Binary {
  readonly base64: string;
  readonly subtype: number;

  constructor(base64: string, subtype = 0) {
    this.base64 = base64;
    this.subtype = subtype;
  }

  get bytes(): Buffer {
    return Buffer.from(this.base64, "base64");
  }

  toString(): string {
    return `${this.subtype}:${this.base64}`;
  }
}

export class Timestamp {
  readonly seconds: number;
  readonly increment: number;

  constructor(seconds: number, increment: number) {
    this.seconds = seconds;
    this.increment = increment;
  }

  toString(): string {
    return `${this.seconds}:${this.increment}`;
  }
}

/** An object that is one in BSON too, as dates, identifiers and expressions of JavaScript are not. */
export function isDoc(value: unknown): value is Doc {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Names of types as `$type` and `bsonType` have them. Whole numbers count as integers: JavaScript cannot tell 5.0 from 5. */
export function bsonType(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return "double";
    return value >= -2147483648 && value <= 2147483647 ? "int" : "long";
  }
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  if (value instanceof ObjectId) return "objectId";
  if (value instanceof Uuid || value instanceof Binary) return "binData";
  if (value instanceof Timestamp) return "timestamp";
  return value instanceof RegExp ? "regex" : "object";
}

/** Whether a value has this type, by its name or one that stands for several. */
export function hasType(value: unknown, name: unknown): boolean {
  const type = bsonType(value);
  if (type === name) return true;
  if (name === "number") return type === "int" || type === "long" || type === "double";
  // A whole number may have been written as any of these.
  if (name === "double" || name === "long") return type === "int" || type === "long";
  return false;
}

/** A field of an object, never what JavaScript's objects inherit. */
export const own = (doc: Doc, field: string): unknown => (Object.hasOwn(doc, field) ? doc[field] : undefined);
