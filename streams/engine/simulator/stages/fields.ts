import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import type { Compiled } from "../expressions/evaluator.ts";
import type { Meta } from "../expressions/runtime.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { type Tree, only, plant, withComputed, without } from "./field-tree.ts";
import { type StageContext, type StageMaker, withDoc } from "./stage.ts";

/** Metadata of the document in hand: leaves of a tree get the document alone. */
interface Hand {
  meta: Meta;
}

const leafOf =
  (compiled: Compiled, hand: Hand) =>
  (root: Doc): unknown =>
    compiled(root, hand.meta);

/** `$addFields` and `$set`. */
export const addFields: StageMaker = (argument, path, context) => {
  if (!isDoc(argument) || Object.keys(argument).length === 0)
    throw new PipelineRefused("$addFields takes an object with at least one field", path);
  const tree: Tree = new Map();
  const hand = { meta: { source: {} } };
  plantComputed(tree, "", argument, path, (expression, at) =>
    leafOf(context.evaluator.expression(expression, at), hand),
  );
  return (envelope) => {
    hand.meta = envelope.meta;
    return withDoc(envelope, withComputed(envelope.doc, tree, envelope.doc) as Doc);
  };
};

type Compile = (expression: unknown, path: JsonPath) => (root: Doc) => unknown;

/** An object without operators stands for the fields inside it. */
function plantComputed(tree: Tree, prefix: string, fields: Doc, path: JsonPath, compile: Compile): void {
  for (const [name, value] of Object.entries(fields)) {
    const at = [...path, name];
    if (isFieldsObject(value)) plantComputed(tree, `${prefix}${name}.`, value, at, compile);
    else plant(tree, prefix + name, compile(value, at), at);
  }
}

const isFieldsObject = (value: unknown): value is Doc =>
  isDoc(value) && Object.keys(value).length > 0 && !Object.keys(value).some((key) => key.startsWith("$"));

/** `$unset`. */
export const unset: StageMaker = (argument, path) => {
  const fields: readonly unknown[] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  if (fields.length === 0 || fields.some((field) => typeof field !== "string"))
    throw new PipelineRefused("$unset takes a field or a list of fields", path);
  const tree: Tree = new Map();
  fields.forEach((field, index) => plant(tree, String(field), "drop", [...path, index]));
  return (envelope) => withDoc(envelope, without(envelope.doc, tree) as Doc);
};

/** `$project`: nothing but some fields, or everything but some. */
export const project: StageMaker = (argument, path, context) => {
  if (!isDoc(argument) || Object.keys(argument).length === 0)
    throw new PipelineRefused("$project takes an object with at least one field", path);
  const tree: Tree = new Map();
  const hand = { meta: { source: {} } };
  plantProjection(tree, "", argument, path, { hand, context });
  const { _id: id = "keep", ...rest } = Object.fromEntries(tree);
  const kinds = new Set(Object.values(rest).flatMap(kindsOf));
  if (kinds.has("drop") && kinds.size > 1)
    throw new PipelineRefused("$project cannot keep some fields and drop others", path);
  if (kinds.has("drop") || (kinds.size === 0 && id === "drop"))
    return (envelope) => withDoc(envelope, without(envelope.doc, tree) as Doc);
  if (id === "keep") tree.set("_id", "keep");
  return (envelope) => {
    hand.meta = envelope.meta;
    return withDoc(envelope, only(envelope.doc, tree, envelope.doc) as Doc);
  };
};

function kindsOf(branch: unknown): string[] {
  if (branch instanceof Map) return [...(branch as Tree).values()].flatMap(kindsOf);
  return [branch === "drop" ? "drop" : "keep"];
}

function plantProjection(
  tree: Tree,
  prefix: string,
  fields: Doc,
  path: JsonPath,
  making: { hand: Hand; context: StageContext },
): void {
  for (const [name, value] of Object.entries(fields)) {
    const at = [...path, name];
    const field = prefix + name;
    if (isFieldsObject(value)) plantProjection(tree, `${field}.`, value, at, making);
    else if (typeof value === "boolean" || typeof value === "number")
      plant(tree, field, value === false || value === 0 ? "drop" : "keep", at);
    else plant(tree, field, leafOf(making.context.evaluator.expression(value, at), making.hand), at);
  }
}

/** `$replaceRoot` and `$replaceWith`. */
export function replacing(stage: string, expression: unknown, path: JsonPath, context: StageContext) {
  const compiled = context.evaluator.expression(expression, path);
  return (envelope: Parameters<ReturnType<StageMaker>>[0]) => {
    const doc = compiled(envelope.doc, envelope.meta);
    if (!isDoc(doc)) throw new Error(`'newRoot' expression of ${stage} must evaluate to an object`);
    return withDoc(envelope, doc);
  };
}
