import { PipelineRefused } from "../errors.ts";
import { type Doc, isDoc, own } from "../values/types.ts";
import { type StageMaker, fieldsOf, withDoc } from "./stage.ts";

/** `$unwind`: a document for every element of a list. */
export const unwind: StageMaker = (argument, path) => {
  const known = ["path", "includeArrayIndex", "preserveNullAndEmptyArrays"];
  const given = typeof argument === "string" ? { path: argument } : fieldsOf("$unwind", argument, path, known);
  const field = given["path"];
  if (typeof field !== "string" || !/^\$[^$]/.test(field))
    throw new PipelineRefused("$unwind needs a path that starts with $", path);
  const parts = field.slice(1).split(".");
  const indexField = given["includeArrayIndex"];
  const preserve = given["preserveNullAndEmptyArrays"] === true;
  const placed = (doc: Doc, value: unknown, index: number | null): Doc => {
    // What is not there stays so, and its parents too.
    const result =
      index === null && value === undefined && get(doc, parts) === undefined ? doc : (put(doc, parts, value) as Doc);
    return typeof indexField === "string" ? (put(result, indexField.split("."), index) as Doc) : result;
  };
  return (envelope) => {
    const value = get(envelope.doc, parts);
    if (Array.isArray(value) && value.length > 0)
      return value.map((item, index) => withDoc(envelope, placed(envelope.doc, item, index)));
    const empty = value === undefined || value === null || Array.isArray(value);
    if (empty && !preserve) return undefined;
    return withDoc(envelope, placed(envelope.doc, Array.isArray(value) ? undefined : value, null));
  };
};

/** What is at a path through objects alone. */
function get(value: unknown, parts: readonly string[]): unknown {
  let current = value;
  for (const part of parts) {
    if (!isDoc(current)) return undefined;
    current = own(current, part);
  }
  return current;
}

/** A copy with another value at a path; without the field where the value is undefined. */
function put(value: unknown, [part = "", ...rest]: readonly string[], inner: unknown): unknown {
  const result: Doc = isDoc(value) ? { ...value } : {};
  const changed = rest.length === 0 ? inner : put(own(result, part), rest, inner);
  if (changed === undefined) delete result[part];
  else result[part] = changed;
  return result;
}
