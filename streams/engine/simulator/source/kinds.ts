import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, DocumentError, PipelineRefused } from "../errors.ts";
import { keyFits, keyFormatOf } from "../sinks/message.ts";
import { type Envelope, type StageContext, choice, fieldsOf, textField, withDoc } from "../stages/stage.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { changeStream } from "./change-stream.ts";
import type { InputOptions } from "./input.ts";
import type { Origin } from "../windows/window.ts";

/** What is special about one kind of source. */
export interface Kind {
  /** As `$meta` calls it. */
  type: string;
  /** The field with the time after which a partition counts as idle. */
  idleField?: "partitionIdleTimeout" | "shardIdleTimeout";
  /** Whether a processor without a checkpoint begins with what is there already. */
  fromStart: boolean;
  inline: readonly Doc[];
  /** Puts what is known of a document's origin into its metadata. Every document comes through here: nothing is copied. */
  describe(source: Doc, doc: Doc, at: Origin, options: InputOptions): void;
  /** The time that a document has by its kind. */
  timeOf(doc: Doc): number | undefined;
  read(doc: Doc, options: InputOptions, opened: Envelope): Envelope | undefined;
}

const plain: Pick<Kind, "inline" | "describe" | "timeOf" | "read"> = {
  inline: [],
  describe: () => undefined,
  timeOf: () => undefined,
  read: (doc, _, opened) => (doc === opened.doc ? opened : withDoc(opened, doc)),
};

/** Tells a source's kind by its fields and, where they leave it open, by its connection. @throws SimulationError */
export function kindOf(given: Doc, path: JsonPath, context: StageContext, connectionType: string | undefined): Kind {
  if (Object.hasOwn(given, "documents")) return inline(given, path, context);
  textField("$source", given, "connectionName", path);
  if (Object.hasOwn(given, "topic")) return kafka(given, path, context);
  if (Object.hasOwn(given, "stream")) return kinesis(given, path);
  if (connectionType === "Sample") return sample(given, path);
  if (Object.hasOwn(given, "db") || connectionType === "Cluster") return changeStream(given, path, context);
  throw new CannotSimulate(
    `the source ${String(given["connectionName"])}: it has no topic, stream, db or documents`,
    path,
  );
}

function inline(given: Doc, path: JsonPath, { evaluator }: StageContext): Kind {
  fieldsOf("$source", given, path, ["documents", "timeField", "tsFieldName"]);
  const at = [...path, "documents"];
  // A list of documents is data; an expression that makes one is evaluated once.
  const value = Array.isArray(given["documents"])
    ? (given["documents"] as unknown[])
    : evaluator.expression(given["documents"], at)({}, { source: {} });
  if (!Array.isArray(value) || !value.every(isDoc)) throw new PipelineRefused("documents is a list of documents", at);
  return { ...plain, type: "generated", fromStart: true, inline: value };
}

function sample(given: Doc, path: JsonPath): Kind {
  fieldsOf("$source", given, path, ["connectionName", "timeField", "tsFieldName"]);
  return { ...plain, type: "sampleData", fromStart: false };
}

const earliest = ["earliest", "beginning", "smallest"] as const;
const latest = ["end", "latest", "largest"] as const;

function kafka(given: Doc, path: JsonPath, { constants }: StageContext): Kind {
  const known = ["connectionName", "topic", "timeField", "tsFieldName", "partitionIdleTimeout", "schemaRegistry"];
  fieldsOf("$source", given, path, [...known, "config"]);
  const topics: readonly unknown[] = Array.isArray(given["topic"]) ? given["topic"] : [given["topic"]];
  if (topics.length === 0 || topics.some((topic) => typeof topic !== "string" || topic === ""))
    throw new PipelineRefused("topic is the name of a topic or a list of names", [...path, "topic"]);
  const at = [...path, "config"];
  const names = ["auto_offset_reset", "group_id", "enable_auto_commit", "keyFormat", "keyFormatError"];
  const config = fieldsOf("$source.config", given["config"] ?? {}, at, names);
  const reset = choice(config["auto_offset_reset"], [...latest, ...earliest], "latest", [...at, "auto_offset_reset"]);
  return {
    ...plain,
    type: "kafka",
    idleField: "partitionIdleTimeout",
    fromStart: (earliest as readonly string[]).includes(reset),
    describe: (source, _, { partition, offset }, { topic, key, headers }) => {
      const name = topic ?? topics[0];
      if (!topics.includes(name)) throw new PipelineRefused(`the processor does not read the topic ${String(name)}`);
      source["topic"] = name;
      source["partition"] = Number(partition);
      source["offset"] = offset;
      if (key !== undefined) source["key"] = key;
      if (headers !== undefined) source["headers"] = headers;
    },
    read: keyReader(config, at, constants.keyFormatError),
  };
}

/** Keys that are not of `keyFormat` are left out, or their documents are. */
function keyReader(config: Doc, path: JsonPath, otherwise: "dlq" | "passThrough"): Kind["read"] {
  if (config["keyFormat"] === undefined) return plain.read;
  const format = keyFormatOf(config["keyFormat"], [...path, "keyFormat"]);
  const onError = choice(config["keyFormatError"], ["dlq", "passThrough"], otherwise, [...path, "keyFormatError"]);
  return (doc, { key }, opened) => {
    if (key === undefined || keyFits[format](key)) return withDoc(opened, doc);
    if (onError === "dlq") throw new DocumentError(`Failed to deserialize the key of the message as ${format}`);
    const { key: _, ...source } = opened.meta.source;
    return { ...opened, doc, meta: { ...opened.meta, source } };
  };
}

function kinesis(given: Doc, path: JsonPath): Kind {
  const known = ["connectionName", "stream", "region", "timeField", "tsFieldName", "shardIdleTimeout", "config"];
  fieldsOf("$source", given, path, known);
  const kinesisStream = textField("$source", given, "stream", path);
  const config = isDoc(given["config"]) ? given["config"] : {};
  const positions = ["LATEST", "TRIM_HORIZON", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"] as const;
  const position = choice(config["initialPosition"], positions, "LATEST", [...path, "config", "initialPosition"]);
  return {
    ...plain,
    type: "kinesis",
    idleField: "shardIdleTimeout",
    fromStart: position === "TRIM_HORIZON",
    describe: (source, _, { partition, offset }, { key }) => {
      source["kinesisStream"] = kinesisStream;
      source["shardId"] = `shardId-${partition.padStart(12, "0")}`;
      source["sequenceNumber"] = String(offset);
      if (key !== undefined) source["partitionKey"] = key;
    },
  };
}
