import type { JsonPath } from "../../json/document.ts";
import { choice } from "../stages/stage.ts";
import { Binary, type Doc, ObjectId, Timestamp, Uuid, isDoc } from "../values/types.ts";

/** What a receiver sees of a document, by `outputFormat` and `dateFormat`. Relaxed and canonical JSON hold the same values. */
export function formatted(config: Doc, path: JsonPath): (doc: Doc) => Doc {
  const format = choice(config["outputFormat"], ["relaxedJson", "canonicalJson", "basicJson"], "relaxedJson", [
    ...path,
    "outputFormat",
  ]);
  const dates = choice(config["dateFormat"], ["default", "ISO8601"], "default", [...path, "dateFormat"]);
  if (format !== "basicJson" && dates === "default") return (doc) => doc;
  const scalar = (value: unknown): unknown => {
    if (value instanceof Date) return dates === "ISO8601" ? value.toISOString() : basic(value);
    return format === "basicJson" ? basic(value) : value;
  };
  return (doc) => mapped(doc, scalar) as Doc;
}

function mapped(value: unknown, scalar: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, scalar));
  if (!isDoc(value)) return scalar(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner, scalar)]));
}

/** Basic JSON: no wrappers around values that JSON has no type for. */
function basic(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (value instanceof ObjectId || value instanceof Uuid) return value.toString();
  if (value instanceof Binary) return value.base64;
  if (value instanceof Timestamp) return value.seconds * 1000;
  if (value instanceof RegExp) return { pattern: value.source, options: value.flags };
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
