import { stateShare, tierLimits } from "../catalogue/tiers.ts";
import { type Tier, tiers } from "../files/documents.ts";

/**
 * Figures of one processor, several samples of `stats` in the order in which they were taken. `memoryUsageBytes` is what Atlas calls it;
 * `stateSize` stands in where it is missing.
 */
export interface Sample {
  memoryUsageBytes?: number | undefined;
  stateSize?: number | undefined;
  /** What Atlas itself counts of parallelism. */
  addedParallelism?: number | undefined;
}

/** How much of a tier's memory is in use, against the 80 % above which a processor fails. */
export type Band = "over-provisioned" | "fit" | "watch" | "raise";

export interface Measured {
  samples: number;
  /** The 95th percentile, bytes. */
  memoryP95: number;
  /** The smallest tier that holds it in the band `fit`; undefined where none does. */
  tier: Tier | undefined;
  /** Of the tier that it runs on, where that is known. */
  band: Band | undefined;
  /** Share of that tier's memory. */
  share: number | undefined;
}

/** Share of the memory that a tier is chosen for: below the limit, with room for what is not measured. */
export const comfortable = 0.7;
const idle = 0.5;

/** Below this many samples a percentile says little. */
export const enoughSamples = 20;

/** What the samples of a processor say; nothing where none of them has a figure. */
export function measured(samples: readonly Sample[], current: Tier | undefined): Measured | undefined {
  const bytes = samples.map(({ memoryUsageBytes, stateSize }) => memoryUsageBytes ?? stateSize).filter(isFigure);
  if (bytes.length === 0) return undefined;
  const memoryP95 = percentile(bytes, 0.95);
  const share = current === undefined ? undefined : memoryP95 / memoryOf(current);
  return {
    ...{ samples: bytes.length, memoryP95, share },
    tier: tiers.find((tier) => memoryP95 <= memoryOf(tier) * comfortable),
    band: share === undefined ? undefined : bandOf(share),
  };
}

const isFigure = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0;

const memoryOf = (tier: Tier) => tierLimits[tier].memoryGb * 1024 ** 3;

/** The band that a share of the memory is in; each begins where the one before ends. */
export function bandOf(share: number): Band {
  if (share > stateShare) return "raise";
  if (share > comfortable) return "watch";
  return share >= idle ? "fit" : "over-provisioned";
}

/** Nearest rank: a figure that was really measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
