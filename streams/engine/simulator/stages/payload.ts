import type { JsonPath } from "../../json/document.ts";
import { toEjson } from "../values/ejson.ts";
import { type Envelope, type StageContext, perDocument } from "./stage.ts";

/** The body of a request: the document, or what a small pipeline makes of it. */
export function payloadOf(
  stage: string,
  payload: unknown,
  path: JsonPath,
  context: StageContext,
): (envelope: Envelope) => unknown {
  if (payload === undefined) return ({ doc }) => toEjson(doc);
  const stages = perDocument(context.segments(payload, path, "payload", context));
  return (envelope) => {
    let current: Envelope = envelope;
    for (const each of stages) {
      each.reached();
      const result = each.apply(current);
      if (result === undefined || Array.isArray(result)) throw new Error(`${stage}: the payload is no document`);
      current = result as Envelope;
    }
    return toEjson(current.doc);
  };
}
