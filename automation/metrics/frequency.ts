import { medianOf } from "./figures.ts";

export const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const monthMs = 30 * dayMs;

/** How often, in DORA's words; `none` where nothing was deployed. */
export type FrequencyBucket = "daily" | "weekly" | "monthly" | "yearly" | "none";

export interface Frequency {
  bucket: FrequencyBucket;
  deployments: number;
  perWeek: number;
  /** UTC days with at least one. */
  days: number;
}

/** From `from` (not included) to `to`, in milliseconds since 1970. */
export interface Window {
  from: number;
  to: number;
}

/**
 * Deployment frequency by the rule of DORA's Four Keys project (https://github.com/dora-team/fourkeys, `METRICS.md`): the median week has
 * deployments on three days or more: daily; on one or more: weekly; the median month has one: monthly; else yearly. Weeks (of 7 days)
 * and months (of 30) are counted back from the end of the window; a part at its begin counts as a whole one. Times after
 * the end (another machine's clock) count in the last week.
 */
export function frequencyOf(times: readonly number[], { from, to }: Window): Frequency {
  const span = Math.max(to - from, 1);
  const weeks = Array.from({ length: Math.ceil(span / weekMs) }, () => new Set<number>());
  const months = new Float64Array(Math.ceil(span / monthMs));
  const days = new Set<number>();
  for (const time of times) {
    const age = Math.max(to - time, 0);
    const day = Math.floor(time / dayMs);
    days.add(day);
    weeks[Math.floor(age / weekMs)]?.add(day);
    const month = Math.floor(age / monthMs);
    months[month] = (months[month] ?? 0) + 1;
  }
  const daysAWeek = medianOf(weeks.map(({ size }) => size).sort((a, b) => a - b));
  return {
    bucket: bucketOf(times.length, daysAWeek, medianOf(months.sort())),
    deployments: times.length,
    perWeek: (times.length * weekMs) / span,
    days: days.size,
  };
}

function bucketOf(deployments: number, daysAWeek: number, inAMonth: number): FrequencyBucket {
  if (deployments === 0) return "none";
  if (daysAWeek >= 3) return "daily";
  if (daysAWeek >= 1) return "weekly";
  return inAMonth >= 1 ? "monthly" : "yearly";
}
