import { setTimeout as delay } from "node:timers/promises";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { plural } from "../../report/text.ts";
import { duration } from "../../report/time.ts";
import type { AtlasStreams } from "../atlas/types.ts";
import type { Profile } from "./profile.ts";
import { profileFrom, type Reading } from "./readings.ts";

/** Milliseconds that count up, and a pause. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface MeasureOptions {
  durationMs: number;
  intervalMs: number;
  /** Left out at the beginning: caches are cold then, and what piled up is read at once. */
  warmUpMs?: number;
  clock?: Clock;
  signal?: AbortSignal | undefined;
  /** Told how far it is, every two seconds at the most. */
  say?: ((line: string) => void) | undefined;
}

type Source = Pick<AtlasStreams, "processor" | "processors">;

/** Measures processors at the same time: what each needed and did. One that is gone or fails has a profile that says so. */
export async function profileOf(
  client: Source,
  names: readonly string[],
  options: MeasureOptions,
): Promise<ReadonlyMap<string, Profile>> {
  const readings = await measure(client, names, options);
  return new Map(names.map((name) => [name, profileFrom(name, readings.get(name) ?? [])]));
}

/**
 * Reads the figures of processors at regular moments. Ends early where none of them runs any more.
 * @throws SlipwayError (cancelled)
 */
export async function measure(
  client: Source,
  names: readonly string[],
  options: MeasureOptions,
): Promise<ReadonlyMap<string, Reading[]>> {
  const { durationMs, intervalMs, warmUpMs = 0, signal } = options;
  const clock = options.clock ?? realClock(signal);
  const readings = new Map<string, Reading[]>(names.map((name) => [name, []]));
  const say = seldom(clock, options.say);
  const planned = Math.floor(durationMs / intervalMs) + 1;
  say(`${plural(names.length, "processor")}, ${plural(planned, "reading")} in ${duration(durationMs / 1000)}`);
  const started = clock.now();
  for (let index = -1; index < planned; index += 1) {
    // The first of all only shows what is there at all: it comes before the warm-up.
    const due = index < 0 ? started : started + warmUpMs + index * intervalMs;
    if (due > clock.now()) await clock.sleep(due - clock.now());
    if (signal?.aborted) throw new SlipwayError(ExitCode.cancelled, "It was cancelled while it was measured.");
    const seen = await readAll(client, names, clock);
    const idle = seen.every(({ processor }) => processor === undefined || atEnd.has(processor.state));
    if (index >= 0 || idle) for (const [at, name] of names.entries()) keep(readings, name, seen[at]);
    if (idle) break;
    say(index < 0 ? `warming up for ${duration(warmUpMs / 1000)}` : `reading ${index + 1} of ${planned}`);
  }
  return readings;
}

const atEnd: ReadonlySet<string> = new Set(["FAILED", "STOPPED", "DROPPED"]);

function keep(readings: Map<string, Reading[]>, name: string, reading: Reading | undefined): void {
  if (reading !== undefined) readings.get(name)?.push(reading);
}

/** Of several processors the list is one request; what it costs to answer is the same. */
async function readAll(client: Source, names: readonly string[], clock: Clock): Promise<Reading[]> {
  const [only, ...others] = names;
  const found = only !== undefined && others.length === 0 ? [await client.processor(only)] : await client.processors();
  const byName = new Map(found.flatMap((processor) => (processor === undefined ? [] : [[processor.name, processor]])));
  const at = clock.now();
  return names.map((name) => ({ at, processor: byName.get(name) }));
}

const betweenLinesMs = 2000;

function seldom(clock: Clock, say: ((line: string) => void) | undefined): (line: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (clock.now() - last < betweenLinesMs) return;
    last = clock.now();
    say?.(line);
  };
}

const realClock = (signal: AbortSignal | undefined): Clock => ({
  now: () => performance.now(),
  // Who is woken by the signal looks at it.
  sleep: (ms) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
});
