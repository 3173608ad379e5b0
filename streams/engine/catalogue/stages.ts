import { type DocumentShape, document } from "./shapes.ts";

/** Where stages stand: in the pipeline itself, inside a window, or in what `$https` and `$externalFunction` send. */
export type Place = "main" | "window" | "payload";

export type Role = "source" | "sink" | "window" | "transform" | "call";

export interface StageSpec {
  /** `call` asks somebody outside of the processor. Some of those may end a pipeline as well. */
  role: Role;
  places: readonly Place[];
  /** Whether it may be the last of a pipeline, which a sink always may. */
  ends?: true;
  /** Its document, where that is always the same; sources and `$emit` differ by connection. */
  shape?: DocumentShape;
}

const everywhere: readonly Place[] = ["main", "window", "payload"];
const both: readonly Place[] = ["main", "window"];
const main: readonly Place[] = ["main"];

const collection = document({ "connectionName!": "text", "db!": "text", "coll!": "text" });
const boundary = ["eventTime", "processingTime"];
const onError = ["dlq", "ignore", "fail"];
const offset = document({ "offsetFromUtc!": "integer", "unit!": ["ms", "second", "minute", "hour"] });

const window = (fields: Parameters<typeof document>[0]): StageSpec => ({
  role: "window",
  places: main,
  shape: document({ ...fields, "pipeline!": "pipeline", boundary, allowedLateness: "duration" }),
});

const join = { localField: "text", foreignField: "text", "as!": "text" } as const;

/** Every stage that Atlas knows, and where it may stand. */
export const stages: Readonly<Record<string, StageSpec>> = {
  $source: { role: "source", places: main },
  $addFields: { role: "transform", places: everywhere },
  $set: { role: "transform", places: everywhere },
  $project: { role: "transform", places: everywhere },
  $replaceRoot: { role: "transform", places: everywhere, shape: document({ "newRoot!": "any" }) },
  $replaceWith: { role: "transform", places: both },
  $unset: { role: "transform", places: both },
  $match: { role: "transform", places: both },
  $redact: { role: "transform", places: both },
  $unwind: { role: "transform", places: both },
  $validate: {
    role: "transform",
    places: both,
    shape: document({ "validator!": "document", validationAction: ["discard", "dlq"] }),
  },
  $setStreamMeta: { role: "transform", places: main },
  $throttle: {
    role: "transform",
    places: main,
    shape: document({ bytesPerSec: "integer", messagesPerSec: "integer" }),
  },
  $group: { role: "transform", places: ["window"] },
  $sort: { role: "transform", places: ["window"] },
  $count: { role: "transform", places: ["window"] },
  $limit: { role: "transform", places: ["window"] },
  $lookup: {
    role: "call",
    places: both,
    shape: document({
      from: "any",
      ...join,
      let: "document",
      pipeline: "pipeline",
      parallelism: "integer",
      partitionBy: "any",
    }),
  },
  $cachedLookup: {
    role: "call",
    places: main,
    shape: document({
      "from!": collection,
      "localField!": "text",
      "foreignField!": "text",
      "as!": "text",
      "ttl!": "duration",
      "maxMemUsageBytes!": "integer",
    }),
  },
  $vectorSearch: {
    role: "call",
    places: main,
    shape: document({
      "from!": collection,
      "as!": "text",
      "index!": "text",
      "path!": "text",
      "limit!": "integer",
      ...{ queryVector: "any", query: document({ "text!": "name" }), model: "text", numCandidates: "integer" },
      ...{ filter: "document", exact: "boolean", pipeline: "pipeline", let: "document" },
      searchNodePreference: document({ "key!": "text" }),
    }),
  },
  $https: {
    role: "call",
    places: both,
    ends: true,
    shape: document({
      "connectionName!": "text",
      path: "name",
      parameters: "document",
      method: ["GET", "POST", "PUT", "PATCH", "DELETE"],
      headers: "document",
      as: "text",
      onError,
      payload: "pipeline",
      config: document({ connectionTimeoutSec: "integer", requestTimeoutSec: "integer", parseJsonStrings: "boolean" }),
    }),
  },
  $externalFunction: {
    role: "call",
    places: both,
    ends: true,
    shape: document({
      "connectionName!": "text",
      "functionName!": "text",
      execution: ["sync", "async"],
      as: "text",
      onError,
      payload: "pipeline",
      parallelism: "integer",
      partitionBy: "any",
    }),
  },
  $tumblingWindow: window({ "interval!": "duration", offset, idleTimeout: "duration" }),
  $hoppingWindow: window({ "interval!": "duration", "hopSize!": "duration", offset, idleTimeout: "duration" }),
  $sessionWindow: window({ "gap!": "duration", "partitionBy!": "any" }),
  $merge: {
    role: "sink",
    places: main,
    shape: document({
      "into!": document({ "connectionName!": "text", "db!": "name", "coll!": "name" }),
      on: "texts",
      let: "document",
      whenMatched: "any",
      whenNotMatched: "any",
      parallelism: "integer",
    }),
  },
  $emit: { role: "sink", places: main },
  $iceberg: {
    role: "sink",
    places: main,
    shape: document({
      "connectionName!": "text",
      "bucket!": "text",
      "tableName!": "name",
      "path!": "text",
      databaseName: "text",
      region: "text",
      mode: ["cdc", "insert"],
      idFieldName: "text",
      partitionedBy: "document",
      catalog: document({ "type!": ["hadoop", "glue"] }),
      schemaInference: document({ "mode!": ["json", "nested"] }),
    }),
  },
};

/** Stages of MongoDB that Atlas Stream Processing has not; people know them and write them. */
export const databaseOnly: ReadonlySet<string> = new Set(
  (
    "$bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $currentOp $densify $documents $facet $fill $geoNear $graphLookup " +
    "$indexStats $listSessions $out $planCacheStats $sample $search $searchMeta $setWindowFields $skip $sortByCount $unionWith $rerank $rankFusion"
  ).split(" "),
);

/** Largest parallelism of one stage that any tier allows. */
export const largestParallelism = 64;
