import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate } from "../errors.ts";
import { type Envelope, type StageContext, choice, fieldsOf, perDocument, withDoc } from "../stages/stage.ts";
import { type Doc, Timestamp, isDoc } from "../values/types.ts";
import type { Kind } from "./kinds.ts";

const sourceFields = ["connectionName", "timeField", "tsFieldName", "db", "coll", "initialSync", "readPreference"];
const configFields = ["startAfter", "startAtOperationTime", "fullDocument", "fullDocumentOnly"];

/** A change stream of a collection, a database or a cluster. Documents that are pushed are its events. */
export function changeStream(given: Doc, path: JsonPath, context: StageContext): Kind {
  fieldsOf("$source", given, path, [...sourceFields, "readPreferenceTags", "config"]);
  const at = [...path, "config"];
  const rest = ["fullDocumentBeforeChange", "pipeline", "maxAwaitTimeMS"];
  const config = fieldsOf("$source.config", given["config"] ?? {}, at, [...configFields, ...rest]);
  const modes = ["default", "updateLookup", "required", "whenAvailable"] as const;
  const full = choice(config["fullDocument"], modes, "default", [...at, "fullDocument"]);
  const stages =
    config["pipeline"] === undefined
      ? []
      : perDocument(context.segments(config["pipeline"], [...at, "pipeline"], "change-stream", context));
  return {
    type: "atlas",
    // A change stream without a position begins with what happens from now on.
    fromStart: false,
    inline: [],
    describe: (source, { operationType, ns, documentKey }) => {
      if (operationType !== undefined) source["operationType"] = operationType;
      if (ns !== undefined) source["ns"] = ns;
      if (documentKey !== undefined) source["documentKey"] = documentKey;
    },
    timeOf: timeOfChange,
    read: (doc, _, opened) => {
      const event = filtered(withDoc(opened, doc), stages);
      if (event === undefined) return undefined;
      const document = event.doc["fullDocument"];
      if (full === "required" && updates.has(event.doc["operationType"]) && !isDoc(document)) return undefined;
      if (config["fullDocumentOnly"] !== true) return event;
      if (!isDoc(document)) throw new CannotSimulate("fullDocumentOnly for an event without fullDocument", at);
      return withDoc(event, document);
    },
  };
}

const updates = new Set<unknown>(["insert", "replace", "update"]);

function timeOfChange({ wallTime, clusterTime }: Doc): number | undefined {
  if (wallTime instanceof Date) return wallTime.getTime();
  return clusterTime instanceof Timestamp ? clusterTime.seconds * 1000 : undefined;
}

function filtered(envelope: Envelope, stages: ReturnType<typeof perDocument>): Envelope | undefined {
  let current: Envelope | undefined = envelope;
  for (const stage of stages) {
    if (current === undefined) return undefined;
    stage.reached();
    current = stage.apply(current) as Envelope | undefined;
  }
  return current;
}
