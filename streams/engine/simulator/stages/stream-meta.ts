import { PipelineRefused } from "../errors.ts";
import type { Meta } from "../expressions/runtime.ts";
import { isDoc } from "../values/types.ts";
import { type Tree, plant, withComputed } from "./field-tree.ts";
import { type StageMaker, fieldsOf } from "./stage.ts";

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

/** `$throttle` slows a stream down and changes nothing in it; the simulator's clock does not wait for it. */
export const throttle: StageMaker = (argument, path) => {
  const given = fieldsOf("$throttle", argument, path, ["bytesPerSec", "messagesPerSec"]);
  if (Object.keys(given).length === 0)
    throw new PipelineRefused("$throttle requires at least one of 'bytesPerSec' or 'messagesPerSec'", path);
  for (const [name, value] of Object.entries(given))
    if (typeof value !== "number" || !Number.isInteger(value) || value <= 0)
      throw new PipelineRefused(`${name} is a positive whole number`, [...path, name]);
  return (envelope) => envelope;
};
