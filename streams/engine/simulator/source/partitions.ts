import type { Constants } from "../constants.ts";

/** One partition of a source. */
interface Partition {
  /** The next offset that is read. */
  next: number;
  /** Greatest event time, where a document came already. */
  greatest: number | undefined;
  lastArrival: number;
  idle: boolean;
}

/** Partitions as a checkpoint holds them. */
export interface SavedPartitions {
  watermark: number | null;
  partitions: Record<string, { next: number; greatest: number | null }>;
}

/**
 * Offsets and event time of a source. The watermark is the least of what the partitions have reached, without those that are idle; it never
 * goes back.
 */
export class Partitions {
  readonly #all = new Map<string, Partition>();
  readonly #idleTimeout: number | undefined;
  readonly #constants: Constants;
  /** Whether anybody asks for the watermark: only windows do. */
  timed = true;
  #watermark: number | undefined;
  /** Event times of partitions that are read again, put back when they are where they were. */
  readonly #again = new Map<string, { until: number; greatest: number | undefined }>();

  constructor(count: number, idleTimeout: number | undefined, constants: Constants, now: number) {
    this.#idleTimeout = idleTimeout;
    this.#constants = constants;
    for (let index = 0; index < count; index += 1) this.#of(String(index), now);
  }

  get watermark(): number | undefined {
    return this.#watermark;
  }

  nextOffset(partition: string): number {
    return this.#all.get(partition)?.next ?? 0;
  }

  /** A document came, and was read. */
  arrived(partition: string, offset: number, time: number | undefined, now: number): void {
    const at = this.#of(partition, now);
    at.next = Math.max(at.next, offset + 1);
    at.lastArrival = now;
    at.idle = false;
    if (time !== undefined) at.greatest = Math.max(at.greatest ?? -Infinity, time);
    const again = this.#again.get(partition);
    if (again !== undefined && at.next >= again.until) {
      if (again.greatest !== undefined) at.greatest = Math.max(at.greatest ?? -Infinity, again.greatest);
      this.#again.delete(partition);
    }
    this.#recompute();
  }

  /** When a partition becomes idle next; infinite where none will. */
  nextIdle(): number {
    if (this.#idleTimeout === undefined) return Infinity;
    const waiting = [...this.#all.values()].filter(({ idle }) => !idle);
    return Math.min(Infinity, ...waiting.map(({ lastArrival }) => lastArrival + (this.#idleTimeout ?? 0)));
  }

  /** Time went on. */
  passed(now: number): void {
    if (this.#idleTimeout === undefined) return;
    for (const partition of this.#all.values())
      if (now - partition.lastArrival >= this.#idleTimeout) partition.idle = true;
    this.#recompute();
  }

  /** The watermark goes on without a document. */
  raise(watermark: number): void {
    if (watermark > (this.#watermark ?? -Infinity)) this.#watermark = watermark;
  }

  #recompute(): void {
    if (!this.timed) return;
    let least = Infinity;
    let counted = 0;
    for (const { idle, greatest } of this.#all.values()) {
      if (idle) continue;
      if (greatest === undefined) return;
      counted += 1;
      least = Math.min(least, greatest);
    }
    if (counted > 0) this.raise(least - this.#constants.watermarkOffsetMs);
  }

  #of(partition: string, now: number): Partition {
    let found = this.#all.get(partition);
    if (found === undefined) {
      found = { next: 0, greatest: undefined, lastArrival: now, idle: false };
      this.#all.set(partition, found);
    }
    return found;
  }

  /** Offsets and whether each partition is idle, as statistics show them. */
  show(): { partition: string; currentOffset: number; isIdle: boolean }[] {
    return [...this.#all].map(([partition, { next, idle }]) => ({ partition, currentOffset: next, isIdle: idle }));
  }

  save(): SavedPartitions {
    const partitions = [...this.#all].map(([name, { next, greatest }]) => [name, { next, greatest: greatest ?? null }]);
    return {
      watermark: this.#watermark ?? null,
      partitions: Object.fromEntries(partitions) as SavedPartitions["partitions"],
    };
  }

  restore(saved: SavedPartitions, now: number): void {
    this.#watermark = saved.watermark ?? undefined;
    for (const [name, { next, greatest }] of Object.entries(saved.partitions))
      Object.assign(this.#of(name, now), { next, greatest: greatest ?? undefined });
  }

  /** Goes back to earlier offsets: event time counts anew until the documents are read that were read before. */
  rewind(offsets: ReadonlyMap<string, number>): void {
    for (const [name, offset] of offsets) {
      const partition = this.#all.get(name);
      if (partition === undefined || offset >= partition.next) continue;
      this.#again.set(name, { until: partition.next, greatest: partition.greatest });
      Object.assign(partition, { next: offset, greatest: undefined });
      this.#watermark = undefined;
    }
  }
}
