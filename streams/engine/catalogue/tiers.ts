import { type Tier, tiers } from "../files/documents.ts";

/** What a tier gives a processor, as Atlas documents it. */
export interface TierLimits {
  vcpu: number;
  memoryGb: number;
  /** Network, megabits per second. */
  bandwidthMbps: number;
  /** Cumulative parallelism: the sum of (parallelism - 1) over all stages. */
  parallelism: number;
  /** Partitions of Kafka that its source reads. */
  kafkaPartitions: number;
  /** Collections that an initial sync reads. */
  initialSyncCollections: number;
  /** Tables that `$iceberg` writes to when their names are expressions; 0 where the stage is not there at all. */
  icebergTables: number;
}

const unlimited = Number.POSITIVE_INFINITY;

export const tierLimits: Readonly<Record<Tier, TierLimits>> = {
  SP2: limits(0.25, 0.5, 50, [1, 32, 1, 0]),
  SP5: limits(0.5, 1, 125, [2, 64, 1, 0]),
  SP10: limits(1, 2, 200, [8, unlimited, 5, 5]),
  SP30: limits(2, 8, 750, [16, unlimited, 10, 10]),
  SP50: limits(8, 32, 2500, [64, unlimited, 50, 50]),
};

function limits(vcpu: number, memoryGb: number, bandwidthMbps: number, counts: [number, number, number, number]) {
  const [parallelism, kafkaPartitions, initialSyncCollections, icebergTables] = counts;
  return { vcpu, memoryGb, bandwidthMbps, parallelism, kafkaPartitions, initialSyncCollections, icebergTables };
}

/** Share of a tier's memory that a processor's own state may take; above it the processor fails. */
export const stateShare = 0.8;

/** The smallest tier that takes part in failover. */
export const failoverTier: Tier = "SP10";

/** Bytes of state that a processor may hold. */
export const stateLimit = (tier: Tier) => tierLimits[tier].memoryGb * stateShare * 1024 ** 3;

export const tierAtLeast = (tier: Tier, least: Tier) => tiers.indexOf(tier) >= tiers.indexOf(least);

/** The larger of two. */
export const largerTier = (a: Tier, b: Tier): Tier => (tierAtLeast(a, b) ? a : b);

/** The next larger tier; the largest has none. */
export const tierAbove = (tier: Tier): Tier | undefined => tiers[tiers.indexOf(tier) + 1];

/** The smallest tier that a condition holds for. */
export const smallestTier = (fits: (limits: TierLimits) => boolean): Tier | undefined =>
  tiers.find((tier) => fits(tierLimits[tier]));
