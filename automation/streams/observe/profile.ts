import type { Tier } from "../../../streams/engine/files/documents.ts";

/** How readings of one figure lie. */
export interface Distribution {
  /** How many readings there are. */
  samples: number;
  min: number;
  p50: number;
  p95: number;
  max: number;
  /** Median of the distances from the median: what one outlier does not move. */
  mad: number;
}

/** How a figure went while it was measured: the second half against the first. */
export type Trend = "rising" | "falling" | "steady";

/** What one processor needed and did for some time. Null where there was nothing to measure it by. */
export interface Profile {
  /** The processor's name in Atlas. */
  processor: string;
  /** Digest of the definition that ran. */
  digest: string | null;
  /** The tier that it ran on. */
  tier: Tier | null;
  /** Why there is nothing to hold against anything: it is gone, or does not run. Null where all is well. */
  problem: string | null;
  /** Readings after the warm-up. */
  samples: number;
  /** Seconds between the first of them and the last. */
  seconds: number;
  /** Milliseconds that documents wait in the window of the pipeline by design; 0 without one. It is part of `latencyMs`. */
  windowMs: number;
  memoryMb: (Distribution & { trend: Trend }) | null;
  /** Readings of Atlas' own percentiles, as Atlas tells them. */
  latencyMs: { p50: Distribution; p99: Distribution } | null;
  /** Documents that were read. */
  throughputPerSecond: Distribution | null;
  /** Documents while it was measured. */
  documents: { input: number; output: number; dlq: number };
  /** Share of what was read that went to the dead letter queue. */
  dlqRate: number | null;
  outputPerInput: number | null;
  /** What waits at the source: documents of Kafka, or seconds of a change stream. */
  lag: { unit: "documents" | "seconds"; first: number; last: number; trend: Trend } | null;
}

/** Milliseconds of a percentile that are the pipeline's own: without what its window waits by design. */
export const ownLatency = ({ windowMs }: Pick<Profile, "windowMs">, milliseconds: number): number =>
  Math.max(0, milliseconds - windowMs);
