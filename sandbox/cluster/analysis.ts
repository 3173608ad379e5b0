import { block, list, text } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import { durationSeconds } from "./time.ts";
import { nameOf, specOf, type KubeObject } from "./objects.ts";

/** One metric of an analysis as the sandbox can judge it: the share of requests that the router saw fail. */
export interface Metric {
  name: string;
  /** Seconds of production between two measurements. */
  interval: number;
  /** Measurements after which it is successful; without it, it goes on as long as the canary does. */
  count?: number;
  /** So many may fail; one more fails the analysis. */
  failureLimit: number;
  limit?: { value: number; inclusive: boolean };
  /** Why it cannot be judged here. */
  refusal?: string;
}

/** What one round of requests to a revision showed. */
export interface Measurement {
  /** Template hash of the revision. */
  hash: string;
  requests: number;
  errors: number;
}

/** How a metric stands, as an AnalysisRun's `metricResults` tell it. */
export interface MetricProgress {
  measured: number;
  failed: number;
  /** Error rate of the latest measurement, from 0 to 1. */
  value?: number;
  phase: "Running" | "Successful" | "Failed" | "Inconclusive";
  message?: string;
}

const defaultIntervalSeconds = 60;

/** The metrics of the templates that a Rollout names; a template that is not there is one that cannot be judged. */
export function metricsOf(reference: unknown, templates: readonly KubeObject[]): Metric[] {
  return list(block(reference)["templates"]).flatMap((entry): Metric[] => {
    const name = text(block(entry)["templateName"]) ?? "";
    const template = templates.find((each) => nameOf(each) === name);
    if (template === undefined)
      return [{ ...never(name), refusal: `AnalysisTemplate.argoproj.io "${name}" not found` }];
    const values = new Map(
      [...list(specOf(template)["args"]), ...list(block(reference)["args"])].flatMap((each): [string, string][] => {
        const { name: key, value } = block(each);
        return typeof key === "string" && (typeof value === "string" || typeof value === "number")
          ? [[key, String(value)]]
          : [];
      }),
    );
    return list(specOf(template)["metrics"]).map((metric) => metricOf(block(metric), values));
  });
}

/** `result[0] <= 0.01`, with guards before it for an answer that is none: those never are, where the sandbox itself asks. */
const judged =
  /^(?:(?:!?isNaN\(result\[0\]\)|len\(result\)\s*(?:==|>=?)\s*\d+)\s*(?:&&|\|\|)\s*)*result\[0\]\s*(<=?)\s*(\d+(?:\.\d+)?(?:e-?\d+)?)$/;

const never = (name: string) => ({ name, interval: defaultIntervalSeconds, failureLimit: 0 });

function metricOf(metric: Properties, values: ReadonlyMap<string, string>): Metric {
  const given = (value: unknown) =>
    typeof value === "string"
      ? value.replaceAll(/\{\{\s*args\.([\w.-]+)\s*\}\}/g, (whole, key: string) => values.get(key) ?? whole)
      : value;
  const condition = text(given(metric["successCondition"]))?.trim() ?? "";
  const count = Number(given(metric["count"]) ?? Number.NaN);
  const base: Metric = {
    name: text(metric["name"]) ?? "",
    interval: durationSeconds(given(metric["interval"])) ?? defaultIntervalSeconds,
    failureLimit: Number(given(metric["failureLimit"]) ?? 0),
    ...(Number.isInteger(count) ? { count } : {}),
  };
  if (block(metric["provider"])["prometheus"] === undefined)
    return { ...base, refusal: `the sandbox judges metrics of Prometheus alone, and "${base.name}" is none` };
  const match = judged.exec(condition);
  if (match === null)
    return {
      ...base,
      refusal: `the sandbox judges "result[0] <= X", and "${base.name}" has the condition "${condition}"`,
    };
  return { ...base, limit: { value: Number(match[2]), inclusive: match[1] === "<=" } };
}

/** Takes one measurement into a metric's account. Pure. */
export function measured(
  before: MetricProgress | undefined,
  metric: Metric,
  { requests, errors }: Measurement,
): MetricProgress {
  const now = before ?? { measured: 0, failed: 0, phase: "Running" };
  if (metric.refusal !== undefined || metric.limit === undefined)
    return { ...now, phase: "Inconclusive", message: metric.refusal ?? "no limit" };
  if (requests === 0 || now.phase === "Failed") return now;
  const value = errors / requests;
  const good = metric.limit.inclusive ? value <= metric.limit.value : value < metric.limit.value;
  const next = { ...now, value, measured: now.measured + 1, failed: now.failed + (good ? 0 : 1) };
  if (next.failed > metric.failureLimit)
    return {
      ...next,
      phase: "Failed",
      message: `Metric "${metric.name}" assessed Failed due to failed (${next.failed}) > failureLimit (${metric.failureLimit}), error rate ${percent(value)}`,
    };
  const complete = metric.count !== undefined && next.measured >= metric.count;
  return complete ? { ...next, phase: "Successful" } : next;
}

/** Measurements after which a metric would have failed by now: a step of the rollout waits for them, as its time here is so short. */
export function enough(metric: Metric, seconds: number): number {
  const inProduction = Math.ceil(seconds / Math.max(1, metric.interval));
  return Math.min(inProduction, metric.failureLimit + 1, metric.count ?? Number.POSITIVE_INFINITY);
}

function percent(value: number): string {
  return `${Math.round(value * 1_000) / 10} %`;
}
