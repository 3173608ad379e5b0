import type { AtlasPlace } from "../streams/atlas/types.ts";
import { ownLatency, type Profile } from "../streams/observe/profile.ts";
import type { Judged } from "../streams/observe/thresholds.ts";
import type { Console } from "./console.ts";
import { headJson, headLine } from "./streams-status.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";
import { duration } from "./time.ts";

/** What processors of a workspace needed and did. */
export interface ProfileReport {
  environment: string | undefined;
  place: AtlasPlace;
  simulated: boolean;
  durationMs: number;
  intervalMs: number;
  warmUpMs: number;
  measured: readonly { processor: string; profile: Profile; limits: readonly Judged[] }[];
  /** Processors that are not to run. */
  skipped: readonly { processor: string; state: string | null }[];
}

/** How long it was measured, as JSON. */
export const paceJson = ({ durationMs, intervalMs, warmUpMs }: ProfileReport) => ({
  pace: { durationSeconds: durationMs / 1000, intervalSeconds: intervalMs / 1000, warmUpSeconds: warmUpMs / 1000 },
});

/** Profiles as JSON. */
export function profileJson(report: ProfileReport): Record<string, unknown> {
  return {
    ...{ action: "profile", ...headJson(report), ...paceJson(report) },
    processors: report.measured.map(({ processor, profile, limits }) => ({
      ...{ processor, profile, limits },
      breached: limits.some(({ breached }) => breached),
    })),
    skipped: report.skipped,
  };
}

/** Profiles for people: a table, then every limit that is not kept. */
export function profileText({ colors }: Console, report: ProfileReport): string[] {
  const { measured, skipped, durationMs, warmUpMs } = report;
  const head = [
    "processor",
    "tier",
    "readings",
    "memory MB",
    "p50 ms",
    "p99 ms",
    "in/s",
    "dead letters",
    "out/in",
    "waiting",
  ];
  const cells = measured.map(({ processor, profile }) => [
    ...[processor, profile.tier ?? "-", String(profile.samples)],
    figure(profile.memoryMb?.p95),
    ...(["p50", "p99"] as const).map((name) => {
      const told = profile.latencyMs?.[name].p50;
      return told === undefined ? "-" : figure(ownLatency(profile, told));
    }),
    figure(profile.throughputPerSecond?.mean),
    profile.dlqRate === null ? "-" : `${figure(profile.dlqRate * 100)} %`,
    figure(profile.outputPerInput),
    profile.lag === null
      ? "-"
      : `${figure(profile.lag.last)}${profile.lag.unit === "seconds" ? " s" : ""}${arrow[profile.lag.trend]}`,
  ]);
  const windowed = measured.some(({ profile }) => profile.windowMs > 0);
  return [
    headLine(report),
    ...(cells.length === 0 ? ["no processor is to run"] : table([head, ...cells])),
    ...measured.flatMap(({ profile }) => (profile.problem === null ? [] : [colors.red(profile.problem)])),
    ...measured.flatMap(({ processor, limits }) => limits.flatMap((limit) => limitLine(colors, processor, limit))),
    ...skipped.map(({ processor, state }) => colors.dim(`${processor} is not measured: it is ${state ?? "missing"}`)),
    `measured for ${duration(durationMs / 1000)} after ${duration(warmUpMs / 1000)}${windowed ? "; latency is without the time of windows" : ""}`,
  ];
}

const arrow = { rising: ", rising", falling: ", falling", steady: "" } as const;

const units = { memoryMb: " MB", latencyP99Ms: " ms", throughputPerSecond: "/s", dlqRate: "" } as const;
const places = { thresholds: "thresholds.json", expect: "its policy" } as const;

function limitLine(colors: Console["colors"], processor: string, { metric, limit, value, breached, from }: Judged) {
  if (!breached) return [];
  const side = metric === "throughputPerSecond" ? "at least" : "at most";
  const line = `${processor}: ${metric} ${figure(value)}${units[metric]}, ${places[from]} allows ${side} ${limit}${units[metric]}`;
  return [colors.red(line.replace("allows at least", "asks for at least"))];
}

/** Three digits that count; "-" where there is none. */
export const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? "-" : String(Number(value.toPrecision(3)));

/** Where a baseline is kept. */
export interface Kept {
  id: string;
  takenAt: string;
  key: string;
}

/** A baseline as JSON. */
export function baselineJson(report: ProfileReport, { id, takenAt, key }: Kept): Record<string, unknown> {
  return { ...profileJson(report), action: "baseline", baseline: { id, takenAt, key } };
}

/** A baseline for people. */
export function baselineText(console: Console, report: ProfileReport, { id }: Kept): string[] {
  const kept = `kept as the baseline of ${id.slice(0, 12)} for ${plural(report.measured.length, "processor")}`;
  return [...profileText(console, report), kept];
}
