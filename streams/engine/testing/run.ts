import type { Checkpoint } from "../simulator/checkpoint.ts";
import { defaultConstants, type Constants } from "../simulator/constants.ts";
import type { CoveragePoint } from "../simulator/coverage.ts";
import { PipelineRefused } from "../simulator/errors.ts";
import { createSimulator } from "../simulator/simulator.ts";
import type { Input, InputOptions } from "../simulator/source/input.ts";
import type { DlqDocument, Emission, Simulator, SimulatorOptions, TraceEntry } from "../simulator/types.ts";
import { docFromEjson, fromEjson } from "../simulator/values/ejson.ts";
import { textMatches, type HttpsMock } from "../simulator/world/services.ts";
import { type Mocks, World, timeOf } from "../simulator/world/world.ts";
import type { Step, TestCase } from "./format.ts";

/** A processor as a test runs it. */
export interface Subject {
  name: string;
  pipeline: readonly unknown[];
  dlq?: { connectionName: string; db: string; coll: string } | undefined;
}

/** What a test knows beside its own file. */
export interface Surroundings {
  subject: Subject;
  connections: readonly { name: string; type: string }[];
  /** Other versions, by what a test calls them. */
  versions: ReadonlyMap<string, Subject>;
  trace?: boolean;
}

/** An input as it was delivered first: what reads it again reads just that. */
export interface Delivered {
  input: Input;
  options: InputOptions & { partition: number | string; offset: number };
}

/** A step that brings a document. */
type Delivery = Extract<Step, { in: unknown } | { raw: unknown }>;

/** Where a case starts when it says nothing. */
const defaultClock = "2026-01-01T00:00:00Z";

/** What came, and after how many inputs. */
export interface Came<T> {
  after: number;
  what: T;
}

/** One run of a case: its world, its processor, and what came so far. */
export class Run {
  readonly world: World;
  readonly constants: Constants;
  readonly out: Came<Emission>[] = [];
  readonly dlq: Came<DlqDocument>[] = [];
  readonly dropped: Came<DlqDocument>[] = [];
  readonly delivered: Delivered[] = [];
  simulator: Simulator;
  readonly #surroundings: Surroundings;
  readonly #case: TestCase;
  readonly #simulators: Simulator[] = [];
  /** Those of the version under test. */
  readonly #own: Simulator[] = [];
  readonly #checkpoints = new Map<string, Checkpoint>();
  readonly #next = new Map<string, number>();
  #subject: Subject;
  /** How much of what a simulator gave was gathered. */
  #seen = { out: 0, dlq: 0, dropped: 0 };
  #watched: Simulator | undefined;

  /** @throws SimulationError where the pipeline cannot be made */
  constructor(testCase: TestCase, surroundings: Surroundings, world?: World) {
    this.#case = testCase;
    this.#surroundings = surroundings;
    this.#subject = surroundings.subject;
    this.constants = { ...defaultConstants, ...(testCase.constants as Partial<Constants> | undefined) };
    this.world = world ?? worldOf(testCase);
    this.simulator = this.#make(this.#subject);
  }

  /** What the version under test reached; what others did is no merit of its tests. */
  get coverage(): readonly (readonly CoveragePoint[])[] {
    return this.#own.map(({ coverage }) => coverage);
  }

  get trace(): TraceEntry[] {
    return this.#simulators.flatMap(({ trace }) => trace);
  }

  start(): void {
    this.simulator.start();
    this.#gather();
  }

  #make(subject: Subject): Simulator {
    const options: SimulatorOptions = {
      name: subject.name,
      world: this.world,
      options: { dlq: subject.dlq },
      connections: this.#surroundings.connections,
      constants: this.constants,
      ...(this.#case.partitions === undefined ? {} : { partitions: this.#case.partitions }),
      trace: this.#surroundings.trace ?? false,
    };
    const simulator = createSimulator(subject.pipeline, options);
    this.#simulators.push(simulator);
    if (subject.pipeline === this.#surroundings.subject.pipeline) this.#own.push(simulator);
    return simulator;
  }

  /** One step. Expectations are not looked at here. @throws SimulationError */
  take(step: Step): void {
    if ("in" in step) for (const input of [step.in].flat()) this.deliver(docFromEjson(input), step);
    else if ("raw" in step) this.deliver(step.raw, step);
    else if ("idle" in step) this.simulator.idle(step.idle);
    else if ("advance" in step) this.simulator.advance(step.advance);
    else if ("checkpoint" in step) this.#checkpoints.set(step.checkpoint, this.simulator.checkpoint());
    else if ("stop" in step) this.simulator.stop();
    else if ("write" in step) this.#write(step.write);
    else if ("restart" in step) this.#restart(step.restart);
    this.#gather();
  }

  /** Hands over an input, and keeps it: a source can be read again. */
  deliver(input: Input, given: Delivery): void {
    const partition = given.partition ?? 0;
    const offset = given.offset ?? this.#next.get(String(partition)) ?? 0;
    this.#next.set(String(partition), offset + 1);
    const options = { ...optionsOf(given), partition, offset, arrivedAt: this.world.now };
    this.delivered.push({ input, options });
    this.simulator.push(input, options);
  }

  /** The event time of an input; undefined where it has none. */
  eventTimeOf(given: Delivery): number | undefined {
    const [input] = "raw" in given ? [given.raw] : [given.in].flat().map((document) => docFromEjson(document));
    const options = { ...optionsOf(given), arrivedAt: this.world.now };
    return input === undefined ? undefined : this.simulator.eventTimeOf(input, options);
  }

  #write(collections: Readonly<Record<string, readonly unknown[]>>): void {
    for (const [name, documents] of Object.entries(collections))
      for (const document of documents) this.world.write(name, docFromEjson(document));
  }

  #restart({ from, pipelineFrom, resume, refused }: Extract<Step, { restart: unknown }>["restart"]): void {
    const checkpoint = from === undefined ? this.simulator.stop() : this.#checkpoints.get(from);
    if (checkpoint === undefined)
      throw new PipelineRefused(`there is no checkpoint ${JSON.stringify(from)} before this step`);
    const subject = pipelineFrom === undefined ? this.#subject : this.#surroundings.versions.get(pipelineFrom);
    if (subject === undefined) throw new PipelineRefused(`there is no pipeline ${JSON.stringify(pipelineFrom)}`);
    const next = this.#make(subject);
    try {
      const offsets = next.restore(checkpoint, { resume: resume ?? true });
      if (refused !== undefined)
        throw new PipelineRefused("Atlas takes this change, though the test says that it refuses it");
      this.simulator = next;
      this.#subject = subject;
      next.start();
      this.#readAgain(offsets, resume ?? true);
    } catch (error) {
      if (!(error instanceof PipelineRefused) || refused === undefined || !textMatches(refused, error.message))
        throw error;
      this.simulator.start();
    }
  }

  /** A source hands out again what lies behind the positions of a checkpoint. */
  #readAgain(offsets: ReadonlyMap<string, number>, resume: boolean): void {
    const fromStart = !resume && this.simulator.readsFromStart;
    for (const { input, options } of this.delivered) {
      const position = resume ? (offsets.get(String(options.partition)) ?? 0) : fromStart ? 0 : Infinity;
      if (options.offset >= position) this.simulator.push(input, options);
    }
  }

  #gather(): void {
    if (this.#watched !== this.simulator) this.#seen = { out: 0, dlq: 0, dropped: 0 };
    this.#watched = this.simulator;
    const after = this.delivered.length;
    const { emissions, dlq, dropped } = this.simulator;
    this.out.push(...emissions.slice(this.#seen.out).map((what) => ({ after, what })));
    this.dlq.push(...dlq.slice(this.#seen.dlq).map((what) => ({ after, what })));
    this.dropped.push(...dropped.slice(this.#seen.dropped).map((what) => ({ after, what })));
    this.#seen = { out: emissions.length, dlq: dlq.length, dropped: dropped.length };
  }
}

/** What a step says about its input. */
function optionsOf({ eventTime, key, headers, topic }: Delivery): InputOptions {
  return {
    ...(eventTime === undefined ? {} : { eventTime: timeOf(eventTime) ?? 0 }),
    ...(key === undefined ? {} : { key: fromEjson(key) }),
    ...(headers === undefined ? {} : { headers: headers.map(({ k, v }) => ({ k, v: fromEjson(v) })) }),
    ...(topic === undefined ? {} : { topic }),
  };
}

/** A world as a case describes it. */
export function worldOf({ mocks = {}, clock = defaultClock }: TestCase): World {
  const given: Mocks = {
    ...(mocks.collections === undefined ? {} : { collections: mocks.collections }),
    ...(mocks.sinks === undefined ? {} : { sinks: mocks.sinks }),
    ...(mocks.https === undefined ? {} : { https: mocks.https as HttpsMock[] }),
    ...(mocks.functions === undefined ? {} : { functions: mocks.functions as Mocks["functions"] & object }),
    ...(mocks.uuid === undefined ? {} : { uuid: mocks.uuid }),
  };
  return new World(given, timeOf(clock) ?? 0);
}
