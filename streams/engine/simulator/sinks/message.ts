import type { JsonPath } from "../../json/document.ts";
import { DocumentError, PipelineRefused } from "../errors.ts";
import { type Envelope, type StageContext, choice } from "../stages/stage.ts";
import { Binary, type Doc, Uuid, bsonType, isDoc } from "../values/types.ts";

const formats = ["binData", "string", "json", "int", "long"] as const;
type KeyFormat = (typeof formats)[number];

/** Whether a key can be written as this. */
export const keyFits: Readonly<Record<KeyFormat, (key: unknown) => boolean>> = {
  binData: (key) => key instanceof Binary || key instanceof Uuid,
  string: (key) => typeof key === "string",
  json: isDoc,
  int: (key) => bsonType(key) === "int",
  long: (key) => bsonType(key) === "int" || bsonType(key) === "long",
};

export const keyFormatOf = (given: unknown, path: JsonPath): KeyFormat => choice(given, formats, "binData", path);

/** The key of a message; a document whose key is not of `keyFormat` goes to the dead letter queue. */
export function keyOfMessage(
  config: Doc,
  path: JsonPath,
  { evaluator }: StageContext,
): (envelope: Envelope) => { key?: unknown } {
  if (config["key"] === undefined) return () => ({});
  if (config["keyFormat"] === undefined)
    throw new PipelineRefused("config.key needs config.keyFormat beside it", [...path, "key"]);
  const format = keyFormatOf(config["keyFormat"], [...path, "keyFormat"]);
  const compiled = evaluator.expression(config["key"], [...path, "key"]);
  return ({ doc, meta }) => {
    const key = compiled(doc, meta);
    if (keyFits[format](key)) return { key };
    throw new DocumentError(`Failed to serialize the key of a message in $emit: ${bsonType(key)} is no ${format}`);
  };
}

const headerTypes = new Set(["binData", "string", "object", "int", "long", "double", "null"]);

/** Headers of a message: an object, or a list of `{k, v}`. */
export function headersOf(
  given: unknown,
  path: JsonPath,
  { evaluator }: StageContext,
): (envelope: Envelope) => { headers?: { k: string; v: unknown }[] } {
  if (given === undefined) return () => ({});
  const compiled = evaluator.expression(given, path);
  return ({ doc, meta }) => {
    const value = compiled(doc, meta);
    const pairs = isDoc(value) ? Object.entries(value).map(([k, v]) => ({ k, v })) : value;
    if (!Array.isArray(pairs))
      throw new DocumentError("Failed to evaluate headers in $emit: neither an object nor a list");
    const headers = (pairs as unknown[]).map((pair) => {
      const { k, v } = isDoc(pair) ? pair : { k: undefined, v: undefined };
      if (typeof k !== "string" || !headerTypes.has(bsonType(v)))
        throw new DocumentError(`Failed to evaluate headers in $emit: ${JSON.stringify(k)} of type ${bsonType(v)}`);
      return { k, v };
    });
    return { headers };
  };
}
