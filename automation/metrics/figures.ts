/** A number of durations in seconds; undefined where there is none to speak of. */
export interface Distribution {
  count: number;
  mean: number | undefined;
  /** The middle one, or the mean of the two in the middle. */
  median: number | undefined;
  /** The smallest one that at least nine in ten do not exceed. */
  p90: number | undefined;
}

export function distributionOf(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  if (count === 0) return { count, mean: undefined, median: undefined, p90: undefined };
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, median: medianOf(sorted), p90: sorted[Math.ceil(count * 0.9) - 1] };
}

/** Median of numbers in ascending order; 0 for none. */
export function medianOf(sorted: ArrayLike<number>): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** A part of a whole, from 0 to 1; undefined where there is no whole. */
export const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);
