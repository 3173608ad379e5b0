import type { CompiledPipeline } from "./compile.ts";
import { PipelineRefused } from "./errors.ts";
import type { Envelope } from "./stages/stage.ts";
import type { Span } from "./types.ts";
import { spanOf } from "./windows/duration.ts";
import type { World } from "./world/world.ts";

/** Both times of a processor: what happens when event time or processing time goes on. */
export class Timers {
  readonly #world: World;
  readonly #pipeline: CompiledPipeline;
  readonly #closed: (envelopes: readonly Envelope[]) => void;
  /** Since when nothing arrives, and where the watermark stood then. */
  #idle: { since: number; watermark: number } | undefined;

  constructor(world: World, pipeline: CompiledPipeline, closed: (envelopes: readonly Envelope[]) => void) {
    this.#world = world;
    this.#pipeline = pipeline;
    this.#closed = closed;
  }

  /** The source is not idle. */
  arrived(): void {
    this.#idle = undefined;
  }

  /** The watermark may have gone on: windows close. */
  watermark(): void {
    const { source, window } = this.#pipeline;
    const { watermark } = source.partitions;
    if (window === undefined || window.processingTime || watermark === undefined) return;
    this.#closed(window.advance(watermark));
  }

  /** @throws PipelineRefused for what is no time */
  advance(span: Span): void {
    this.#idle = undefined;
    this.#pass(this.#target(span));
  }

  /** @throws PipelineRefused for what is no time */
  idle(span: Span): void {
    const { now } = this.#world;
    this.#idle ??= { since: now, watermark: this.#pipeline.source.partitions.watermark ?? now };
    this.#pass(this.#target(span));
  }

  #target(span: Span): number {
    const length = spanOf(span);
    if (length === undefined)
      throw new PipelineRefused(`${JSON.stringify(span)} is no time: write 90s, 2m, 1h30m or milliseconds`);
    return this.#world.now + length;
  }

  /** Goes on from one thing that happens to the next: each happens at its own time. */
  #pass(target: number): void {
    for (let standing = 0; standing < 1000;) {
      const next = this.#next();
      standing = next > this.#world.now ? 0 : standing + 1;
      this.#world.now = Math.max(this.#world.now, Math.min(next, target));
      if (next > target) return;
      this.#happen();
    }
    // Whatever was due stays due: a test that never ends would say less.
    throw new Error("time does not go on: something that is due never happens");
  }

  #next(): number {
    const { source, window } = this.#pipeline;
    const partition = source.partitions.nextIdle();
    if (window === undefined) return partition;
    const closes = window.processingTime ? window.nextClose() : Infinity;
    const idles = this.#idle === undefined ? Infinity : this.#idle.since + window.nextIdle(this.#idle.watermark);
    return Math.min(partition, closes, idles);
  }

  #happen(): void {
    const { source, window } = this.#pipeline;
    const { now } = this.#world;
    source.partitions.passed(now);
    if (window === undefined) return;
    if (window.processingTime) {
      this.#closed(window.advance(now));
      return;
    }
    this.watermark();
    if (this.#idle === undefined) return;
    const { closed, watermark } = window.idle(now - this.#idle.since, this.#idle.watermark);
    if (closed.length > 0) source.partitions.raise(watermark);
    this.#closed(closed);
  }
}
