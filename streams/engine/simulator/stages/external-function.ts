import { DocumentError, PipelineRefused, ProcessorFailure } from "../errors.ts";
import { fromEjson } from "../values/ejson.ts";
import { addingField } from "./as-field.ts";
import { payloadOf } from "./payload.ts";
import { type StageMaker, choice, fieldsOf, textField } from "./stage.ts";

const known = ["connectionName", "functionName", "execution", "as", "onError", "payload", "parallelism", "partitionBy"];

/** `$externalFunction`: calls a function of AWS Lambda, and waits for its answer or does not. */
export const externalFunction: StageMaker = (argument, path, context) => {
  const given = fieldsOf("$externalFunction", argument, path, known);
  const connectionName = textField("$externalFunction", given, "connectionName", path);
  const target = textField("$externalFunction", given, "functionName", path);
  const execution = choice(given["execution"], ["sync", "async"], "sync", [...path, "execution"]);
  const onError = choice(given["onError"], ["dlq", "ignore", "fail"], "dlq", [...path, "onError"]);
  if (execution === "async" && given["as"] !== undefined)
    throw new PipelineRefused("a function that nobody waits for has no answer: leave out as", [...path, "as"]);
  const add =
    given["as"] === undefined ? undefined : addingField(textField("$externalFunction", given, "as", path), path);
  const payload = payloadOf("$externalFunction", given["payload"], [...path, "payload"], context);
  return (envelope) => {
    const { reply, error, apiError } = context.world.services.call({
      ...{ kind: "function", connectionName, target },
      body: payload(envelope),
    });
    // Nobody waits for the function itself: only the call can fail.
    const failed = apiError ?? (execution === "sync" ? error : undefined);
    if (failed === undefined) {
      const answer = execution === "async" || reply === undefined || reply === "" ? undefined : fromEjson(reply);
      return answer === undefined || add === undefined ? envelope : add(envelope, answer);
    }
    const reason = `Request failure in $externalFunction ${target}: ${failed}`;
    if (onError === "fail") throw new ProcessorFailure(reason);
    if (onError === "dlq") throw new DocumentError(reason);
    return context.constants.externalFunctionIgnore === "pass" ? envelope : undefined;
  };
};
