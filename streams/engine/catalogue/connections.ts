import type { ConnectionType } from "../files/documents.ts";
import { type DocumentShape, anyOf, document } from "./shapes.ts";

/** Places that name a connection. `dlq` is in the options, `registry` in a source or sink of Kafka. */
export type ConnectionUse =
  | "$source"
  | "$merge"
  | "$emit"
  | "$iceberg"
  | "$https"
  | "$externalFunction"
  | "$lookup"
  | "$cachedLookup"
  | "$vectorSearch"
  | "dlq"
  | "registry";

/** Which kinds of connections each of them takes. */
export const connectionsFor: Readonly<Record<ConnectionUse, readonly ConnectionType[]>> = {
  $source: ["Kafka", "Cluster", "AWSKinesisDataStreams", "Sample"],
  $merge: ["Cluster"],
  $emit: ["Kafka", "Cluster", "S3", "AWSKinesisDataStreams", "AzureBlobStorage", "GCPPubSub"],
  $iceberg: ["S3"],
  $https: ["Https"],
  $externalFunction: ["AWSLambda"],
  $lookup: ["Cluster"],
  $cachedLookup: ["Cluster"],
  $vectorSearch: ["Cluster"],
  dlq: ["Cluster"],
  registry: ["SchemaRegistry"],
};

const common = { "connectionName!": "text", timeField: "time", tsFieldName: "text" } as const;
const keyFormats = ["binData", "string", "json", "int", "long"];
const jsonFormats = ["basicJson", "canonicalJson", "relaxedJson"];
const dateFormats = ["default", "ISO8601"];
const output = { outputFormat: jsonFormats, dateFormat: dateFormats };

const kafkaSource = document({
  ...common,
  "topic!": "texts",
  partitionIdleTimeout: "duration",
  schemaRegistry: document({ "connectionName!": "text" }),
  config: document({
    auto_offset_reset: ["latest", "end", "largest", "earliest", "beginning", "smallest"],
    group_id: "text",
    enable_auto_commit: "boolean",
    keyFormat: keyFormats,
    keyFormatError: ["dlq", "passThrough"],
  }),
});

const changeStream = document({
  ...common,
  db: "text",
  coll: "texts",
  initialSync: document({ "enable!": "boolean", parallelism: "integer" }),
  readPreference: "text",
  readPreferenceTags: "list",
  config: document({
    startAfter: "any",
    startAtOperationTime: "any",
    fullDocument: ["default", "updateLookup", "required", "whenAvailable"],
    fullDocumentOnly: "boolean",
    fullDocumentBeforeChange: ["off", "required", "whenAvailable"],
    pipeline: "pipeline",
    maxAwaitTimeMS: "integer",
  }),
});

const kinesisSource = document({
  ...common,
  "stream!": "text",
  region: "text",
  shardIdleTimeout: "duration",
  "config!": document({
    "consumerARN!": "text",
    initialPosition: ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"],
    atTimestamp: "any",
    // Atlas documents that one can begin at a number, and not where the number stands.
    sequenceNumber: "text",
    reshardDetectionIntervalSecs: "integer",
  }),
});

/** A source that holds its documents itself, for trying things out. */
export const inlineSource = document({ "documents!": "any", timeField: "time", tsFieldName: "text" });

/** What `$source` takes, by kind of connection. */
export const sourceShapes: Readonly<Partial<Record<ConnectionType, DocumentShape>>> = {
  Kafka: kafkaSource,
  Cluster: changeStream,
  AWSKinesisDataStreams: kinesisSource,
  Sample: document(common),
};

const writeOptions = document({
  count: "integer",
  bytes: "integer",
  interval: document({ "size!": "integer", "unit!": ["ms", "second", "minute", "hour", "day"] }),
});
const files = document({
  writeOptions,
  delimiter: "text",
  ...output,
  compression: ["gzip", "snappy"],
  compressionLevel: "any",
});
const parallelism = "integer";

const timeSeries = document({
  "timeField!": "text",
  metaField: "text",
  granularity: ["seconds", "minutes", "hours"],
  bucketMaxSpanSeconds: "integer",
  bucketRoundingSeconds: "integer",
});

/** What `$emit` takes, by kind of connection. */
export const emitShapes: Readonly<Partial<Record<ConnectionType, DocumentShape>>> = {
  Kafka: document({
    "connectionName!": "text",
    "topic!": "name",
    parallelism,
    schemaRegistry: document({ "connectionName!": "text", "valueSchema!": "any" }),
    config: document({
      acks: "any",
      compression_type: ["none", "gzip", "snappy", "lz4", "zstd"],
      ...output,
      headers: "any",
      key: "any",
      keyFormat: keyFormats,
      tombstoneWhen: "any",
    }),
  }),
  Cluster: document({
    "connectionName!": "text",
    "db!": "name",
    "coll!": "name",
    "timeseries!": timeSeries,
    parallelism,
  }),
  S3: document({
    "connectionName!": "text",
    "bucket!": "text",
    region: "text",
    "path!": "name",
    config: files,
    parallelism,
  }),
  AWSKinesisDataStreams: document({
    "connectionName!": "text",
    "stream!": "text",
    region: "text",
    "partitionKey!": "name",
    config: document(output),
    parallelism,
  }),
};

/** For connections that are not known, and for kinds whose fields Atlas describes elsewhere. */
export const anySource = anyOf([...Object.values(sourceShapes), inlineSource]);
export const anyEmit = anyOf(Object.values(emitShapes));
