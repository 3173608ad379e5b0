import type { Policy, Thresholds } from "../../../streams/engine/files/documents.ts";
import { ownLatency, type Profile } from "./profile.ts";

/** What a processor may need at the most, and has to do at the least. */
export interface Limit {
  metric: "memoryMb" | "latencyP99Ms" | "throughputPerSecond" | "dlqRate";
  limit: number;
  /** Who says so. */
  from: "thresholds" | "expect";
}

/** A limit and what was measured. */
export interface Judged extends Limit {
  /** Null where there was nothing to measure it by. */
  value: number | null;
  breached: boolean;
}

/** The limits of a processor: those of its environment, and those of its policy beside them. */
export function limitsOf(thresholds: Thresholds | undefined, expect: Policy["expect"]): Limit[] {
  const all: [Limit["metric"], Limit["from"], number | undefined][] = [
    ["memoryMb", "thresholds", thresholds?.memory_mb],
    ["latencyP99Ms", "thresholds", thresholds?.latency_p99_ms],
    ["throughputPerSecond", "thresholds", thresholds?.throughput_min],
    ["memoryMb", "expect", expect?.memoryMb],
    ["latencyP99Ms", "expect", expect?.latencyP99Ms],
    ["throughputPerSecond", "expect", expect?.throughputPerSecond],
    ["dlqRate", "expect", expect?.dlqRate],
  ];
  return all.flatMap(([metric, from, limit]) => (limit === undefined ? [] : [{ metric, from, limit }]));
}

/** Holds a profile against limits. Pure. Latency counts without what the window waits by design. */
export function judgeLimits(profile: Profile, limits: readonly Limit[]): Judged[] {
  const { memoryMb, latencyMs, throughputPerSecond, dlqRate } = profile;
  const values: Record<Limit["metric"], number | null> = {
    memoryMb: memoryMb && memoryMb.max,
    latencyP99Ms: latencyMs && ownLatency(profile, latencyMs.p99.p50),
    throughputPerSecond: throughputPerSecond && throughputPerSecond.mean,
    dlqRate,
  };
  return limits.map((limit) => {
    const value = values[limit.metric];
    const beyond = limit.metric === "throughputPerSecond" ? below(value, limit.limit) : below(limit.limit, value);
    return { ...limit, value, breached: beyond };
  });
}

const below = (a: number | null, b: number | null) => a !== null && b !== null && a < b;
