import type { Context } from "../context.ts";
import type { AtlasConnection, AtlasPlace, AtlasStats, AtlasWorkspace } from "../streams/atlas/types.ts";
import { ownLatency } from "../streams/observe/profile.ts";
import type { StatusRow } from "../streams/observe/status.ts";
import type { Subject } from "../streams/observe/subjects.ts";
import { waitingOf } from "../streams/observe/readings.ts";
import { windowMsOf } from "../streams/observe/window.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";
import { ago } from "./time.ts";

type Printed = Pick<Context, "console"> & { now(): Date };

interface Head {
  environment: string | undefined;
  place: AtlasPlace;
  simulated: boolean;
}

/** What stands in a workspace. */
export interface StatusReport extends Head {
  atlas: AtlasWorkspace | undefined;
  connections: readonly AtlasConnection[];
  rows: readonly StatusRow[];
}

/** Members that every action has that looks at Atlas. */
export const headJson = ({ environment, place, simulated }: Head): Record<string, unknown> => ({
  environment: environment ?? null,
  ...{ projectId: place.projectId, workspace: place.workspace, simulated },
});

/** One line about where it was looked. */
export function headLine({ environment, place, simulated }: Head): string {
  const where = environment === undefined ? place.workspace : `${environment}: ${place.workspace}`;
  return simulated ? `${where} (simulated: processors run in the sandbox)` : where;
}

/** Status as JSON. */
export function statusJson(report: StatusReport): Record<string, unknown> {
  const { atlas, connections, rows } = report;
  return {
    ...{ action: "status", ...headJson(report) },
    tier: atlas?.tier ?? null,
    maxTier: atlas?.maxTier ?? null,
    processors: rows,
    connections: connections.map(({ name, type, state }) => ({ name, type, state: state ?? null })),
  };
}

/** Status for people: a table, then what is wrong. */
export function statusText({ console: { colors }, now }: Printed, report: StatusReport): string[] {
  const { rows, connections } = report;
  if (rows.length === 0) return [headLine(report), "no processor is there"];
  const head = ["processor", "in Atlas", "state", "tier", "in", "out", "dead letters", "waiting", "last document"];
  const cells = rows.map((row) => [
    ...[row.processor ?? "-", row.role === "working" ? row.name : colors.dim(`${row.name} (${row.role})`)],
    ...[stateText(colors, row), row.tier ?? "-", String(row.input), String(row.output), String(row.dlq)],
    ...[lagText(row.lag), row.lastMessageIn === null ? "-" : ago(row.lastMessageIn, now())],
  ]);
  const wrong = rows.flatMap(({ name, problem }) => (problem === null ? [] : [colors.red(`${name}: ${problem}`)]));
  const broken = connections.filter(({ state }) => state === "FAILED").map(({ name }) => name);
  const connected = `${plural(connections.length, "connection")}${broken.length === 0 ? "" : `; FAILED: ${broken.join(", ")}`}`;
  return [headLine(report), ...table([head, ...cells]), ...wrong, connected];
}

function stateText(colors: Context["console"]["colors"], { state, wanted, severity }: StatusRow): string {
  if (state === null) return colors.red("missing");
  if (severity === "failed") return colors.red(state);
  if (severity === "changed") return colors.yellow(`${state}, changed`);
  return state === wanted ? colors.green(state) : state;
}

const lagText = (lag: StatusRow["lag"]) =>
  lag === null ? "-" : lag.unit === "seconds" ? `${lag.value} s` : String(lag.value);

/** Figures at one moment. */
export interface StatsReport extends Head {
  subjects: readonly Subject[];
  written: readonly string[];
}

/** Figures as JSON; `stats` is what Atlas wrote. */
export function statsJson(report: StatsReport): Record<string, unknown> {
  return {
    ...{ action: "stats", ...headJson(report) },
    processors: report.subjects.map(({ processor, name, there }) => ({
      ...{ processor, name, state: there?.state ?? null, tier: there?.effectiveTier ?? there?.tier ?? null },
      ...(there === undefined ? noFigures : figures(there.stats, windowMsOf(there.pipeline))),
      stats: there?.stats.raw ?? null,
    })),
    written: report.written,
  };
}

const noFigures = {
  ...{ input: null, output: null, dlq: null, memoryMb: null, stateMb: null },
  ...{ latencyP50Ms: null, latencyP99Ms: null, waiting: null, watermark: null },
};

function figures(stats: AtlasStats, windowMs: number) {
  const own = (micros: number | undefined) =>
    micros === undefined ? null : round(ownLatency({ windowMs }, micros / 1000));
  return {
    ...{ input: stats.inputMessageCount, output: stats.outputMessageCount, dlq: stats.dlqMessageCount },
    ...{ memoryMb: megabytes(stats.memoryUsageBytes), stateMb: megabytes(stats.stateSize) },
    ...{ latencyP50Ms: own(stats.latency?.p50), latencyP99Ms: own(stats.latency?.p99) },
    ...{ waiting: waitingOf(stats) ?? null, watermark: stats.watermark ?? null },
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
const megabytes = (bytes: number) => round(bytes / 1024 ** 2);

/** Figures for people; latency is the pipeline's own, without what its window waits. */
export function statsText(_context: Printed, report: StatsReport): string[] {
  const head = [
    "processor",
    "state",
    "tier",
    "in",
    "out",
    "dead letters",
    "memory MB",
    "state MB",
    "p50 ms",
    "p99 ms",
    "waiting",
  ];
  const cells = report.subjects.map(({ processor, there }) => {
    if (there === undefined) return [processor, "missing"];
    const shown = figures(there.stats, windowMsOf(there.pipeline));
    return [
      ...[processor, there.state, there.effectiveTier ?? there.tier ?? "-"],
      ...[shown.input, shown.output, shown.dlq, shown.memoryMb, shown.stateMb].map(String),
      ...[shown.latencyP50Ms, shown.latencyP99Ms, shown.waiting].map((value) => (value === null ? "-" : String(value))),
    ];
  });
  return [headLine(report), ...table([head, ...cells]), ...report.written.map((file) => `written to ${file}`)];
}
