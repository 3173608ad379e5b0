import { text } from "../build.ts";
import { parseDocument } from "../policy-document.ts";
import type { Failure, Properties, TypeContext } from "../type-spec.ts";
import { resourceOf } from "./arns.ts";

/** A fifo resource says so in its name, and nothing else does. */
export function validFifo(inputs: Properties, property: "fifoTopic" | "fifoQueue"): Failure | undefined {
  const name = text(inputs["name"]);
  if (name === undefined || typeof inputs[property] === "symbol") return undefined;
  const fifo = inputs[property] === true;
  if (name.endsWith(".fifo") === fifo) return undefined;
  const reason = fifo ? "must end with .fifo" : `must not end with .fifo unless ${property} is set`;
  return { property: "name", reason: `InvalidParameter: invalid name: ${name}: ${reason}` };
}

/** A JSON input that its service reads, as far as it can be parsed. */
export function validJson(inputs: Properties, ...properties: readonly string[]): Failure[] {
  return properties.flatMap((property) => {
    const found = parseDocument(property, inputs[property]);
    return Array.isArray(found) ? found : [];
  });
}

/** What a service answers to a dead-letter queue that is not there. */
export function deadLetterProblem(target: unknown, context: TypeContext): string | undefined {
  if (resourceOf(target, context) !== undefined) return undefined;
  return `InvalidParameterValue: Value ${String(target)} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`;
}
