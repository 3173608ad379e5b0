import type { JsonPath } from "../../json/document.ts";
import { documented } from "../constants.ts";
import { DocumentError, PipelineRefused } from "../errors.ts";
import { type Envelope, type StageContext, choice, fieldsOf } from "../stages/stage.ts";
import type { Doc } from "../values/types.ts";
import { durationOf } from "./duration.ts";
import { InnerPipeline, type InnerRunner, type WindowState } from "./inner.ts";
import { inWindow } from "./meta.ts";
import type { Origin, SavedWindows, WindowStage } from "./window.ts";

interface OpenWindow {
  start: number;
  end: number;
  state: WindowState;
  from: Record<string, number>;
}

interface Timing {
  interval: number;
  hop: number;
  /** Where windows start, modulo the hop. */
  origin: number;
  lateness: number;
  idleTimeout: number | undefined;
  processingTime: boolean;
}

const fields = ["boundary", "interval", "pipeline", "offset", "idleTimeout", "allowedLateness"];

function timingOf(name: string, given: Doc, path: JsonPath, { constants }: StageContext): Timing {
  const processingTime =
    choice(given["boundary"], ["eventTime", "processingTime"], "eventTime", [...path, "boundary"]) === "processingTime";
  const forbidden = ["allowedLateness", "idleTimeout"].find((field) => processingTime && given[field] !== undefined);
  if (forbidden !== undefined)
    throw new PipelineRefused(`${forbidden} cannot be set where boundary is processingTime`, [...path, forbidden]);
  const duration = (field: string, options = {}) => durationOf(given[field], [...path, field], options);
  const interval = duration("interval");
  const offset = given["offset"] === undefined ? 0 : duration("offset", { size: "offsetFromUtc" });
  const late =
    given["allowedLateness"] === undefined ? documented.allowedLatenessMs : duration("allowedLateness", { zero: true });
  return {
    interval,
    hop: name === "$hoppingWindow" ? duration("hopSize") : interval,
    origin: constants.windowEpochMs + offset,
    lateness: processingTime ? 0 : late,
    idleTimeout: given["idleTimeout"] === undefined ? undefined : duration("idleTimeout", { zero: true }),
    processingTime,
  };
}

/** Tumbling and hopping windows: of one length each, and starting at fixed times. */
export class TimeWindows implements WindowStage {
  readonly name: string;
  readonly path: JsonPath;
  readonly processingTime: boolean;
  readonly #timing: Timing;
  readonly #inner: InnerPipeline;
  readonly #context: StageContext;
  readonly #open = new Map<number, OpenWindow>();
  #closedUntil = -Infinity;
  #nextClose = Infinity;
  #replayUntil: ReadonlyMap<string, number> = new Map();

  constructor(name: string, argument: unknown, path: JsonPath, context: StageContext, runner: InnerRunner) {
    const known = name === "$hoppingWindow" ? [...fields, "hopSize"] : fields;
    const given = fieldsOf(name, argument, path, known);
    this.name = name;
    this.path = path;
    this.#timing = timingOf(name, given, path, context);
    this.processingTime = this.#timing.processingTime;
    this.#inner = new InnerPipeline(given["pipeline"], [...path, "pipeline"], context, runner);
    this.#context = context;
  }

  add(envelope: Envelope, origin: Origin): void {
    const time = this.processingTime ? this.#context.world.now : envelope.time;
    const starts = this.#starts(time);
    let missed = 0;
    for (const start of starts) {
      if (start + this.#timing.interval <= this.#closedUntil) missed += 1;
      else this.#addTo(start, envelope, origin);
    }
    const late =
      this.#context.constants.lateWhen === "any-window-missed" ? missed > 0 : missed > 0 && missed === starts.length;
    if (late && !this.#isReplayed(origin)) throw new DocumentError("Input document arrived late.");
  }

  #isReplayed({ partition, offset }: Origin): boolean {
    const { replayedForClosedWindow } = this.#context.constants;
    return replayedForClosedWindow === "drop" && offset < (this.#replayUntil.get(partition) ?? 0);
  }

  /** Starts of the windows that a time lies in, the earliest first; none in a gap between them. */
  #starts(time: number): number[] {
    const { interval, hop, origin } = this.#timing;
    const starts: number[] = [];
    for (let start = origin + Math.floor((time - origin) / hop) * hop; start + interval > time; start -= hop)
      starts.unshift(start);
    return starts;
  }

  #addTo(start: number, envelope: Envelope, { partition, offset }: Origin): void {
    let window = this.#open.get(start);
    if (window === undefined) {
      window = { start, end: start + this.#timing.interval, state: this.#inner.open(), from: {} };
      this.#open.set(start, window);
      this.#nextClose = Math.min(this.#nextClose, window.end);
    }
    window.from[partition] = Math.min(window.from[partition] ?? Infinity, offset);
    window.state.add(inWindow(envelope, window));
  }

  advance(time: number): Envelope[] {
    const until = time - this.#timing.lateness;
    if (until <= this.#closedUntil) return [];
    this.#closedUntil = until;
    return until < this.#nextClose ? [] : this.#closeUntil(until);
  }

  #closeUntil(until: number): Envelope[] {
    const closing = [...this.#open.values()].filter(({ end }) => end <= until).sort((a, b) => a.start - b.start);
    const closed = closing.flatMap((window) => {
      this.#open.delete(window.start);
      return window.state.close(window);
    });
    this.#nextClose = Math.min(Infinity, ...[...this.#open.values()].map(({ end }) => end));
    return closed;
  }

  nextClose(): number {
    return this.#nextClose + this.#timing.lateness;
  }

  /** Each window needs the greater of what is left of it and the timeout. */
  nextIdle(watermark: number): number {
    const { idleTimeout } = this.#timing;
    if (idleTimeout === undefined || this.#open.size === 0) return Infinity;
    return Math.max(idleTimeout, this.#nextClose - watermark);
  }

  idle(idleMs: number, watermark: number): { closed: Envelope[]; watermark: number } {
    const { idleTimeout } = this.#timing;
    if (idleTimeout === undefined || idleMs < idleTimeout) return { closed: [], watermark };
    const ends = [...this.#open.values()].map(({ end }) => end).filter((end) => end - watermark <= idleMs);
    if (ends.length === 0) return { closed: [], watermark };
    const until = Math.max(...ends);
    this.#closedUntil = Math.max(this.#closedUntil, until);
    return { closed: this.#closeUntil(until), watermark: Math.max(watermark, until) };
  }

  save(): SavedWindows {
    const open = [...this.#open.values()].sort((a, b) => a.start - b.start);
    return {
      closedUntil: Number.isFinite(this.#closedUntil) ? this.#closedUntil : null,
      open: open.map(({ start, end, state, from }) => ({
        start,
        end,
        state: state.gathering.save(),
        from: { ...from },
      })),
    };
  }

  restore(saved: SavedWindows): void {
    this.#closedUntil = saved.closedUntil ?? -Infinity;
    for (const { start, end, state, from } of saved.open)
      this.#open.set(start, { start, end, state: this.#inner.open(state), from: { ...from } });
    this.#nextClose = Math.min(Infinity, ...saved.open.map(({ end }) => end));
  }

  recompute(saved: SavedWindows, until: ReadonlyMap<string, number>): void {
    this.#closedUntil = saved.closedUntil ?? -Infinity;
    this.#replayUntil = until;
  }
}
