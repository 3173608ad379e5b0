import { PipelineRefused } from "../errors.ts";
import type { Meta } from "../expressions/runtime.ts";
import { isDoc } from "../values/types.ts";
import { type Tree, plant, withComputed } from "./field-tree.ts";
import type { StageMaker } from "./stage.ts";

/** `$setStreamMeta`: what is known of a document beside its content. */
export const setStreamMeta: StageMaker = (argument, path, { evaluator }) => {
  if (!isDoc(argument) || Object.keys(argument).length === 0)
    throw new PipelineRefused("$setStreamMeta takes an object", path);
  const compiled = Object.entries(argument).map(([name, expression]) => {
    if (!name.startsWith("stream.") || name === "stream.")
      throw new PipelineRefused(`${name}: the name of metadata begins with stream.`, [...path, name]);
    return { field: name.slice("stream.".length), value: evaluator.expression(expression, [...path, name]) };
  });
  let values: unknown[] = [];
  const tree: Tree = new Map();
  compiled.forEach(({ field }, index) => plant(tree, field, () => values[index], path));
  return (envelope) => {
    values = compiled.map(({ value }) => value(envelope.doc, envelope.meta));
    return { ...envelope, meta: withComputed(envelope.meta, tree, envelope.doc) as Meta };
  };
};
