import { z } from "zod";
import { deadLetterQueueSchema, tiers } from "../../../streams/engine/files/documents.ts";
import { JsonDocument, type JsonPath } from "../../../streams/engine/json/document.ts";
import type {
  AtlasConnection,
  AtlasEvent,
  AtlasProcessor,
  AtlasStats,
  AtlasWorkspace,
  KafkaPartition,
  ProcessorState,
} from "./types.ts";

/** What the API writes, as far as it is read. Everything else stays in `raw`, and nothing that is new there is an error. */

const tier = z.enum(tiers).optional().catch(undefined);

/** Numbers come as they are, or as Extended JSON writes 64 bits. */
const number = z.preprocess((value) => {
  const wrapped: unknown = typeof value === "object" && value !== null ? Object.values(value)[0] : value;
  return typeof wrapped === "string" && wrapped.trim() !== "" ? Number(wrapped) : wrapped;
}, z.number().finite());
const count = number
  .optional()
  .catch(undefined)
  .transform((value) => value ?? 0);
const maybe = number.optional().catch(undefined);

/** A moment as text, as milliseconds, or as Extended JSON. */
const moment = z
  .preprocess((value) => {
    const inner = typeof value === "object" && value !== null ? (value as { $date?: unknown }).$date : value;
    const plain = typeof inner === "object" && inner !== null ? Number(Object.values(inner)[0]) : inner;
    const date = typeof plain === "string" || typeof plain === "number" ? new Date(plain) : undefined;
    return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  }, z.string().optional())
  .optional();

const partition = z.looseObject({
  topic: z.string().optional().catch(undefined),
  partition: number,
  checkpointOffset: count,
  currentOffset: count,
  partitionOffsetLag: maybe,
  lag: maybe,
});

const stats = z.looseObject({
  ...{ inputMessageCount: count, inputMessageSize: count, outputMessageCount: count, outputMessageSize: count },
  ...{ dlqMessageCount: count, dlqMessageSize: count, memoryUsageBytes: count, stateSize: count },
  ...{ addedParallelism: maybe, scaleFactor: maybe, changeStreamTimeDifferenceSecs: maybe },
  ...{ lastMessageIn: moment, watermark: moment },
  latency: z.looseObject({ p50: number, p99: number }).optional().catch(undefined),
  kafkaPartitions: z.array(partition).optional().catch(undefined),
});

const processor = z.looseObject({
  name: z.string(),
  state: z.string(),
  pipeline: z.array(z.looseObject({})),
  options: z
    .looseObject({ dlq: deadLetterQueueSchema.or(z.looseObject(deadLetterQueueSchema.shape)).nullish() })
    .nullish()
    .catch(undefined),
  tier,
  effectiveTier: tier,
  autoscaling: z
    .looseObject({ minTier: z.enum(tiers), maxTier: z.enum(tiers) })
    .optional()
    .catch(undefined),
  failoverEnabled: z.boolean().optional().catch(undefined),
  errorMsg: z.string().optional().catch(undefined),
  stats: z.looseObject({}).nullish().catch(undefined),
});

const page = z.looseObject({
  results: z.array(z.unknown()),
  totalCount: z.number().optional(),
  links: z.array(z.looseObject({ rel: z.string().optional() })).optional(),
});

const workspace = z.looseObject({
  name: z.string(),
  dataProcessRegion: z.looseObject({ cloudProvider: z.string(), region: z.string() }),
  streamConfig: z.looseObject({ tier, maxTierSize: tier }).nullish(),
});

const connection = z.looseObject({ name: z.string(), type: z.string(), state: z.string().optional() });

const event = z.looseObject({
  id: z.string(),
  eventTypeName: z.string(),
  created: z.string(),
  username: z.string().optional(),
  publicKey: z.string().optional(),
});

/** An answer as the document that it is. Answers are larger than what anybody writes by hand. */
export function documentOf(text: string): JsonDocument {
  return new JsonDocument(text, 256 * 1024 * 1024);
}

/** Its parts, and whether there are more. @throws Error where it is no page */
export function pageOf(document: JsonDocument): {
  length: number;
  total: number | undefined;
  more: boolean | undefined;
} {
  const { results, totalCount, links } = page.parse(document.value);
  const more = links?.some(({ rel }) => rel === "next");
  return { length: results.length, total: totalCount, more };
}

const at = (document: JsonDocument, path: JsonPath): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string | number, unknown>)[key] : inner,
    document.value,
  );

/** The processor at a path of an answer. @throws Error where none is */
export function processorOf(document: JsonDocument, path: JsonPath = []): AtlasProcessor {
  const read = processor.parse(at(document, path));
  const dlq = read.options?.dlq;
  return {
    ...{ name: read.name, state: read.state as ProcessorState, pipeline: read.pipeline },
    text: document.source([...path, "pipeline"]) ?? "[]",
    ...(dlq ? { dlq: { connectionName: dlq.connectionName, db: dlq.db, coll: dlq.coll } } : {}),
    ...defined({ tier: read.tier, effectiveTier: read.effectiveTier, failoverEnabled: read.failoverEnabled }),
    ...(read.autoscaling && { autoscaling: { minTier: read.autoscaling.minTier, maxTier: read.autoscaling.maxTier } }),
    stats: statsOf(read.stats ?? {}),
    ...defined({ errorMsg: read.errorMsg ?? messageIn(read.stats) }),
  };
}

const messageIn = (raw: object | null | undefined): string | undefined => {
  const message = (raw as { errorMsg?: unknown } | null | undefined)?.errorMsg;
  return typeof message === "string" && message !== "" ? message : undefined;
};

/** Figures of a processor; 0 for what is not there. Sizes are bytes whatever scale they came in. */
export function statsOf(raw: Readonly<Record<string, unknown>>): AtlasStats {
  const read = stats.parse(raw);
  const { latency, kafkaPartitions, changeStreamTimeDifferenceSecs: behind, scaleFactor } = read;
  const scale = scaleFactor !== undefined && scaleFactor > 1 ? scaleFactor : 1;
  return {
    ...{ inputMessageCount: read.inputMessageCount, inputMessageSize: read.inputMessageSize * scale },
    ...{ outputMessageCount: read.outputMessageCount, outputMessageSize: read.outputMessageSize * scale },
    ...{ dlqMessageCount: read.dlqMessageCount, dlqMessageSize: read.dlqMessageSize * scale },
    ...{ memoryUsageBytes: read.memoryUsageBytes * scale, stateSize: read.stateSize * scale },
    ...defined({ addedParallelism: read.addedParallelism, scaleFactor, lastMessageIn: read.lastMessageIn }),
    ...defined({ watermark: read.watermark, changeStreamLagSeconds: behind }),
    ...(latency && { latency: { p50: latency.p50, p99: latency.p99 } }),
    ...((raw["changeStreamState"] ?? undefined) === undefined ? {} : { changeStreamState: raw["changeStreamState"] }),
    ...(kafkaPartitions && { kafkaPartitions: kafkaPartitions.map(partitionOf) }),
    raw,
  };
}

function partitionOf(read: z.infer<typeof partition>): KafkaPartition {
  const { topic, checkpointOffset, currentOffset } = read;
  const lag = read.partitionOffsetLag ?? read.lag;
  return { partition: read.partition, checkpointOffset, currentOffset, ...defined({ topic, lag }) };
}

/** The workspace of an answer. @throws Error where it is none */
export function workspaceOf(document: JsonDocument): AtlasWorkspace {
  const { name, dataProcessRegion, streamConfig } = workspace.parse(document.value);
  return {
    ...{ name, provider: dataProcessRegion.cloudProvider, region: dataProcessRegion.region },
    ...defined({ tier: streamConfig?.tier, maxTier: streamConfig?.maxTierSize }),
  };
}

/** The connection at a path of an answer. @throws Error where none is */
export function connectionOf(document: JsonDocument, path: JsonPath): AtlasConnection {
  const read = connection.parse(at(document, path));
  return { name: read.name, type: read.type, ...defined({ state: read.state }), raw: read };
}

/** The event at a path of an answer. @throws Error where none is */
export function eventOf(document: JsonDocument, path: JsonPath): AtlasEvent {
  const read = event.parse(at(document, path));
  const by = read.username ?? read.publicKey;
  return { id: read.id, type: read.eventTypeName, at: read.created, ...defined({ by }), raw: read };
}

/** Without members that are undefined. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
