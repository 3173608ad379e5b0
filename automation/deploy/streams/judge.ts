import { setTimeout as delay } from "node:timers/promises";
import type { ProcessorOutput } from "../../../config/streams-outputs.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";
import { type Comparison, type Metric, compareProfiles } from "../../streams/observe/compare.ts";
import { profileOf } from "../../streams/observe/measure.ts";
import type { Profile } from "../../streams/observe/profile.ts";
import { judgeLimits, limitsOf, type Limit } from "../../streams/observe/thresholds.ts";
import type { TrialPace } from "./pace.ts";
import type { Judgement } from "./state.ts";
import { windowSpanMs } from "./windows.ts";

/** What a trial is held against beside what runs. */
export interface Judged extends Pick<ProcessorOutput, "expect" | "thresholds"> {
  /** Share of the documents that the trial gets, in percent; undefined for all. */
  percent: number | undefined;
}

export interface JudgeOptions {
  pace: { pollMs: number; trial: TrialPace };
  say(line: string): void;
  signal: AbortSignal;
}

/** Waits until a trial has something to show, measures it together with what runs, and says which is better. */
export function judgeOf(client: AtlasStreams, judged: Judged, options: JudgeOptions) {
  return async (trial: string, blue: string): Promise<Judgement> => {
    const { say, pace, signal } = options;
    const { intervalMs, warmUpMs, durationMs } = pace.trial;
    const failed = await untilReading(client, trial, options);
    if (failed !== undefined) return { verdict: "worse", reasons: [failed] };
    const profiles = await profileOf(client, [blue, trial], { durationMs, intervalMs, warmUpMs, say, signal });
    const [before, after] = [profiles.get(blue), profiles.get(trial)];
    if (before === undefined || after === undefined)
      return { verdict: "inconclusive", reasons: ["there was nothing to measure"] };
    return judgementOf(before, after, judged);
  };
}

/** Windows that were open when a trial began are not full: they have to be over. */
function hasFilled(first: AtlasProcessor | undefined, now: AtlasProcessor): boolean {
  const span = windowSpanMs(now.text);
  if (span === 0) return true;
  const [from, to] = [first, now].map((seen) => Date.parse(seen?.stats.watermark ?? "")) as [number, number];
  return to - from >= span;
}

/** How far behind its source a trial may be when it is measured: what catches up is busier than what keeps up. */
const caughtUp = ({ stats }: AtlasProcessor): boolean =>
  (stats.kafkaPartitions ?? []).every(({ lag = 0 }) => lag < 1000);

/** @returns why there is nothing to measure any more; undefined once there is, or where it took too long */
async function untilReading(
  client: AtlasStreams,
  trial: string,
  { pace, signal, say }: JudgeOptions,
): Promise<string | undefined> {
  const { patienceMs, eventTimePace } = pace.trial;
  let deadline = performance.now() + patienceMs;
  let first: AtlasProcessor | undefined;
  for (let said = false; !signal.aborted && performance.now() < deadline; said = true) {
    const seen = await client.processor(trial);
    if (seen === undefined) return "somebody deleted the trial";
    if (seen.state === "FAILED") return `the trial failed: ${seen.errorMsg ?? "Atlas does not say why"}`;
    if (first === undefined) deadline += windowSpanMs(seen.text) / eventTimePace;
    if (first?.stats.watermark === undefined) first = seen;
    const enough = seen.stats.inputMessageCount >= pace.trial.leastDocuments && caughtUp(seen);
    if (enough && hasFilled(first, seen)) return undefined;
    if (!said) say(`${trial} reads until it has ${pace.trial.leastDocuments} documents and full windows`);
    await delay(pace.pollMs, undefined, { signal }).catch(() => undefined);
  }
  const seen = signal.aborted ? undefined : await client.processor(trial);
  return seen === undefined || hasFilled(first, seen) ? undefined : "its windows did not fill in time";
}

/** A share of the documents takes a share of the work: how much it reads says nothing. */
const notOfAShare: readonly Metric[] = ["throughputPerSecond"];

/** Pure: what a trial is worth, held against what runs and against the limits that what runs keeps to. */
export function judgementOf(before: Profile, after: Profile, judged: Judged): Judgement {
  const broken = newlyBroken(before, after, judged);
  if (broken.length > 0) return { verdict: "worse", reasons: broken };
  const { percent } = judged;
  const comparison = compareProfiles(before, after, { sameInput: percent === undefined });
  return percent === undefined ? plain(comparison) : ofShare(comparison);
}

/** A limit that what runs does not keep to either is no fault of the change. */
function newlyBroken(before: Profile, after: Profile, { expect, thresholds, percent }: Judged): string[] {
  const limits = limitsOf(thresholds, expect).filter(
    ({ metric }) => percent === undefined || !notOfAShare.includes(metric),
  );
  const kept = judgeLimits(before, limits).map(({ breached }) => !breached);
  return judgeLimits(after, limits)
    .filter(({ breached }, index) => breached && kept[index])
    .map(brokenText);
}

const places: Readonly<Record<Limit["from"], string>> = {
  thresholds: "its environment's thresholds",
  expect: "the limits of its policy",
};

const brokenText = ({ metric, limit, value, from }: Limit & { value: number | null }): string =>
  `${metric}: ${Number((value ?? 0).toPrecision(3))}, and ${places[from]} say ${limit}`;

const plain = ({ verdict, reasons }: Comparison): Judgement => ({ verdict, reasons: [...reasons] });

function ofShare({ metrics }: Comparison): Judgement {
  const counted = metrics.filter(({ metric }) => !notOfAShare.includes(metric));
  const verdict = (["worse", "inconclusive", "better"] as const).find((one) =>
    counted.some((metric) => metric.verdict === one),
  );
  if (verdict === undefined) return { verdict: "same", reasons: [] };
  const reasons = counted.filter((one) => one.verdict === verdict).map(({ metric, reason }) => `${metric}: ${reason}`);
  return { verdict, reasons };
}
