import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import type { AtlasProcessor, AtlasStats } from "../atlas/types.ts";
import type { Profile } from "./profile.ts";
import { distribution, trendOf } from "./statistics.ts";
import { windowMsOf } from "./window.ts";

/** What Atlas showed of a processor at one moment; no processor where there was none. */
export interface Reading {
  /** Milliseconds. */
  at: number;
  processor: AtlasProcessor | undefined;
}

const megabyte = 1024 ** 2;

/** What readings of one processor say, in the order in which they were taken. Pure. */
export function profileFrom(name: string, readings: readonly Reading[]): Profile {
  const running = readings.flatMap(({ at, processor }) =>
    processor?.state === "STARTED" ? [{ at, stats: processor.stats }] : [],
  );
  const last = readings.at(-1)?.processor;
  const steps = stepsOf(running);
  const memory = running.map(({ stats }) => stats.memoryUsageBytes / megabyte);
  const memoryMb = distribution(memory);
  const documents = sum(steps);
  const { input, output, dlq } = documents;
  return {
    processor: name,
    digest: last === undefined ? null : definitionDigest({ pipelineText: last.text, dlq: last.dlq }),
    tier: last?.effectiveTier ?? last?.tier ?? null,
    problem: problemOf(name, last, running.length),
    samples: running.length,
    seconds: ((running.at(-1)?.at ?? 0) - (running[0]?.at ?? 0)) / 1000,
    windowMs: last === undefined ? 0 : windowMsOf(last.pipeline),
    memoryMb: memoryMb && { ...memoryMb, trend: trendOf(memory) },
    latencyMs: latencyOf(running.map(({ stats }) => stats)),
    throughputPerSecond: distribution(steps.map((step) => step.input / step.seconds)),
    documents,
    dlqRate: input === 0 ? null : Math.min(1, dlq / input),
    outputPerInput: input === 0 ? null : output / input,
    lag: lagOf(running.map(({ stats }) => stats)),
  };
}

function problemOf(name: string, last: AtlasProcessor | undefined, runningReadings: number): string | null {
  if (last === undefined) return `${name} is not in Atlas`;
  if (last.state === "FAILED") return `${name} is FAILED: ${last.errorMsg ?? "Atlas gives no reason"}`;
  // Between two tiers it is PROVISIONING for a moment, and goes on.
  return runningReadings === 0 || last.state === "STOPPED" ? `${name} is ${last.state}` : null;
}

interface Step {
  seconds: number;
  input: number;
  output: number;
  dlq: number;
}

/** What happened between two readings that follow each other. Counts that fell begin anew: that time says nothing. */
function stepsOf(running: readonly { at: number; stats: AtlasStats }[]): Step[] {
  return running.slice(1).flatMap(({ at, stats }, index) => {
    const before = running[index];
    if (before === undefined) return [];
    const step = {
      seconds: (at - before.at) / 1000,
      input: stats.inputMessageCount - before.stats.inputMessageCount,
      output: stats.outputMessageCount - before.stats.outputMessageCount,
      dlq: stats.dlqMessageCount - before.stats.dlqMessageCount,
    };
    return Object.values(step).every((value) => value >= 0) && step.seconds > 0 ? [step] : [];
  });
}

const sum = (steps: readonly Step[]) =>
  steps.reduce(
    (all, { input, output, dlq }) => ({ input: all.input + input, output: all.output + output, dlq: all.dlq + dlq }),
    { input: 0, output: 0, dlq: 0 },
  );

/** Atlas tells percentiles of the last thirty seconds: those of the same time are one reading, however often they are read. */
function latencyOf(all: readonly AtlasStats[]): Profile["latencyMs"] {
  const seen = new Set<string>();
  const told = all.flatMap(({ latency, raw }) => {
    const end = (raw["latency"] as { end?: unknown } | undefined)?.end;
    const key = JSON.stringify(end);
    if (latency === undefined || (end !== undefined && seen.has(key))) return [];
    seen.add(key);
    return [latency];
  });
  const p50 = distribution(told.map((latency) => latency.p50 / 1000));
  const p99 = distribution(told.map((latency) => latency.p99 / 1000));
  return p50 && p99 && { p50, p99 };
}

function lagOf(all: readonly AtlasStats[]): Profile["lag"] {
  const documents = all.flatMap((stats) => waitingOf(stats) ?? []);
  const seconds = all.flatMap(({ changeStreamLagSeconds }) => changeStreamLagSeconds ?? []);
  const values = documents.length > 0 ? documents : seconds;
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { unit: values === documents ? "documents" : "seconds", first, last, trend: trendOf(values) };
}

/** Documents of all partitions that wait; undefined where Atlas does not say so of each. */
export function waitingOf({ kafkaPartitions }: AtlasStats): number | undefined {
  if (kafkaPartitions === undefined || kafkaPartitions.length === 0) return undefined;
  const lags = kafkaPartitions.map(({ lag }) => lag);
  return lags.every((lag) => lag !== undefined) ? lags.reduce((all, lag) => all + lag, 0) : undefined;
}
