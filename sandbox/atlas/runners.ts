import { isDoc } from "../../streams/engine/simulator/values/types.ts";
import type { FunctionMock } from "../../streams/engine/simulator/world/services.ts";
import type { Mocks } from "../../streams/engine/simulator/world/world.ts";
import type { Tier } from "../../streams/engine/files/documents.ts";
import { SimulationError } from "../../streams/engine/simulator/errors.ts";
import { Feed, positionOf, sourceNames } from "./feed.ts";
import type { Known, Records } from "./record.ts";
import { Runner, producedBy, type Definition, type Made, type Run } from "./run.ts";
import type { Samples } from "./samples.ts";
import type { AtlasState, Place, ProcessorDocument } from "./state.ts";

interface Options {
  state: AtlasState;
  records: Records;
  samples: Samples;
  now: () => number;
}

/** A runner and the state that it stands at. */
interface Kept {
  id: string;
  revision: number;
  runner: Runner;
}

interface Beginning {
  run: Run | undefined;
  resume: boolean;
  tier: Tier;
  passed: number;
  startAt: number | undefined;
}

/** Processors that this process has made to look at; any of them can be made again from what is kept. */
export class Runners {
  readonly #options: Options;
  readonly #kept = new Map<string, Kept>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Lets a started processor read on, and keeps where it stands. What another process did at the same time counts instead. */
  async advance(place: Place, known: Known<ProcessorDocument>, passed: number, failure?: string): Promise<void> {
    const { state, records, now } = this.#options;
    const { name, body } = known;
    const before = state.run(place, name);
    if (before?.run.state !== "STARTED") return;
    const made = await this.#made(place, name, before.run.definition);
    const stored = state.run(place, name);
    // It was started anew meanwhile, or ended: whoever did so has looked.
    if (stored?.run.state !== "STARTED" || !sameDefinition(stored.run.definition, before.run.definition)) return;
    const key = keyOf(place, name);
    const kept = this.#kept.get(key);
    const current = kept?.id === body.id && kept.revision === stored.revision ? kept.runner : undefined;
    const runner = current ?? new Runner(made, stored.run);
    const { run, written } = runner.advance(Math.max(passed, stored.run.passed), now());
    if (failure !== undefined) Object.assign(run, failed(run, failure));
    const revision = state.transaction(() => {
      const saved = state.saveRun(place, name, stored.revision, run);
      if (saved === undefined) return undefined;
      state.write(place, written);
      this.commit(place, run);
      if (run.state === "FAILED" && known.recorded !== undefined) records.showState(known.recorded, "FAILED");
      return saved;
    });
    this.#kept.delete(key);
    if (revision !== undefined && run.state === "STARTED") this.#kept.set(key, { id: body.id, revision, runner });
  }

  /** What a processor starts from; one that cannot be made is FAILED at once. */
  async begin(place: Place, known: Known<ProcessorDocument>, beginning: Beginning): Promise<Run> {
    const { run, resume, tier, passed } = beginning;
    const { pipelineText, dlq } = known.body;
    const definition = { pipelineText, dlq };
    const made = await this.#made(place, known.name, definition);
    const { feed } = made;
    const going = resume && run?.checkpoint !== undefined;
    const next: Run = {
      ...{ sizes: { input: 0, output: 0, dlq: 0 }, checkpointOffsets: [], credit: 0, stateSize: 0, ...run },
      ...{
        id: known.body.id,
        state: "STARTED",
        definition,
        tier,
        passed,
        checkpointAt: passed,
        readyAt: 0,
        error: undefined,
      },
      ...{ fresh: resume ? undefined : true, position: run?.checkpoint ?? run?.position, clock: run?.clock ?? 0 },
      ...{ partitions: partitionsOf(feed), group: consumerGroup(feed, made.pipeline) },
      offsets: going ? [...run.checkpointOffsets] : [],
    };
    if (!resume) next.checkpoint = undefined;
    try {
      const runner = new Runner(made, next);
      const { offsets } = next;
      if (going) next.offsets = offsets.map((offset, index) => runner.resumed.get(String(index)) ?? offset);
      else next.offsets = this.#first(place, made, beginning, runner.readsFromStart);
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      return { ...next, ...failed(next, error.message) };
    }
    next.checkpointOffsets = [...next.offsets];
    if (!going) next.clock = feed.next(next.offsets, feed.ends(Infinity))?.arrivedAt ?? next.clock;
    return next;
  }

  /** Where a processor without a checkpoint begins. */
  #first(place: Place, { feed, pipeline }: Made, beginning: Beginning, fromStart: boolean): number[] {
    const { passed, startAt, resume } = beginning;
    const source = sourceOf(pipeline);
    const config = isDoc(source["config"]) ? source["config"] : {};
    const end = feed.ends(producedBy(passed));
    // Who leaves a checkpoint behind does not want to find it again with the brokers.
    const group = resume ? consumerGroup(feed, pipeline) : undefined;
    const committed = group === undefined ? undefined : this.#options.state.groupOffsets(place, group);
    if (committed !== undefined)
      return feed.partitions.map(
        ({ topic, partition }, index) => committed[`${topic}/${partition}`] ?? (fromStart ? 0 : (end[index] ?? 0)),
      );
    const after = positionOf(config["startAfter"]);
    if (after !== undefined) return [after + 1];
    const operation = startAt ?? operationTime(config["startAtOperationTime"]);
    if (operation !== undefined) return feed.since(operation).map((first, index) => Math.min(first, end[index] ?? 0));
    return fromStart || source["initialSync"] !== undefined ? end.map(() => 0) : end;
  }

  /** A checkpoint tells Kafka how far a named group of consumers is. */
  commit(place: Place, { group, partitions, checkpointOffsets }: Run): void {
    if (group === undefined) return;
    const offsets = partitions.map(({ topic, partition }, index) => [
      `${topic}/${partition}`,
      checkpointOffsets[index] ?? 0,
    ]);
    this.#options.state.commitOffsets(place, group, Object.fromEntries(offsets) as Record<string, number>);
  }

  forget(place: Place, name: string): void {
    this.#kept.delete(keyOf(place, name));
  }

  async #made(place: Place, name: string, { pipelineText, dlq }: Definition): Promise<Made> {
    const { records, samples } = this.#options;
    const pipeline = JSON.parse(pipelineText) as unknown[];
    const connections = records.connections(place).map(({ body }) => ({ name: body.name, type: body.type }));
    const typeOf = (connection: string) => connections.find((each) => each.name === connection)?.type;
    const feed = await Feed.open(sourceNames(pipeline, typeOf), samples, name);
    const mocks = await mocksOf(pipeline, samples, name);
    return { name, workspace: place.workspace, pipeline, dlq, connections, feed, mocks };
  }
}

/** Whether two definitions do the same. */
export const sameDefinition = (a: Definition, b: Definition): boolean =>
  a.pipelineText === b.pipelineText && queueOf(a) === queueOf(b);
const queueOf = ({ dlq }: Definition) => JSON.stringify(dlq && [dlq.connectionName, dlq.db, dlq.coll]);

const keyOf = ({ projectId, workspace }: Place, name: string) => JSON.stringify([projectId, workspace, name]);

const failed = ({ checkpointOffsets, checkpoint, position }: Run, reason: string): Partial<Run> => ({
  ...{ state: "FAILED", error: reason, offsets: [...checkpointOffsets], position: checkpoint ?? position },
});

const partitionsOf = (feed: Feed) =>
  feed.partitions.map(({ topic, partition, log }) => ({ topic, partition, of: log.partitions }));

const sourceOf = (pipeline: readonly unknown[]) => {
  const [first] = pipeline;
  return isDoc(first) && isDoc(first["$source"]) ? first["$source"] : {};
};

function consumerGroup(feed: Feed, pipeline: readonly unknown[]): string | undefined {
  const { config } = sourceOf(pipeline);
  const group = isDoc(config) ? config["group_id"] : undefined;
  return feed.names.kind === "kafka" && typeof group === "string" ? `${feed.names.connection}/${group}` : undefined;
}

/** Milliseconds of a point in time as a pipeline writes it: ISO 8601, a date or a timestamp. */
export function operationTime(value: unknown): number | undefined {
  if (typeof value === "string") return Number.isNaN(Date.parse(value)) ? undefined : Date.parse(value);
  if (!isDoc(value)) return undefined;
  const stamp = value["$timestamp"];
  return isDoc(stamp) ? Number(stamp["t"]) * 1000 : operationTime(value["$date"]);
}

/** Everything that a pipeline asks others for: collections are empty and functions answer with nothing where nobody says more. */
async function mocksOf(pipeline: readonly unknown[], samples: Samples, processor: string): Promise<Mocks> {
  const collections: Record<string, readonly unknown[]> = {};
  const functions: Record<string, FunctionMock> = {};
  const services = await samples.services(processor);
  for (const name of functionsIn(pipeline)) functions[name] = services.functions[name] ?? {};
  for (const { connection, db, coll } of lookedUpIn(pipeline))
    collections[`${connection}.${db}.${coll}`] = await samples.collection(connection, db, coll, processor);
  return { collections, functions, https: services.https, uuid: "seq" };
}

function functionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(functionsIn);
  if (!isDoc(value)) return [];
  const { functionName } = value;
  return [...(typeof functionName === "string" ? [functionName] : []), ...Object.values(value).flatMap(functionsIn)];
}

interface Namespace {
  connection: string;
  db: string;
  coll: string;
}

/** Collections that documents are looked up in; inside of such a lookup, names alone are of the same database. */
function lookedUpIn(value: unknown, around?: Namespace): Namespace[] {
  if (Array.isArray(value)) return value.flatMap((each) => lookedUpIn(each, around));
  if (!isDoc(value)) return [];
  const { from } = value;
  const own = namespaceOf(from, around);
  return [
    ...(own === undefined ? [] : [own]),
    ...Object.values(value).flatMap((each) => lookedUpIn(each, own ?? around)),
  ];
}

function namespaceOf(from: unknown, around: Namespace | undefined): Namespace | undefined {
  if (typeof from === "string") return around && { ...around, coll: from };
  if (!isDoc(from)) return undefined;
  const { connectionName, db, coll } = from;
  return typeof connectionName === "string" && typeof db === "string" && typeof coll === "string"
    ? { connection: connectionName, db, coll }
    : undefined;
}
