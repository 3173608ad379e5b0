import type { Baseline } from "../streams/observe/baselines.ts";
import type { Comparison, Verdict } from "../streams/observe/compare.ts";
import type { Console } from "./console.ts";
import { headJson, headLine } from "./streams-status.ts";
import { figure, paceJson, type ProfileReport } from "./streams-profile.ts";
import { table } from "./table.ts";
import { moment } from "./time.ts";

/** What runs, held against a baseline. */
export interface ComparisonReport extends ProfileReport {
  baseline: Baseline;
  /** What runs goes by this id; undefined where nothing was deployed. */
  running: string | undefined;
  comparisons: readonly Comparison[];
}

/** The worst of all. */
function overall(comparisons: readonly Comparison[]): Verdict {
  const has = (verdict: Verdict) => comparisons.some((one) => one.verdict === verdict);
  return (["worse", "inconclusive", "better"] as const).find(has) ?? "same";
}

/** A comparison as JSON. */
export function comparisonJson(report: ComparisonReport): Record<string, unknown> {
  const { baseline, running, comparisons, measured } = report;
  const profiles = new Map(measured.map(({ processor, profile }) => [processor, profile]));
  return {
    ...{ action: "compare", ...headJson(report), ...paceJson(report) },
    baseline: { id: baseline.id, takenAt: baseline.takenAt },
    running: running ?? null,
    verdict: overall(comparisons),
    processors: comparisons.map((one) => ({ ...one, profile: profiles.get(one.processor) })),
    skipped: report.skipped,
  };
}

/** A comparison for people: one row for each figure that moved, and the verdict of each processor. */
export function comparisonText({ colors }: Console, report: ComparisonReport): string[] {
  const { baseline, running, comparisons } = report;
  const paint = { better: colors.green, same: colors.dim, worse: colors.red, inconclusive: colors.yellow };
  const same = baseline.id === running ? ", which still runs" : "";
  const rows = comparisons.flatMap(({ processor, verdict, metrics }) => [
    [processor, "", "", "", paint[verdict](verdict)],
    ...metrics
      .filter((metric) => metric.verdict !== "same")
      .map((one) => [
        `  ${one.metric}`,
        ...[figure(one.baseline), figure(one.current), one.band === null ? "-" : `±${figure(one.band)}`],
        paint[one.verdict](one.verdict),
      ]),
  ]);
  const reasons = comparisons.flatMap(({ processor, reasons: all }) => all.map((reason) => `${processor}: ${reason}`));
  return [
    headLine(report),
    `against the baseline of ${baseline.id.slice(0, 12)} (${moment(baseline.takenAt)})${same}`,
    ...table([["processor", "was", "is", "noise", "verdict"], ...rows]),
    ...reasons,
  ];
}
