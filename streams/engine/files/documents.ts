import { z } from "zod";

/** Files of a folder of streams, as they are written; what they mean is checked by rules, not here. */

/** Sizes of a processor, the smallest first. */
export const tiers = ["SP2", "SP5", "SP10", "SP30", "SP50"] as const;
export type Tier = (typeof tiers)[number];

const tier = z.enum(tiers);

/** Where documents go that a processor cannot process. */
export const deadLetterQueueSchema = z.strictObject({
  connectionName: z.string().min(1),
  db: z.string().min(1),
  coll: z.string().min(1),
});
export type DeadLetterQueue = z.infer<typeof deadLetterQueueSchema>;

/** `processors/<name>.json`. The file's name is the processor's; `name` inside may repeat it. */
export const processorSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).optional(),
  pipeline: z.array(z.looseObject({})).min(1),
  options: z.strictObject({ dlq: deadLetterQueueSchema.optional() }).optional(),
});

/** Kinds of connections that Atlas knows. */
export const connectionTypes = [
  "Cluster",
  "Https",
  "Kafka",
  "S3",
  "AWSKinesisDataStreams",
  "AWSLambda",
  "AzureBlobStorage",
  "GCPPubSub",
  "Sample",
  "SchemaRegistry",
] as const;
export type ConnectionType = (typeof connectionTypes)[number];

const headers = z.record(z.string(), z.string());

/** One connection. Values may name variables as `${NAME}`: they are put in where the connection is made, and never before. */
export const connectionSchema = z.looseObject({
  name: z.string().min(1),
  type: z.enum(connectionTypes),
  clusterName: z.string().optional(),
  clusterProjectId: z.string().optional(),
  dbRoleToExecute: z.strictObject({ role: z.string().min(1), type: z.enum(["BUILT_IN", "CUSTOM"]) }).optional(),
  url: z.string().optional(),
  headers: headers.optional(),
  bootstrapServers: z.string().optional(),
});
export type ConnectionDocument = z.infer<typeof connectionSchema>;

/** `connections/*.json`: a list under `connections`, a bare list, or one connection alone. */
export const connectionsSchema = z.union([
  z.looseObject({ $schema: z.string().optional(), connections: z.array(z.unknown()) }),
  z.array(z.unknown()),
  connectionSchema,
]);

/** `environments/<environment>/thresholds.json`: what a processor may need at the most, and do at the least. */
export const thresholdsSchema = z.strictObject({
  $schema: z.string().optional(),
  /** Megabytes of state. */
  memory_mb: z.number().positive().optional(),
  /** Milliseconds, the 99th percentile. */
  latency_p99_ms: z.number().positive().optional(),
  /** Documents per second. */
  throughput_min: z.number().nonnegative().optional(),
});
export type Thresholds = z.infer<typeof thresholdsSchema>;

const autoscaling = z.strictObject({ minTier: tier, maxTier: tier });

/** `policies/<processor>.json`: how a processor is run, where it differs from what its environment says. */
export const policySchema = z.strictObject({
  $schema: z.string().optional(),
  /** One tier for good, the advisor's, or bounds between which Atlas moves it. */
  tier: z.union([tier, z.literal("auto")]).optional(),
  autoscaling: autoscaling.optional(),
  /** What it does once it is deployed. */
  state: z.enum(["STARTED", "STOPPED", "CREATED"]).optional(),
  failover: z.boolean().optional(),
  /** Partitions of the topics that its source reads; no pipeline says how many there are. */
  kafkaPartitions: z.int().positive().optional(),
  /** What it is expected to need and to do; `compare` and `profile` hold it against this. */
  expect: z
    .strictObject({
      memoryMb: z.number().positive().optional(),
      latencyP99Ms: z.number().positive().optional(),
      throughputPerSecond: z.number().nonnegative().optional(),
      dlqRate: z.number().min(0).max(1).optional(),
    })
    .optional(),
  /** How a change takes over in an environment whose changes do not happen in place. */
  rollout: z.enum(["in-place", "blue-green", "canary"]).optional(),
});
export type Policy = z.infer<typeof policySchema>;

/** `consents/<processor>.json`: somebody agreed to lose state by exactly this change. */
export const consentSchema = z.strictObject({
  $schema: z.string().optional(),
  processor: z.string().min(1),
  /** Digests of the pipeline before and after. */
  from: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  to: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  class: z.enum(["resume-false", "new-version"]),
  reason: z.string().min(10),
  by: z.string().min(1),
});
export type Consent = z.infer<typeof consentSchema>;
