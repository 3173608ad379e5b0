import { percentile } from "../../../streams/engine/advise/measured.ts";
import { medianOf } from "../../metrics/figures.ts";
import type { Distribution, Trend } from "./profile.ts";

/** How readings lie; null without any. */
export function distribution(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  const p50 = median(values);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    samples: values.length,
    min: Math.min(...values),
    mean,
    p50,
    p95: percentile(values, 0.95),
    max: Math.max(...values),
    mad: median(values.map((value) => Math.abs(value - p50))),
    sd: Math.sqrt(variance),
  };
}

/** The middle, or between the two in the middle. */
export const median = (values: readonly number[]): number => medianOf(Float64Array.from(values).sort());

/** From the median distance to a standard deviation, and from there to the error of a median, both of a normal distribution. */
const deviation = 1.4826;
const medianError = 1.2533;

/** How many readings say as much as one that stands alone: Atlas' figures cover thirty seconds, so that neighbours share documents. */
const perIndependent = 2;

const independent = (samples: number) => Math.sqrt(Math.max(1, samples / perIndependent));

/** Standard error of the median of readings. */
export const standardError = ({ mad, samples }: Pick<Distribution, "mad" | "samples">): number =>
  (medianError * deviation * mad) / independent(samples);

/** Standard error of their mean. */
export const meanError = ({ sd, samples }: Pick<Distribution, "sd" | "samples">): number => sd / independent(samples);

/** The lower end of where a share lies with 97.5 % certainty (Wilson): few documents give a low one. */
export function wilsonLower(hits: number, of: number): number {
  if (of === 0) return 0;
  const z = 1.96;
  const rate = hits / of;
  const centre = rate + (z * z) / (2 * of);
  const spread = z * Math.sqrt((rate * (1 - rate) + (z * z) / (4 * of)) / of);
  return Math.max(0, (centre - spread) / (1 + (z * z) / of));
}

/** Changes by less than this share of the middle are none. */
const leastChange = 0.05;
/** Standard deviations of the count below, beyond which it is no chance (95 %). */
const certain = 1.96;

/**
 * Whether readings go up or down, by how many later ones are above earlier ones (Mann and Kendall): a slow leak shows although each step of
 * it is smaller than the noise.
 */
export function trendOf(values: readonly number[]): Trend {
  const slopes: number[] = [];
  let balance = 0;
  for (const [later, value] of values.entries())
    for (const [earlier, before] of values.slice(0, later).entries()) {
      balance += Math.sign(value - before);
      slopes.push((value - before) / (later - earlier));
    }
  const n = values.length;
  const deviations = balance / Math.sqrt(Math.max(1, (n * (n - 1) * (2 * n + 5)) / 18));
  const change = median(slopes) * (n - 1);
  if (Math.abs(deviations) < certain || Math.abs(change) <= leastChange * Math.abs(median(values))) return "steady";
  return change > 0 ? "rising" : "falling";
}
