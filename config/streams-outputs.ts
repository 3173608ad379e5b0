import { z } from "zod";
import { deadLetterQueueSchema, policySchema, thresholdsSchema, tiers } from "../streams/engine/files/documents.ts";

const tier = z.enum(tiers);

/** How a changed processor takes over; what is not in place is handed over by the driver. */
export const rollouts = ["in-place", "blue-green", "canary"] as const;
export type Rollout = (typeof rollouts)[number];

/** What a processor does once it is deployed. */
export const wantedStates = ["STARTED", "STOPPED", "CREATED"] as const;
export type WantedState = (typeof wantedStates)[number];

/** The digest of a definition: pipeline and dead letter queue. */
export const definitionDigestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256:<64 hex>");

/** One processor as the environment is to run it. */
const processorOutput = z.strictObject({
  digest: definitionDigestSchema,
  rollout: z.enum(rollouts),
  state: z.enum(wantedStates),
  /** Absent where Atlas moves it between bounds. */
  tier: tier.optional(),
  autoscaling: z.strictObject({ minTier: tier, maxTier: tier }).optional(),
  failover: z.boolean(),
  /** JSON text, keys in the order in which they were written. */
  pipeline: z.string(),
  dlq: deadLetterQueueSchema.optional(),
  thresholds: thresholdsSchema.omit({ $schema: true }),
  expect: policySchema.shape.expect,
  kafkaPartitions: z.number().int().positive().optional(),
});
export type ProcessorOutput = z.infer<typeof processorOutput>;

/** Stream processing of an environment: where it runs, and every processor that is to run there. */
export const streamsOutputs = z.strictObject({
  projectId: z.string(),
  workspace: z.string(),
  provider: z.string(),
  region: z.string(),
  tier,
  maxTier: tier,
  /** Names. */
  connections: z.array(z.string()),
  processors: z.record(z.string(), processorOutput),
});
export type StreamsOutputs = z.infer<typeof streamsOutputs>;
