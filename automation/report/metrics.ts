import type { EnvironmentMetrics } from "../metrics/four-keys.ts";
import type { Distribution } from "../metrics/figures.ts";
import type { FrequencyBucket } from "../metrics/frequency.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";
import { ago, duration } from "./time.ts";

const none = "-";

/** "12.5 %"; "-" where there is nothing to take a part of. */
export const percent = (value: number | undefined): string =>
  value === undefined ? none : `${(value * 100).toFixed(1).replace(/\.0$/, "")} %`;

/** A duration, or "-". */
export const durationOr = (seconds: number | undefined): string => (seconds === undefined ? none : duration(seconds));

export const bucketNames: Record<FrequencyBucket, string> = {
  daily: "daily",
  weekly: "weekly",
  monthly: "monthly",
  yearly: "less than monthly",
  none: "never",
};

/** "daily, 9.3 a week". */
export function frequencyText({ deploymentFrequency: { bucket, perWeek } }: EnvironmentMetrics): string {
  return bucket === "none" ? "never" : `${bucketNames[bucket]}, ${perWeek.toFixed(1)} a week`;
}

/** "3 h 10 min (p90 9 h 2 min)". */
function spread({ count, median, p90 }: Distribution): string {
  return count === 0 ? none : `${durationOr(median)} (p90 ${durationOr(p90)})`;
}

/** All deployments begun in the window. */
export const begun = ({ outcomes }: EnvironmentMetrics): number =>
  outcomes.succeeded + outcomes.unverified + outcomes.failed + outcomes.interrupted;

/** The figures for a machine: what is not known is null, so that every key is always there. */
export const metricsJson = (all: readonly EnvironmentMetrics[]): unknown =>
  JSON.parse(JSON.stringify(all, (_key, value: unknown) => (value === undefined ? null : value)));

/** One row an environment with the four keys and the success rate, and a line for each that does not work now. */
export function metricsText(
  { colors }: Console,
  all: readonly EnvironmentMetrics[],
  days: number,
  now: Date,
): string[] {
  const head = ["environment", "deployments", "frequency", "lead time", "failed", "to restore", "success"].map(
    colors.bold,
  );
  const body = all.map((one) => [
    one.environment,
    String(begun(one)),
    frequencyText(one),
    spread(one.leadTime),
    percent(one.changeFailureRate),
    spread(one.timeToRestore),
    percent(one.successRate),
  ]);
  const lines = [
    `the last ${plural(days, "day")}; lead time and time to restore as medians`,
    "",
    ...table([head, ...body]),
  ];
  for (const { environment, failingSince, outcomes, unknownCommits } of all) {
    if (failingSince !== undefined)
      lines.push(colors.red(`${environment} has been failing since ${failingSince}, ${ago(failingSince, now)}`));
    if (outcomes.interrupted > 0)
      lines.push(`${environment}: ${plural(outcomes.interrupted, "deployment")} interrupted, in no failure rate`);
    if (unknownCommits > 0)
      lines.push(
        `${environment}: ${plural(unknownCommits, "commit")} not in this clone, left out of the lead time; git fetch --unshallow`,
      );
  }
  return lines;
}
