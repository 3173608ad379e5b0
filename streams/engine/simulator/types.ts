import type { Checkpoint } from "./checkpoint.ts";
import type { Constants } from "./constants.ts";
import type { CoveragePoint } from "./coverage.ts";
import type { Meta } from "./expressions/runtime.ts";
import type { Written } from "./sinks/sink.ts";
import type { Input, InputOptions } from "./source/input.ts";
import type { Doc } from "./values/types.ts";
import type { Mocks, World } from "./world/world.ts";

export interface SimulatorOptions {
  /** The processor's name: what the dead letter queue calls it. */
  name?: string;
  /** The workspace's name: Atlas puts it into the dead letter queue where a project has several. */
  instanceName?: string;
  /** What the clock shows at the start: ISO 8601, milliseconds. Defaults to 1970. */
  clock?: string | number | Date;
  mocks?: Mocks;
  /** What stands around the processor, where several follow each other; instead of `clock` and `mocks`. */
  world?: World;
  options?: { dlq?: { connectionName: string; db: string; coll: string } | undefined };
  /** Connections: some stages do different things by their kind. */
  connections?: readonly { name: string; type: string }[];
  /** Partitions that the source has; those that documents come from otherwise. */
  partitions?: number;
  constants?: Partial<Constants>;
  /** Keep every document behind every stage. */
  trace?: boolean;
  /** Whether emissions and documents of the dead letter queue are kept; true by default. Listeners get them either way. */
  retain?: boolean;
  onEmission?: (emission: Emission) => void;
  onDlq?: (document: DlqDocument) => void;
}

/** A document that reached the sink. */
export interface Emission extends Written {
  operator: string;
  meta: Meta;
}

/** A document of the dead letter queue, as Atlas writes it. */
export interface DlqDocument extends Doc {
  processorName: string;
  instanceName?: string;
  dlqTime: Date;
  operatorName: string;
  errInfo: { reason: string };
  doc: unknown;
  _stream_meta: Doc;
}

export interface Stats {
  inputMessageCount: number;
  outputMessageCount: number;
  dlqMessageCount: number;
  /** Documents that could not be processed while there was no dead letter queue. */
  droppedMessageCount: number;
  /** Bytes of open windows. */
  stateSize: number;
  watermark: Date | undefined;
  partitions: { partition: string; currentOffset: number; isIdle: boolean }[];
  throttle: { throttledTimeMs: number; throttleEvents: number };
}

export interface TraceEntry {
  stage: string;
  doc: Doc;
}

export type ProcessorState = "CREATED" | "STARTED" | "STOPPED" | "FAILED";

/** Time as a test writes it: "2m", milliseconds, `{size, unit}`. */
export type Span = string | number | { size: number; unit: string };

/** A processor that runs here instead of in Atlas. */
export interface Simulator {
  readonly state: ProcessorState;
  /** Why it is FAILED, with Atlas' number where that is documented. */
  readonly failure: { reason: string; code: number | undefined } | undefined;
  readonly world: World;
  readonly emissions: readonly Emission[];
  readonly dlq: readonly DlqDocument[];
  /** Documents that would be in the dead letter queue, if there was one. */
  readonly dropped: readonly DlqDocument[];
  readonly coverage: readonly CoveragePoint[];
  readonly trace: readonly TraceEntry[];
  /** Whether a processor without a checkpoint reads what is in its source already. */
  readonly readsFromStart: boolean;
  /** Starts; documents in the pipeline itself are read now. */
  start(): void;
  /** Hands over a document, as values or as text; false where it is not read because the processor does not run. */
  push(input: Input, options?: InputOptions): boolean;
  /** Processing time goes on, while the source delivers things that this test does not show. */
  advance(span: Span): void;
  /** Processing time goes on, and nothing arrives at all. */
  idle(span: Span): void;
  checkpoint(): Checkpoint;
  /**
   * Before it starts: goes on from a checkpoint. Hands back the offset by partition from which its source is read. Without `resume` nothing
   * but the counts is taken over.
   */
  restore(checkpoint: Checkpoint, options?: { resume?: boolean }): ReadonlyMap<string, number>;
  /** The event time that an input would have; undefined where it cannot be read. */
  eventTimeOf(input: Input, options?: InputOptions): number | undefined;
  /** Stops with a last checkpoint; of a failed processor it is the one before. */
  stop(): Checkpoint;
  stats(): Stats;
}
