import type {
  AtlasPlace,
  AtlasProcessor,
  AtlasStreams,
  NewProcessor,
  ProcessorChange,
  ProcessorState,
  StartOptions,
} from "../../automation/streams/atlas/types.ts";
import { AtlasError } from "../../automation/streams/atlas/errors.ts";
import { isDocument, member } from "../../streams/engine/lint/subject.ts";

/** One document of the source that reached a sink. */
export interface Write {
  by: string;
  sink: string;
  document: number;
}

interface Running extends NewProcessor {
  state: ProcessorState;
  errorMsg: string | undefined;
  /** The next document that it reads; undefined before it ran. */
  next: number | undefined;
  read: number;
}

/** A process that ends between two calls, or in the middle of one. */
export class Killed extends Error {}

/**
 * A workspace in memory. Its source is a sequence of numbers that grows with every call, and whatever is started reads all of it: what is
 * lost or read twice shows in `writes`.
 */
export class FakeAtlas implements AtlasStreams {
  readonly place: AtlasPlace = { projectId: "5f0000000000000000000001", workspace: "prod-streams" };
  readonly address = "http://127.0.0.1";
  readonly all = new Map<string, Running>();
  readonly writes: Write[] = [];
  /** Calls that change something, in order. */
  readonly calls: string[] = [];
  /** Kafka's memory of groups. */
  readonly groups = new Map<string, number>();
  /** The next document of the source. */
  end = 0;
  /** Processors whose names hold this fail as soon as they are started. */
  failing: string | undefined;
  /** Says no to a call, e.g. `start orders`. */
  refuse: string | undefined;
  /** Milliseconds that documents take in some processors. */
  latencyOf: (name: string) => number | undefined = () => undefined;
  /** Kills at the so-manieth change: before it happens, or after. */
  kill: { at: number; when: "before" | "after" } | undefined;

  async processors(): Promise<AtlasProcessor[]> {
    this.#goOn();
    return [...this.all.keys()].map((name) => this.#show(name));
  }

  async processor(name: string): Promise<AtlasProcessor | undefined> {
    this.#goOn();
    return this.all.has(name) ? this.#show(name) : undefined;
  }

  async createProcessor(processor: NewProcessor): Promise<AtlasProcessor> {
    return this.#change(`create ${processor.name}`, () => {
      if (this.all.has(processor.name)) throw this.#refusal(409, "exists");
      this.all.set(processor.name, { ...processor, state: "CREATED", errorMsg: undefined, next: undefined, read: 0 });
      return this.#show(processor.name);
    });
  }

  async modifyProcessor(name: string, change: ProcessorChange): Promise<AtlasProcessor> {
    return this.#change(`modify ${name}`, () => {
      Object.assign(this.#of(name), change);
      return this.#show(name);
    });
  }

  async startProcessor(name: string, options: StartOptions = {}): Promise<void> {
    await this.#change(`start ${name}`, () => {
      const processor = this.#of(name);
      processor.next ??= this.#begin(processor);
      if (options.tier !== undefined) processor.tier = options.tier;
      const fails = this.failing !== undefined && name.includes(this.failing);
      processor.state = fails ? "FAILED" : "STARTED";
      processor.errorMsg = fails ? "broken on purpose" : undefined;
    });
  }

  async stopProcessor(name: string): Promise<void> {
    await this.#change(`stop ${name}`, () => {
      const processor = this.#of(name);
      processor.state = "STOPPED";
      const group = groupOf(processor);
      if (group !== undefined && processor.next !== undefined) this.groups.set(group, processor.next);
    });
  }

  async deleteProcessor(name: string): Promise<void> {
    await this.#change(`delete ${name}`, () => this.all.delete(name));
  }

  workspace = () => Promise.resolve(undefined);
  connections = () => Promise.resolve([]);
  createWorkspace = () => Promise.reject(new Error("not here"));
  createConnection = () => Promise.reject(new Error("not here"));
  updateConnection = () => Promise.reject(new Error("not here"));
  auditEvents = () => Promise.resolve([]);

  /** Names by state. */
  states(): Record<string, ProcessorState> {
    return Object.fromEntries([...this.all].map(([name, { state }]) => [name, state]));
  }

  /** Documents that reached a sink, in order. */
  written(sink: string): number[] {
    return this.writes.filter((write) => write.sink === sink).map(({ document }) => document);
  }

  /** A document comes, and everybody who runs reads what there is. */
  #goOn(): void {
    this.end += 1;
    for (const [name, processor] of this.all) {
      if (processor.state !== "STARTED") continue;
      const sink = sinkOf(processor);
      for (; (processor.next ?? 0) < this.end; processor.next = (processor.next ?? 0) + 1, processor.read += 1)
        this.writes.push({ by: name, sink, document: processor.next ?? 0 });
    }
  }

  #begin(processor: Running): number {
    const token = member(processor.pipeline[0], "$source", "config", "startAfter", "_data");
    if (typeof token === "number") return token + 1;
    const group = groupOf(processor);
    return (group === undefined ? undefined : this.groups.get(group)) ?? this.end;
  }

  async #change<T>(call: string, work: () => T): Promise<T> {
    this.#goOn();
    this.calls.push(call);
    const hit = this.kill !== undefined && this.calls.length === this.kill.at;
    if (hit && this.kill?.when === "before") throw new Killed(call);
    if (this.refuse !== undefined && call.startsWith(this.refuse)) throw this.#refusal(400, "cannot resume");
    const result = work();
    if (hit) throw new Killed(call);
    this.#goOn();
    return result;
  }

  #refusal(status: number, detail: string): AtlasError {
    return new AtlasError({ call: "POST /", host: "127.0.0.1", status, detail });
  }

  #of(name: string): Running {
    const processor = this.all.get(name);
    if (processor === undefined) throw this.#refusal(404, `no ${name}`);
    return processor;
  }

  #show(name: string): AtlasProcessor {
    const { state, pipeline, text, dlq, tier, failoverEnabled, errorMsg, next, read } = this.#of(name);
    const counts = { inputMessageCount: read, inputMessageSize: 0, outputMessageCount: read, outputMessageSize: 0 };
    const places = { partition: 0, checkpointOffset: next ?? 0, currentOffset: next ?? 0 };
    const topic = groupOf({ pipeline }) === undefined ? {} : { kafkaPartitions: [places] };
    const position = next === undefined || next === 0 ? {} : { changeStreamState: { _data: next - 1 } };
    const ms = this.latencyOf(name);
    const latency = ms === undefined ? {} : { latency: { p50: ms * 1000, p99: ms * 1000 } };
    const rest = {
      ...latency,
      ...topic,
      dlqMessageCount: 0,
      dlqMessageSize: 0,
      memoryUsageBytes: 0,
      stateSize: 0,
      raw: {},
    };
    return {
      ...{ name, state, pipeline, text: text ?? JSON.stringify(pipeline), stats: { ...counts, ...position, ...rest } },
      ...(dlq === undefined ? {} : { dlq }),
      ...(tier === undefined ? {} : { tier }),
      ...(failoverEnabled === undefined ? {} : { failoverEnabled }),
      ...(errorMsg === undefined ? {} : { errorMsg }),
    };
  }
}

function groupOf({ pipeline }: Pick<Running, "pipeline">): string | undefined {
  const group = member(pipeline[0], "$source", "config", "group_id");
  return typeof group === "string" ? group : undefined;
}

function sinkOf({ pipeline }: Pick<Running, "pipeline">): string {
  const into = member(pipeline.at(-1), "$merge", "into");
  return isDocument(into) ? String(into["coll"]) : "elsewhere";
}
