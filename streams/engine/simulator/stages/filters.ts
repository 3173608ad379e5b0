import { PipelineRefused } from "../errors.ts";
import { evaluatesTo } from "./redact.ts";
import { type StageMaker, choice, fieldsOf, withDoc } from "./stage.ts";
import { DocumentError } from "../errors.ts";
import { isDoc } from "../values/types.ts";

/** `$match`. */
export const match: StageMaker = (argument, path, { evaluator, point }) => {
  const condition = evaluator.condition(argument, path);
  const [passes, stops] = [point(path, "passes"), point(path, "stops")];
  return (envelope) => {
    const passed = condition(envelope.doc, envelope.meta);
    (passed ? passes : stops)();
    return passed ? envelope : undefined;
  };
};

/** `$validate`: what is not valid is left out or goes to the dead letter queue. */
export const validate: StageMaker = (argument, path, { evaluator, point }) => {
  const given = fieldsOf("$validate", argument, path, ["validator", "validationAction"]);
  const action = choice(given["validationAction"], ["discard", "dlq"], "discard", [...path, "validationAction"]);
  if (!isDoc(given["validator"])) throw new PipelineRefused("$validate needs a validator", path);
  const condition = evaluator.condition(given["validator"], [...path, "validator"]);
  const [passes, stops] = [point(path, "passes"), point(path, "stops")];
  return (envelope) => {
    const valid = condition(envelope.doc, envelope.meta);
    (valid ? passes : stops)();
    if (valid) return envelope;
    if (action === "dlq") throw new DocumentError("Input document found to be invalid in $validate stage");
    return undefined;
  };
};

/** `$redact`. */
export const redact: StageMaker = (argument, path, { evaluator, point }) => {
  const decide = evaluatesTo(evaluator.expression(argument, path));
  const [passes, stops] = [point(path, "passes"), point(path, "stops")];
  return (envelope) => {
    const doc = decide(envelope.doc, envelope.meta);
    (doc === undefined ? stops : passes)();
    return doc === undefined ? undefined : withDoc(envelope, doc);
  };
};
