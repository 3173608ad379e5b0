import type { JsonPath } from "../../json/document.ts";
import type { Doc } from "../values/types.ts";
import { type Tree, plant, withComputed } from "./field-tree.ts";
import { type Envelope, withDoc } from "./stage.ts";

/** Puts a value into a field of a document, as `as` of several stages says. */
export function addingField(field: string, path: JsonPath): (envelope: Envelope, value: unknown) => Envelope {
  if (!field.includes(".")) return (envelope, value) => withDoc(envelope, { ...envelope.doc, [field]: value });
  let value: unknown;
  const tree: Tree = new Map();
  plant(tree, field, () => value, [...path, "as"]);
  return (envelope, given) => {
    value = given;
    return withDoc(envelope, withComputed(envelope.doc, tree, envelope.doc) as Doc);
  };
}
