import { stateLimit } from "../../streams/engine/catalogue/tiers.ts";
import type { Tier } from "../../streams/engine/files/documents.ts";
import type { Checkpoint } from "../../streams/engine/simulator/checkpoint.ts";
import { documented } from "../../streams/engine/simulator/constants.ts";
import { SimulationError } from "../../streams/engine/simulator/errors.ts";
import { createSimulator } from "../../streams/engine/simulator/simulator.ts";
import type { Simulator } from "../../streams/engine/simulator/types.ts";
import { toEjson } from "../../streams/engine/simulator/values/ejson.ts";
import { bsonSize } from "../../streams/engine/simulator/values/size.ts";
import type { Doc } from "../../streams/engine/simulator/values/types.ts";
import { type Mocks, World } from "../../streams/engine/simulator/world/world.ts";
import type { Feed } from "./feed.ts";
import { capacityOf, documentsAtFirst, documentsPerSecond, largestBatch } from "./figures.ts";

/** Where a processor stands: everything that is needed to go on in another process. */
export interface Run {
  /** Another processor of the same name has another. */
  id: string;
  state: "CREATED" | "STARTED" | "STOPPED" | "FAILED";
  /** Until then a start shows PROVISIONING; milliseconds since 1970. */
  readyAt: number;
  error?: string | undefined;
  /** What it was started as: a change of the definition counts from the next start on. */
  definition: Definition;
  /** The tier that it runs on. */
  tier: Tier;
  /** What a restart goes on from, with the offsets that belong to it. */
  checkpoint?: Checkpoint | undefined;
  checkpointOffsets: number[];
  /** Where it is. */
  position?: Checkpoint | undefined;
  offsets: number[];
  /** Its simulated clock. */
  clock: number;
  /** Time of all sources when it read last, and when the checkpoint was made. */
  passed: number;
  checkpointAt: number;
  /** Part of a document that its capacity left over. */
  credit: number;
  /** Bytes that came, went, and went wrong. */
  sizes: { input: number; output: number; dlq: number };
  /** What it reads, in the order of `offsets`. */
  partitions: RunPartition[];
  /** The group of consumers that it commits its checkpoints to. */
  group?: string | undefined;
  /** Bytes of open windows. */
  stateSize: number;
  lastMessageIn?: string | undefined;
  /** The next start leaves the checkpoint behind. */
  fresh?: boolean | undefined;
}

/** What a processor does. */
export interface Definition {
  /** Compact JSON. */
  pipelineText: string;
  dlq?: { connectionName: string; db: string; coll: string } | undefined;
}

/** One partition of a source. */
export interface RunPartition {
  topic: string;
  partition: number;
  /** Partitions that the topic has. */
  of: number;
}

/** What a processor is made of. */
export interface Made {
  name: string;
  workspace: string;
  pipeline: readonly unknown[];
  dlq?: { connectionName: string; db: string; coll: string } | undefined;
  connections: readonly { name: string; type: string }[];
  feed: Feed;
  mocks: Mocks;
}

/** A document that was written into a collection. */
export interface WrittenDocument {
  namespace: string;
  /** Extended JSON. */
  id: unknown;
  doc: Doc;
}

/** Seconds of the sources' time between two checkpoints. */
const checkpointEveryMs = 2_000;

/** A processor that runs in this process. It can be thrown away at any time and made again from its `Run`. */
export class Runner {
  readonly #made: Made;
  readonly #simulator: Simulator;
  /** Offsets from which a checkpoint has it read, by partition. */
  readonly resumed: ReadonlyMap<string, number> = new Map();
  #run: Run;
  #written: WrittenDocument[] = [];

  /** @throws SimulationError where the pipeline cannot run */
  constructor(made: Made, run: Run) {
    this.#made = made;
    this.#run = structuredClone(run);
    const { name, workspace, pipeline, dlq, connections, mocks } = made;
    this.#simulator = createSimulator(pipeline, {
      ...{ name, instanceName: workspace, connections, retain: false, options: { dlq } },
      world: new World(mocks, run.clock),
      onEmission: ({ into, doc }) => {
        if (doc === null) return;
        this.#run.sizes.output += bsonSize(doc);
        if (doc["_id"] !== undefined) this.#keep(into, doc["_id"], doc);
      },
      onDlq: (letter) => {
        if (dlq === undefined) return;
        this.#run.sizes.dlq += bsonSize(letter);
        const namespace = `${dlq.connectionName}.${dlq.db}.${dlq.coll}`;
        const number = this.#simulator.stats().dlqMessageCount;
        this.#keep(namespace, `${name}:${number}`, { _id: `${name}:${number}`, ...letter });
      },
    });
    if (run.position !== undefined)
      this.resumed = this.#simulator.restore(run.position, { resume: run.fresh !== true });
  }

  /** Whether a processor without a checkpoint begins with what is there already. */
  get readsFromStart(): boolean {
    return this.#simulator.readsFromStart;
  }

  #keep(namespace: string, id: unknown, doc: Doc): void {
    this.#written.push({ namespace, id: toEjson(id), doc: toEjson(doc) as Doc });
  }

  /** Reads what came until `passed`, as far as its capacity lets it. */
  advance(passed: number, wallClock: number): { run: Run; written: WrittenDocument[] } {
    const run = this.#run;
    this.#written = [];
    try {
      this.#simulator.start();
      this.#read(passed, wallClock);
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      this.#fail(error.message);
    }
    if (this.#simulator.state === "FAILED") this.#fail(this.#simulator.failure?.reason ?? "it failed");
    else if (run.state === "STARTED") this.#settle(passed);
    return { run: structuredClone(run), written: this.#written };
  }

  #read(passed: number, wallClock: number): void {
    const run = this.#run;
    const { feed, pipeline } = this.#made;
    const ends = feed.ends(producedBy(passed));
    run.credit += (capacityOf(pipeline, run.tier) * Math.max(0, passed - run.passed)) / 1000;
    run.passed = passed;
    let budget = Math.min(Math.floor(run.credit), largestBatch);
    // What is not used now is gone: a processor cannot save up its capacity.
    run.credit -= Math.floor(run.credit);
    for (; budget > 0 && this.#simulator.state === "STARTED"; budget -= 1) {
      const fed = feed.next(run.offsets, ends);
      if (fed === undefined) return;
      const { partition, offset, topic, doc, arrivedAt, key, headers } = fed;
      if (arrivedAt > this.#simulator.world.now) this.#simulator.advance(arrivedAt - this.#simulator.world.now);
      const named = feed.names.kind === "kafka" ? { topic } : {};
      const about = { ...(key === undefined ? {} : { key }), ...(headers === undefined ? {} : { headers }) };
      const read = this.#simulator.push(doc, { partition, offset, arrivedAt, ...named, ...about });
      if (!read) return;
      run.offsets[partition] = offset + 1;
      run.sizes.input += bsonSize(doc);
      run.lastMessageIn = new Date(wallClock).toISOString();
    }
  }

  /** Writes down where it stands; every now and then that is a checkpoint. */
  #settle(passed: number): void {
    const run = this.#run;
    run.clock = this.#simulator.world.now;
    run.fresh = undefined;
    run.position = this.#simulator.checkpoint();
    run.stateSize = this.#simulator.stats().stateSize;
    if (run.stateSize > stateLimit(run.tier)) {
      this.#fail(`out of memory: its state is larger than 80 % of ${run.tier} (${documented.outOfMemory})`);
      return;
    }
    if (run.checkpoint !== undefined && passed - run.checkpointAt < checkpointEveryMs) return;
    Object.assign(run, { checkpoint: run.position, checkpointOffsets: [...run.offsets], checkpointAt: passed });
  }

  #fail(reason: string): void {
    // What it did since its last checkpoint it will do again.
    Object.assign(this.#run, { state: "FAILED", error: reason, offsets: [...this.#run.checkpointOffsets] });
    if (this.#run.checkpoint !== undefined) this.#run.position = this.#run.checkpoint;
  }
}

/** Documents that came to each topic, stream or collection in a time. */
export const producedBy = (passed: number): number =>
  documentsAtFirst + Math.floor((passed * documentsPerSecond) / 1000);
