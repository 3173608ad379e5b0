import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, DocumentError, PipelineRefused } from "../errors.ts";
import { type Envelope, type StageContext, choice, fieldsOf, textField } from "../stages/stage.ts";
import { bsonSize } from "../values/size.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { formatted } from "./format.ts";
import { headersOf, keyOfMessage } from "./message.ts";
import { type Sink, type Written, nameOf, projected } from "./sink.ts";

type Target = (envelope: Envelope, doc: Doc) => Written;
type TargetMaker = (given: Doc, path: JsonPath, context: StageContext) => Target;

/** Kinds of `$emit`, by the field that only they have. */
const kinds: readonly (readonly [field: string, fields: readonly string[], make: TargetMaker])[] = [
  ["timeseries", ["db", "coll"], timeSeries],
  ["topic", [], topic],
  ["stream", ["region", "partitionKey"], stream],
  ["bucket", ["region", "path"], bucket],
];

/** `$emit`: sends documents to a topic, a stream, a bucket or a time series collection. */
export function emitSink(argument: unknown, path: JsonPath, context: StageContext): Sink {
  const kind = kinds.find(([field]) => isDoc(argument) && Object.hasOwn(argument, field));
  if (kind === undefined)
    throw new CannotSimulate("$emit to anything but a topic, stream, bucket or time series", path);
  const [field, fields, make] = kind;
  const given = fieldsOf("$emit", argument, path, ["connectionName", "config", field, ...fields]);
  if (given["config"] !== undefined && !isDoc(given["config"]))
    throw new PipelineRefused("config takes an object", [...path, "config"]);
  textField("$emit", given, "connectionName", path);
  const target = make(given, path, context);
  return {
    name: "$emit",
    path,
    write(envelope) {
      const written = target(envelope, projected(envelope, context));
      const { into, action: _, ...message } = written;
      context.world.log(into).push(message);
      return written;
    },
  };
}

const named = (given: Doc, ...parts: string[]) => [String(given["connectionName"]), ...parts].join(".");
const configOf = (given: Doc): Doc => (isDoc(given["config"]) ? given["config"] : {});

function topic(given: Doc, path: JsonPath, context: StageContext): Target {
  const name = nameOf("$emit", "topic", given["topic"], path, context);
  const config = configOf(given);
  const at = [...path, "config"];
  const key = keyOfMessage(config, at, context);
  const headers = headersOf(config["headers"], [...at, "headers"], context);
  const format = formatted(config, at);
  const tombstone =
    config["tombstoneWhen"] === undefined
      ? undefined
      : context.evaluator.expression(config["tombstoneWhen"], [...at, "tombstoneWhen"]);
  return (envelope, doc) => {
    const into = named(given, name(envelope.doc, envelope.meta));
    const dead = tombstone?.(envelope.doc, envelope.meta);
    if (tombstone !== undefined && typeof dead !== "boolean")
      throw new DocumentError("Failed to evaluate tombstoneWhen in $emit: it must be a boolean");
    const message = { ...key(envelope), ...headers(envelope) };
    return { into, doc: dead === true ? null : format(doc), ...message };
  };
}

function stream(given: Doc, path: JsonPath, context: StageContext): Target {
  const into = named(given, textField("$emit", given, "stream", path));
  const format = formatted(configOf(given), [...path, "config"]);
  const key = context.evaluator.expression(given["partitionKey"] ?? null, [...path, "partitionKey"]);
  const keyed = given["partitionKey"] !== undefined;
  return ({ doc: original, meta }, doc) => {
    const partitionKey = key(original, meta);
    if (keyed && typeof partitionKey !== "string")
      throw new DocumentError("Failed to evaluate partitionKey in $emit: it must be a string");
    return { into, doc: format(doc), ...(keyed ? { partitionKey } : {}) };
  };
}

function bucket(given: Doc, path: JsonPath, context: StageContext): Target {
  const into = named(given, textField("$emit", given, "bucket", path));
  const prefix = nameOf("$emit", "path", given["path"], path, context);
  const format = formatted(configOf(given), [...path, "config"]);
  return (envelope, doc) => ({ into, doc: format(doc), path: prefix(envelope.doc, envelope.meta) });
}

/** Documents of a time series hold at most this. */
const largestMeasurement = 4 * 1024 * 1024;

function timeSeries(given: Doc, path: JsonPath, context: StageContext): Target {
  const db = nameOf("$emit", "db", given["db"], path, context);
  const coll = nameOf("$emit", "coll", given["coll"], path, context);
  const options = given["timeseries"];
  const timeField = isDoc(options) ? options["timeField"] : undefined;
  if (typeof timeField !== "string") throw new PipelineRefused("timeseries needs timeField", [...path, "timeseries"]);
  const { granularity } = options as Doc;
  choice(granularity, ["seconds", "minutes", "hours"], "seconds", [...path, "timeseries", "granularity"]);
  return ({ doc: original, meta }, doc) => {
    if (!(doc[timeField] instanceof Date))
      throw new DocumentError(`'${timeField}' must be present and contain a valid BSON UTC datetime value`);
    if (bsonSize(doc) > largestMeasurement) throw new DocumentError("a document of a time series holds at most 4 MB");
    return { into: named(given, db(original, meta), coll(original, meta)), doc };
  };
}
