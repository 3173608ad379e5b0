import { tierLimits } from "../../streams/engine/catalogue/tiers.ts";
import type { Tier } from "../../streams/engine/files/documents.ts";
import { isDoc } from "../../streams/engine/simulator/values/types.ts";

/**
 * Figures that no simulation can measure, out of a model: more work takes longer, a larger tier less long. They do not depend on this
 * machine, so that two versions differ by what they do and by nothing else.
 */

/** Documents that arrive at each topic, stream or collection per second. */
export const documentsPerSecond = 50;
/** Documents that are there before the first one arrives. */
export const documentsAtFirst = 200;
/** Time of a pause in which nobody looked that counts at the most. */
export const longestPauseMs = 5_000;
/** Documents that a processor reads at the most until it shows where it stands. */
export const largestBatch = 2_000;
/** How long a start shows PROVISIONING; Atlas takes minutes. */
export const provisioningMs = 150;

/** Microseconds of computing that a stage takes per document, beside those of its expressions. */
const computing: Readonly<Record<string, number>> = {
  $match: 20,
  $project: 30,
  $addFields: 30,
  $set: 30,
  $unset: 10,
  $replaceRoot: 20,
  $replaceWith: 20,
  $redact: 60,
  $unwind: 40,
  $validate: 60,
  $setStreamMeta: 20,
  $group: 80,
  $sort: 120,
  $tumblingWindow: 150,
  $hoppingWindow: 300,
  $sessionWindow: 250,
  $function: 500,
};
/** Microseconds that a stage waits for somebody else. */
const waiting: Readonly<Record<string, number>> = {
  $lookup: 2_000,
  $cachedLookup: 300,
  $https: 20_000,
  $externalFunction: 25_000,
  $merge: 1_500,
  $emit: 800,
};
/** Microseconds of every operator, field and value. */
const perNode = 2;
const overheadMicros = 1_000;
const tailFactor = 3;
/** Requests to others that are under way at the same time. */
const requestsAtOnce = 32;

export interface Work {
  computing: number;
  waiting: number;
}

/** What a document costs on its way through a pipeline. */
export function workOf(value: unknown): Work {
  if (Array.isArray(value)) return value.map(workOf).reduce(plus, nothing);
  if (!isDoc(value)) return { computing: perNode, waiting: 0 };
  return Object.entries(value)
    .map(([key, inner]) => {
      const own = { computing: perNode + (known(computing, key) ?? 0), waiting: known(waiting, key) ?? 0 };
      return key === "$source" ? own : plus(own, workOf(inner));
    })
    .reduce(plus, nothing);
}

const nothing: Work = { computing: 0, waiting: 0 };
const plus = (a: Work, b: Work): Work => ({ computing: a.computing + b.computing, waiting: a.waiting + b.waiting });
const known = (table: Readonly<Record<string, number>>, key: string) =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** Stages use one core: more of them make a document no faster. */
const speedOf = (tier: Tier) => Math.min(1, tierLimits[tier].vcpu);

/** Microseconds from the source to the sink; what a document waits in a window is part of it, as in Atlas. */
export function latencyOf(pipeline: readonly unknown[], tier: Tier): { p50: number; p99: number } {
  const work = workOf(pipeline);
  const p50 = Math.round(overheadMicros + work.computing / speedOf(tier) + work.waiting);
  const window = windowMicros(pipeline);
  return { p50: p50 + window, p99: p50 * tailFactor + window };
}

/** Documents that a processor can read per second. */
export function capacityOf(pipeline: readonly unknown[], tier: Tier): number {
  const work = workOf(pipeline);
  const micros = 500 + work.computing / speedOf(tier) + work.waiting / requestsAtOnce;
  return Math.max(2 * documentsPerSecond, Math.min(largestBatch, Math.floor(1_000_000 / micros)));
}

/** Bytes of memory: a processor itself, its stages, and what its windows hold. */
export function memoryOf(pipeline: readonly unknown[], stateSize: number): number {
  return 24 * 1024 ** 2 + pipeline.length * 512 * 1024 + Math.round(stateSize * 1.5);
}

const units: Readonly<Record<string, number>> = { ms: 1, second: 1e3, minute: 6e4, hour: 36e5, day: 864e5 };

/** The length of the window in a pipeline, in microseconds. */
function windowMicros(pipeline: readonly unknown[]): number {
  for (const stage of pipeline) {
    if (!isDoc(stage)) continue;
    const window = stage["$tumblingWindow"] ?? stage["$hoppingWindow"] ?? stage["$sessionWindow"];
    if (!isDoc(window)) continue;
    const length = window["interval"] ?? window["gap"];
    if (isDoc(length)) return Number(length["size"]) * (units[String(length["unit"])] ?? 0) * 1000;
  }
  return 0;
}

/** Cumulative parallelism, as Atlas counts it: what stages have above one, together. */
export function addedParallelism(pipeline: readonly unknown[]): number {
  return pipeline.reduce<number>((sum, stage) => {
    const [name, operand] = isDoc(stage) ? (Object.entries(stage)[0] ?? []) : [];
    if (!isDoc(operand)) return sum;
    const sync = operand["initialSync"];
    const given = name === "$source" ? (isDoc(sync) ? sync["parallelism"] : undefined) : operand["parallelism"];
    return sum + (typeof given === "number" && given > 1 ? given - 1 : 0);
  }, 0);
}
