import { z } from "zod";
import { tiers } from "../../../streams/engine/files/documents.ts";

const distributionSchema = z.strictObject({
  /** How many readings there are. */
  samples: z.int().positive(),
  min: z.number(),
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  max: z.number(),
  /** Median of the distances from the median: what one outlier does not move. */
  mad: z.number().nonnegative(),
  /** Standard deviation. */
  sd: z.number().nonnegative(),
});
/** How readings of one figure lie. */
export type Distribution = z.infer<typeof distributionSchema>;

const trendSchema = z.enum(["rising", "falling", "steady"]);
/** How a figure went while it was measured. */
export type Trend = z.infer<typeof trendSchema>;

const count = z.int().nonnegative();

/** What one processor needed and did for some time. Null where there was nothing to measure it by. */
export const profileSchema = z.strictObject({
  /** The processor's name in Atlas. */
  processor: z.string(),
  /** Digest of the definition that ran. */
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .nullable(),
  /** The tier that it ran on. */
  tier: z.enum(tiers).nullable(),
  /** Why there is nothing to hold against anything: it is gone, or does not run. Null where all is well. */
  problem: z.string().nullable(),
  /** Readings after the warm-up. */
  samples: count,
  /** Seconds between the first of them and the last. */
  seconds: z.number().nonnegative(),
  /** Milliseconds that documents wait in the window of the pipeline by design; 0 without one. They are part of `latencyMs`. */
  windowMs: z.number().nonnegative(),
  memoryMb: distributionSchema.extend({ trend: trendSchema }).nullable(),
  /** Readings of Atlas' own percentiles, as Atlas tells them. */
  latencyMs: z.strictObject({ p50: distributionSchema, p99: distributionSchema }).nullable(),
  /** Documents that were read. Sources deliver in bursts, so that it is the mean that says how many. */
  throughputPerSecond: distributionSchema.nullable(),
  /** Documents while it was measured. */
  documents: z.strictObject({ input: count, output: count, dlq: count }),
  /** Share of what was read that went to the dead letter queue. */
  dlqRate: z.number().min(0).max(1).nullable(),
  outputPerInput: z.number().nonnegative().nullable(),
  /** What waits at the source: documents of Kafka, or seconds of a change stream. */
  lag: z
    .strictObject({ unit: z.enum(["documents", "seconds"]), first: z.number(), last: z.number(), trend: trendSchema })
    .nullable(),
});
export type Profile = z.infer<typeof profileSchema>;

/** Milliseconds of a percentile that are the pipeline's own: without what its window waits by design. */
export const ownLatency = ({ windowMs }: Pick<Profile, "windowMs">, milliseconds: number): number =>
  Math.max(0, milliseconds - windowMs);
