import { percentile } from "../../streams/engine/advise/measured.ts";
import type { Asked } from "./pace.ts";

/** What a service has to keep to under load. */
export interface LoadLimits {
  p99Ms: number;
  /** Share of requests that may fail, from 0 to 1. */
  errorRate: number;
}

/** Figures of a load, and which limits they break. */
export interface Judged {
  requests: number;
  errors: number;
  errorRate: number;
  /** Of requests that were answered well; null where none was. */
  latencyMs: { p50: number; p90: number; p99: number; max: number } | null;
  /** How often each problem was. */
  problems: Record<string, number>;
  breaches: string[];
}

/** What some requests say, held against limits. One that is answered by an error is no quick answer, so that it counts as an error alone. */
export function judgeLoad(asked: readonly Asked[], { p99Ms, errorRate: allowed }: LoadLimits): Judged {
  const good = asked.filter(({ problem }) => problem === undefined).map(({ milliseconds }) => milliseconds);
  const problems: Record<string, number> = {};
  for (const { problem } of asked) if (problem !== undefined) problems[problem] = (problems[problem] ?? 0) + 1;
  const errors = asked.length - good.length;
  const errorRate = asked.length === 0 ? 1 : errors / asked.length;
  const at = (share: number) => round(percentile(good, share));
  const latencyMs = good.length === 0 ? null : { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  const breaches = [
    ...(errorRate > allowed ? [`${percent(errorRate)} of the requests failed, ${percent(allowed)} may`] : []),
    ...(latencyMs === null ? ["no request was answered"] : []),
    ...(latencyMs !== null && latencyMs.p99 > p99Ms ? [`p99 is ${latencyMs.p99} ms, ${p99Ms} ms are allowed`] : []),
  ];
  return { requests: asked.length, errors, errorRate, latencyMs, problems, breaches };
}

const round = (value: number) => Math.round(value * 10) / 10;
const percent = (share: number) => `${Math.round(share * 10_000) / 100} %`;
