import type { Distribution, Profile } from "./profile.ts";
import { meanError, standardError, wilsonLower } from "./statistics.ts";

/** How far a figure may move before it counts. All of them are meant to be overridden. */
export interface Bands {
  /** Percent of the baseline. */
  memoryPercent: number;
  latencyPercent: number;
  throughputPercent: number;
  /** Percent of outputs per input, where the definition is the same. */
  outputPercent: number;
  /** The same where it is another one: a change may let more or fewer documents through. */
  changedOutputPercent: number;
  /** Share of documents that may go to the dead letter queue beyond the share of the baseline. */
  dlqRate: number;
  /** Smaller differences than these never count. */
  memoryFloorMb: number;
  latencyFloorMs: number;
  throughputFloor: number;
  /** Standard errors of the difference that count as noise. */
  noise: number;
  /** Fewer readings than this say nothing. */
  minSamples: number;
}

export const defaultBands: Bands = {
  ...{ memoryPercent: 15, latencyPercent: 25, throughputPercent: 20 },
  ...{ outputPercent: 10, changedOutputPercent: 50, dlqRate: 0.001 },
  ...{ memoryFloorMb: 8, latencyFloorMs: 5, throughputFloor: 0.1 },
  ...{ noise: 3, minSamples: 5 },
};

export const metrics = [
  "memoryMb",
  "latencyP50Ms",
  "latencyP99Ms",
  "throughputPerSecond",
  "dlqRate",
  "outputPerInput",
] as const;
export type Metric = (typeof metrics)[number];

export type Verdict = "better" | "same" | "worse" | "inconclusive";

/** What became of one figure. */
export interface MetricComparison {
  metric: Metric;
  verdict: Verdict;
  baseline: number | null;
  current: number | null;
  /** How far it may move; null where nothing was compared. */
  band: number | null;
  /** One line for people. */
  reason: string;
}

export interface Comparison {
  processor: string;
  /** `worse` where any figure is, else `inconclusive` where one that has to be known is not. */
  verdict: Verdict;
  metrics: readonly MetricComparison[];
  /** The reasons of the figures that made the verdict. */
  reasons: readonly string[];
}

export interface CompareOptions {
  bands?: Partial<Bands>;
  /** Both ran at the same time on the same input: whoever reads less is slower. */
  sameInput?: boolean;
}

/** Holds what runs against how it ran before. Pure. */
export function compareProfiles(baseline: Profile, current: Profile, options: CompareOptions = {}): Comparison {
  const { processor } = current;
  if (current.problem !== null) return allOf(processor, "worse", current.problem);
  if (baseline.problem !== null)
    return allOf(processor, "inconclusive", `the baseline says nothing: ${baseline.problem}`);
  const sides: Sides = { baseline, current, bands: { ...defaultBands, ...options.bands } };
  const compared = [
    memory(sides),
    latency(sides, "latencyP50Ms", "p50"),
    latency(sides, "latencyP99Ms", "p99"),
    throughput(sides, options.sameInput === true),
    deadLetters(sides),
    output(sides),
  ];
  const verdict = overall(compared);
  const reasons = compared.filter((one) => one.verdict === verdict).map(({ metric, reason }) => `${metric}: ${reason}`);
  return { processor, verdict, metrics: compared, reasons: verdict === "same" ? [] : reasons };
}

/** What does not run has no figure that could be well. */
function allOf(processor: string, verdict: Verdict, reason: string): Comparison {
  const facts = { verdict, reason, baseline: null, current: null, band: null };
  return { processor, verdict, metrics: metrics.map((metric) => ({ metric, ...facts })), reasons: [reason] };
}

interface Sides {
  baseline: Profile;
  current: Profile;
  bands: Bands;
}

function overall(compared: readonly MetricComparison[]): Verdict {
  const has = (verdict: Verdict) => compared.some((one) => one.verdict === verdict);
  return (["worse", "inconclusive", "better"] as const).find(has) ?? "same";
}

function memory({ baseline, current, bands }: Sides): MetricComparison {
  const [was, is] = [baseline.memoryMb, current.memoryMb];
  const few = tooFew("memoryMb", was, is, bands);
  if (few !== undefined || was === null || is === null) return few ?? unknown("memoryMb");
  const band = Math.max(bands.memoryFloorMb, share(bands.memoryPercent, was.p95), noise(was, is, bands));
  return judged("memoryMb", { baseline: was.p95, current: is.p95, band }, { unit: " MB", lessIsBetter: true });
}

/** Without what windows wait by design, each side without its own: a longer window is no slower pipeline. */
function latency(
  { baseline, current, bands }: Sides,
  metric: "latencyP50Ms" | "latencyP99Ms",
  percentile: "p50" | "p99",
): MetricComparison {
  const [was, is] = [baseline.latencyMs?.[percentile] ?? null, current.latencyMs?.[percentile] ?? null];
  const few = tooFew(metric, was, is, bands);
  if (few !== undefined || was === null || is === null) return few ?? unknown(metric);
  if (otherTier(baseline, current)) return inconclusive(metric, tierReason(baseline, current), was.p50, is.p50);
  const [before, now] = [was.p50 - baseline.windowMs, is.p50 - current.windowMs];
  const band = Math.max(bands.latencyFloorMs, share(bands.latencyPercent, before), noise(was, is, bands));
  const compared = judged(metric, { baseline: before, current: now, band }, { unit: " ms", lessIsBetter: true });
  const windowed = baseline.windowMs > 0 || current.windowMs > 0;
  return windowed ? { ...compared, reason: `${compared.reason}, without the window's own time` } : compared;
}

function throughput({ baseline, current, bands }: Sides, sameInput: boolean): MetricComparison {
  const metric = "throughputPerSecond";
  const [was, is] = [baseline.throughputPerSecond, current.throughputPerSecond];
  const few = tooFew(metric, was, is, bands);
  if (few !== undefined || was === null || is === null) return few ?? unknown(metric);
  if (otherTier(baseline, current)) return inconclusive(metric, tierReason(baseline, current), was.mean, is.mean);
  const chance = bands.noise * Math.hypot(meanError(was), meanError(is));
  const band = Math.max(bands.throughputFloor, share(bands.throughputPercent, was.mean), chance);
  const sides = { baseline: was.mean, current: is.mean, band };
  const compared = judged(metric, sides, { unit: "/s", lessIsBetter: false });
  if (sameInput || compared.verdict === "same") return compared;
  // How much is read depends on how much there is: only what falls behind is slower, and nobody is faster than the source.
  if (compared.verdict === "better")
    return { ...compared, verdict: "same", reason: `${compared.reason}: more came in` };
  if (current.lag === null)
    return inconclusive(metric, `${compared.reason}, and nothing says what waits`, was.mean, is.mean);
  if (current.lag.trend === "rising") return { ...compared, reason: `${compared.reason}, and more and more waits` };
  return { ...compared, verdict: "same", reason: `${compared.reason}: less came in, and nothing piles up` };
}

function deadLetters({ baseline, current, bands }: Sides): MetricComparison {
  const metric = "dlqRate";
  const [was, is] = [baseline.dlqRate, current.dlqRate];
  if (is === null) return inconclusive(metric, "nothing was read", was, is);
  const before = was ?? 0;
  const limit = before + bands.dlqRate;
  const facts = { metric, baseline: was, current: is, band: bands.dlqRate } as const;
  const { dlq, input } = current.documents;
  const earlier = was === null ? "" : `, ${percent(was)} before`;
  const told = `${percent(is)} of ${input} documents went to the dead letter queue${earlier}`;
  if (is > limit && was === null)
    return { ...facts, verdict: "inconclusive", reason: `${told}; nothing was read for the baseline` };
  if (is > limit)
    return wilsonLower(dlq, input) > limit
      ? { ...facts, verdict: "worse", reason: told }
      : { ...facts, verdict: "inconclusive", reason: `${told}: too few documents to tell` };
  const better = before > bands.dlqRate && is < before - bands.dlqRate;
  return { ...facts, verdict: better ? "better" : "same", reason: told };
}

function output({ baseline, current, bands }: Sides): MetricComparison {
  const metric = "outputPerInput";
  const [was, is] = [baseline.outputPerInput, current.outputPerInput];
  if (was === null || is === null) return { ...unknown(metric), verdict: "same", reason: "nothing was read" };
  const changed = baseline.digest === null || baseline.digest !== current.digest;
  const percentage = changed ? bands.changedOutputPercent : bands.outputPercent;
  const band = Math.max(0.01, share(percentage, was), countNoise(baseline, current, bands));
  const facts = { metric, baseline: was, current: is, band } as const;
  const told = `${figure(is)} documents come out for each that goes in, ${figure(was)} before`;
  const away = Math.abs(is - was) > band;
  if (!away) return { ...facts, verdict: "same", reason: told };
  // A changed definition may well let more through: only what all but ends is a reason to stop.
  if (changed && is > was) return { ...facts, verdict: "same", reason: `${told}: another definition` };
  return { ...facts, verdict: "worse", reason: told };
}

/** Windows let documents out in bursts: a few of them more or less at the ends of the measured time say nothing. */
function countNoise(baseline: Profile, current: Profile, { noise: errors }: Bands): number {
  const of = ({ documents: { input, output } }: Profile) => (input === 0 ? 0 : output / input ** 2);
  return errors * Math.sqrt(of(baseline) + of(current));
}

function judged(
  metric: Metric,
  { baseline, current, band }: { baseline: number; current: number; band: number },
  { unit, lessIsBetter }: { unit: string; lessIsBetter: boolean },
): MetricComparison {
  const delta = current - baseline;
  const verdict = Math.abs(delta) <= band ? "same" : delta < 0 === lessIsBetter ? "better" : "worse";
  const moved = `${figure(baseline)}${unit} -> ${figure(current)}${unit}`;
  return { metric, verdict, baseline, current, band, reason: `${moved} (noise ±${figure(band)})` };
}

function tooFew(
  metric: Metric,
  was: Distribution | null,
  is: Distribution | null,
  { minSamples }: Bands,
): MetricComparison | undefined {
  const short = [was, is].find((side) => side !== null && side.samples < minSamples);
  if (was === null && is === null) return { ...unknown(metric), verdict: "same", reason: "neither side has figures" };
  if (short === undefined || short === null) return undefined;
  const reason = `${short.samples} readings, at least ${minSamples} are needed`;
  return inconclusive(metric, reason, was?.p50 ?? null, is?.p50 ?? null);
}

const otherTier = (baseline: Profile, current: Profile) =>
  baseline.tier !== null && current.tier !== null && baseline.tier !== current.tier;

const tierReason = ({ tier: was }: Profile, { tier: is }: Profile) => `it runs on ${is}, and ran on ${was}`;

const unknown = (metric: Metric) => inconclusive(metric, "one side has no figures", null, null);

const inconclusive = (
  metric: Metric,
  reason: string,
  baseline: number | null,
  current: number | null,
): MetricComparison => ({ metric, verdict: "inconclusive", baseline, current, band: null, reason });

const share = (percentage: number, of: number) => (Math.max(0, of) * percentage) / 100;

const noise = (a: Distribution, b: Distribution, { noise: errors }: Bands) =>
  errors * Math.hypot(standardError(a), standardError(b));

const percent = (rate: number) => `${figure(rate * 100)} %`;

/** Three digits that count. */
const figure = (value: number) => String(Number(value.toPrecision(3)));
