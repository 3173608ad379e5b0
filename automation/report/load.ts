import { z } from "zod";
import type { Context } from "../context.ts";
import type { Judged, LoadLimits } from "../load/judge.ts";
import { plural } from "./text.ts";

/** A load, what came of it, and where it is kept. */
export interface LoadReport extends Judged {
  stack: string;
  url: string;
  rate: number;
  seconds: number;
  limits: LoadLimits;
  at: string;
  /** Key in the store. */
  key: string;
}

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** What `load` promises. */
export const loadOutput = {
  ...{ stack: z.string(), url: z.url(), rate: positive, duration: positive, at: z.iso.datetime(), key: z.string() },
  limits: z.strictObject({ p99Ms: positive, errorRate: share }),
  ...{ requests: count, errors: count, errorRate: share, problems: z.record(z.string(), count) },
  latencyMs: z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() }).nullable(),
  breaches: z.array(z.string()),
};

/** A load as JSON; `seconds` is what every verb calls its own time. */
export const loadJson = ({ seconds, ...report }: LoadReport): Record<string, unknown> => ({
  ...report,
  duration: seconds,
});

/** A load for people. */
export function loadText({ console: { colors } }: Pick<Context, "console">, report: LoadReport): string {
  const { url, rate, seconds, requests, errors, latencyMs, problems, breaches, key } = report;
  const times = latencyMs === null ? [] : Object.entries(latencyMs).map(([name, value]) => `${name} ${value} ms`);
  const worst = Object.entries(problems).sort(([, a], [, b]) => b - a);
  return [
    `${url}: ${plural(requests, "request")} in ${seconds} s, ${rate} a second, ${errors} failed`,
    ...(times.length === 0 ? [] : [`  ${times.join(", ")}, from when each was due`]),
    ...worst.map(([problem, often]) => `  ${often} times: ${problem}`),
    ...(breaches.length === 0 ? [colors.green("within its limits")] : breaches.map((text) => colors.red(text))),
    `kept as ${key}`,
  ].join("\n");
}
