import { type Checkpoint, type Counts, continuation } from "./checkpoint.ts";
import { type CompiledPipeline, compilePipeline } from "./compile.ts";
import { contextOf } from "./context.ts";
import { Coverage } from "./coverage.ts";
import { goOn } from "./restore.ts";
import { DeadLetters } from "./dead-letters.ts";
import { PipelineRefused, ProcessorFailure } from "./errors.ts";
import type { Input, InputOptions } from "./source/input.ts";
import type { Envelope, Stage } from "./stages/stage.ts";
import { Timers } from "./timers.ts";
import { shownPath } from "../finding.ts";
import type { Emission, ProcessorState, Simulator, SimulatorOptions, Span, Stats, TraceEntry } from "./types.ts";
import { fromEjson } from "./values/ejson.ts";
import { bsonSize } from "./values/size.ts";
import type { Doc } from "./values/types.ts";
import { World, timeOf } from "./world/world.ts";
import type { Origin } from "./windows/window.ts";

/** Makes a processor out of a pipeline as it is written. @throws SimulationError where it cannot be simulated, or Atlas would refuse it */
export function createSimulator(pipeline: readonly unknown[], options: SimulatorOptions = {}): Simulator {
  return new Processor(pipeline, options);
}

class Processor implements Simulator {
  readonly world: World;
  readonly emissions: Emission[] = [];
  readonly trace: TraceEntry[] = [];
  state: ProcessorState = "CREATED";
  failure: Simulator["failure"];
  readonly #pipeline: readonly unknown[];
  readonly #options: SimulatorOptions;
  readonly #coverage = new Coverage();
  readonly #compiled: CompiledPipeline;
  readonly #letters: DeadLetters;
  readonly #timers: Timers;
  #last: Checkpoint | undefined;
  /** Documents of the input in hand that were counted. */
  #taken = 0;
  readonly #counts: Counts = {
    ...{ input: 0, output: 0, dlq: 0, dropped: 0 },
    ...{ throttledMs: 0, throttleEvents: 0 },
  };

  constructor(pipeline: readonly unknown[], options: SimulatorOptions) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.world = options.world ?? new World(options.mocks, timeOf(options.clock ?? 0) ?? 0);
    this.#letters = new DeadLetters(options, this.world, this.#counts);
    const context = contextOf(options, this.world, this.#coverage, (milliseconds) => {
      this.#counts.throttledMs += milliseconds;
      this.#counts.throttleEvents += 1;
    });
    this.#compiled = compilePipeline(fromEjson(pipeline, ["pipeline"]) as unknown[], context, {
      connections: new Map((options.connections ?? []).map(({ name, type }) => [name, type])),
      partitions: options.partitions,
      runner: {
        run: (stages, envelope) => this.#run(stages, envelope),
        report: (stage, envelope, error) => this.#letters.add(stage, envelope, error),
      },
    });
    this.#timers = new Timers(this.world, this.#compiled, (closed) => closed.forEach((each) => this.#finish(each)));
  }

  get dlq() {
    return this.#letters.delivered;
  }

  get dropped() {
    return this.#letters.dropped;
  }

  get coverage() {
    return this.#coverage.points;
  }

  get readsFromStart(): boolean {
    return this.#compiled.source.kind.fromStart;
  }

  start(): void {
    if (this.state === "STARTED") return;
    if (this.#last === undefined) this.checkpoint();
    this.state = "STARTED";
    this.failure = undefined;
    const { inline, partitions } = this.#compiled.source;
    for (const doc of inline.slice(partitions.nextOffset("0"))) this.#accept(doc, {});
  }

  push(input: Input, options: InputOptions = {}): boolean {
    if (this.state === "CREATED") this.start();
    if (this.#compiled.source.inline.length > 0)
      throw new PipelineRefused("the documents of this source stand in the pipeline itself: nothing can be pushed");
    return this.#accept(input, options);
  }

  #accept(input: Input, options: InputOptions): boolean {
    return this.#guarded(() => {
      const { source } = this.#compiled;
      const partition = String(options.partition ?? 0);
      const offset = options.offset ?? source.partitions.nextOffset(partition);
      this.#compiled.arrived();
      const opened = source.open(input, options, partition, offset);
      let time: number | undefined;
      try {
        const read = source.read(input, opened, options);
        time = read?.time;
        if (read !== undefined) this.#take(read, { partition, offset });
      } catch (error) {
        this.#letters.add(source, typeof input === "string" ? { ...opened, doc: { raw: input } } : opened, error);
      }
      this.#timers.arrived();
      source.partitions.arrived(partition, offset, time, this.world.now);
      this.#timers.watermark();
    });
  }

  /** Work that may end in the processor's failure. */
  #guarded(work: () => void): boolean {
    if (this.state !== "STARTED") return false;
    this.#taken = 0;
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof ProcessorFailure)) throw error;
      // The document counts when it is read again.
      this.#counts.input -= this.#taken;
      this.state = "FAILED";
      this.failure = { reason: error.message, code: error.code };
      return false;
    }
  }

  /** A document out of the source, on its way to a window or the sink. */
  #take(envelope: Envelope, origin: Origin): void {
    this.#counts.input += 1;
    this.#taken = 1;
    const { before, window } = this.#compiled;
    for (const each of this.#run(before, envelope)) {
      if (window === undefined) this.#finish(each);
      else
        try {
          window.add(each, origin);
        } catch (error) {
          this.#letters.add(window, each, error);
        }
    }
  }

  #finish(envelope: Envelope): void {
    const { after, sink } = this.#compiled;
    for (const each of this.#run(after, envelope))
      try {
        const written = sink.write(each);
        this.#counts.output += 1;
        const emission = { ...written, operator: sink.name, meta: each.meta };
        if (this.#options.retain !== false) this.emissions.push(emission);
        this.#options.onEmission?.(emission);
      } catch (error) {
        this.#letters.add(sink, each, error);
      }
  }

  /** What stages make of a document. One that fails goes to the dead letter queue as it was before the stage. */
  #run(stages: readonly Stage[], envelope: Envelope, from = 0): readonly Envelope[] {
    let current = envelope;
    for (let index = from; index < stages.length; index += 1) {
      const stage = stages[index] as Stage;
      stage.reached();
      let result: ReturnType<Stage["apply"]>;
      try {
        result = stage.apply(current);
      } catch (error) {
        this.#letters.add(stage, current, error);
        return none;
      }
      if (result === undefined) return none;
      if (Array.isArray(result)) {
        const many = result as readonly Envelope[];
        for (const each of many) this.#traced(stage, each.doc);
        return many.flatMap((each) => this.#run(stages, each, index + 1));
      }
      current = result as Envelope;
      this.#traced(stage, current.doc);
    }
    return [current];
  }

  #traced(stage: Stage, doc: Doc): void {
    if (this.#options.trace === true) this.trace.push({ stage: shownPath(stage.path), doc });
  }

  advance(span: Span): void {
    this.#guarded(() => this.#timers.advance(span));
  }

  idle(span: Span): void {
    this.#guarded(() => this.#timers.idle(span));
  }

  checkpoint(): Checkpoint {
    const { source, window } = this.#compiled;
    this.#last = structuredClone({
      version: 1,
      processor: this.#options.name ?? "",
      pipeline: this.#pipeline,
      source: source.partitions.save(),
      windows: window?.save() ?? null,
      counts: this.#counts,
    });
    return this.#last;
  }

  eventTimeOf(input: Input, options: InputOptions = {}): number | undefined {
    return this.#compiled.source.timeOf(input, options);
  }

  restore(checkpoint: Checkpoint, { resume = true } = {}): ReadonlyMap<string, number> {
    if (this.state !== "CREATED") throw new Error("a checkpoint is restored before the processor starts");
    const how = resume ? continuation(checkpoint.pipeline, this.#pipeline) : "recompute";
    Object.assign(this.#counts, checkpoint.counts);
    if (!resume) return new Map();
    this.#last = checkpoint;
    return goOn(this.#compiled, checkpoint, how, this.world.now);
  }

  stop(): Checkpoint {
    // What a failed processor had in hand is lost: it goes on from what it saved before.
    if (this.state === "FAILED" && this.#last !== undefined) return this.#last;
    const checkpoint = this.checkpoint();
    if (this.state === "STARTED") this.state = "STOPPED";
    return checkpoint;
  }

  stats(): Stats {
    const { source, window } = this.#compiled;
    const { input, output, dlq, dropped, throttledMs, throttleEvents } = this.#counts;
    const { watermark } = source.partitions;
    return {
      ...{ inputMessageCount: input, outputMessageCount: output, dlqMessageCount: dlq, droppedMessageCount: dropped },
      stateSize: window === undefined ? 0 : bsonSize(window.save().open.map(({ state }) => state)) - emptySize,
      watermark: window === undefined || watermark === undefined ? undefined : new Date(watermark),
      partitions: source.partitions.show(),
      throttle: { throttledTimeMs: throttledMs, throttleEvents },
    };
  }
}

const none: readonly Envelope[] = [];
const emptySize = bsonSize([]);
