import type { JsonPath } from "../../json/document.ts";
import type { Envelope } from "../stages/stage.ts";

/** Where a document came from in its source: read from there again, it comes once more. */
export interface Origin {
  partition: string;
  offset: number;
}

/** A window stage. It is told what arrives and how time goes on, and hands back what closed windows give. */
export interface WindowStage {
  readonly name: string;
  readonly path: JsonPath;
  /** Whether processing time decides. */
  readonly processingTime: boolean;
  /** @throws DocumentError where a document is late */
  add(envelope: Envelope, origin: Origin): void;
  /** Event time went on to here, or processing time where that decides. */
  advance(time: number): Envelope[];
  /** The source has been idle since a time, when the watermark stood where it stands. Hands back where the watermark goes, too. */
  idle(idleMs: number, watermark: number): { closed: Envelope[]; watermark: number };
  /** How long the source has to be idle, from now on, until something happens; infinite where nothing will. */
  nextIdle(watermark: number): number;
  /** When something closes next; infinite where nothing is open. */
  nextClose(): number;
  save(): SavedWindows;
  restore(saved: SavedWindows): void;
  /** Goes on from a checkpoint of another pipeline: what was open is read again, and counted anew. */
  recompute(saved: SavedWindows, until: ReadonlyMap<string, number>): void;
}

/** Open windows as a checkpoint holds them. */
export interface SavedWindows {
  /** Everything that ends before is closed. */
  closedUntil: number | null;
  open: {
    start: number;
    end: number;
    partition?: unknown;
    state: unknown;
    /** The least offset by partition that is in it. */
    from: Record<string, number>;
  }[];
}
