import { type Doc, isDoc } from "../../streams/engine/simulator/values/types.ts";
import type { Samples } from "./samples.ts";
import { SourceLog } from "./source-log.ts";

/** What a processor reads, by its `$source`. */
export interface SourceNames {
  kind: "kafka" | "kinesis" | "change-stream" | "sample" | "inline";
  connection: string;
  /** Topics, the stream, or `db.coll`. */
  names: readonly string[];
}

/** One partition of what a processor reads. */
export interface FeedPartition {
  topic: string;
  /** Its number in its own topic. */
  partition: number;
  log: SourceLog;
}

/** A document at its place. */
export interface Fed {
  /** Number among all partitions of the feed: what the simulator calls it. */
  partition: number;
  offset: number;
  topic: string;
  doc: Doc;
  arrivedAt: number;
  key?: unknown;
  headers?: { k: string; v: unknown }[] | undefined;
}

/** What a processor's source is called. */
export function sourceNames(
  pipeline: readonly unknown[],
  typeOf: (connection: string) => string | undefined,
): SourceNames {
  const first = pipeline[0];
  const source = isDoc(first) && isDoc(first["$source"]) ? first["$source"] : {};
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const connection = text(source["connectionName"]);
  if (source["documents"] !== undefined) return { kind: "inline", connection, names: [] };
  if (source["topic"] !== undefined) return { kind: "kafka", connection, names: [source["topic"]].flat().map(text) };
  if (source["stream"] !== undefined) return { kind: "kinesis", connection, names: [text(source["stream"])] };
  if (typeOf(connection) === "Sample") return { kind: "sample", connection, names: [connection] };
  const name = [source["db"], source["coll"]].filter((part) => typeof part === "string").join(".");
  return { kind: "change-stream", connection, names: [name] };
}

/** Everything that one processor reads, in the order in which it arrives. */
export class Feed {
  readonly names: SourceNames;
  readonly partitions: readonly FeedPartition[];

  private constructor(names: SourceNames, partitions: readonly FeedPartition[]) {
    this.names = names;
    this.partitions = partitions;
  }

  static async open(names: SourceNames, samples: Samples, processor: string): Promise<Feed> {
    const partitions: FeedPartition[] = [];
    for (const topic of names.names) {
      const sample = await samples.source(names.connection, topic, processor);
      if (sample === undefined) continue;
      // Whatever several readers find in it, a change stream is one.
      const count = names.kind === "kafka" || names.kind === "kinesis" ? sample.partitions : 1;
      const log = new SourceLog({ ...sample, partitions: count });
      for (let partition = 0; partition < count; partition += 1) partitions.push({ topic, partition, log });
    }
    return new Feed(names, partitions);
  }

  /** Offsets behind the last document of each partition, when so many came to each topic. */
  ends(produced: number): number[] {
    return this.partitions.map(({ partition, log }) => Math.max(0, Math.ceil((produced - partition) / log.partitions)));
  }

  /** Offsets of the first documents that arrive at a time or later. */
  since(time: number): number[] {
    return this.partitions.map(({ partition, log }) => Math.ceil((log.since(time) - partition) / log.partitions));
  }

  /** The document that arrived first of those that were not read; undefined where everything was. */
  next(offsets: readonly number[], ends: readonly number[]): Fed | undefined {
    let best = -1;
    let earliest = Infinity;
    for (const [index, { partition, log }] of this.partitions.entries()) {
      const offset = offsets[index] ?? 0;
      if (offset >= (ends[index] ?? 0)) continue;
      const arrival = log.arrival(offset * log.partitions + partition);
      if (arrival < earliest) [best, earliest] = [index, arrival];
    }
    const found = this.partitions[best];
    if (found === undefined) return undefined;
    const offset = offsets[best] ?? 0;
    const n = offset * found.log.partitions + found.partition;
    const delivery = found.log.at(n);
    const doc =
      this.names.kind === "change-stream" ? changeOf(delivery.doc, n, delivery.arrivedAt, found.topic) : delivery.doc;
    return { ...delivery, doc, partition: best, offset, topic: found.topic };
  }
}

/** A document of a collection as the event of its insertion; what is an event already only gets its token. */
function changeOf(doc: Doc, n: number, arrivedAt: number, namespace: string): Doc {
  const _id = { _data: resumeToken(n) };
  if (doc["operationType"] !== undefined) return { ...doc, _id };
  const [db = "", ...coll] = namespace.split(".");
  const wallTime = new Date(arrivedAt);
  const ns = { db, coll: coll.join(".") };
  return { _id, operationType: "insert", wallTime, ns, documentKey: { _id: doc["_id"] }, fullDocument: doc };
}

const tokenPrefix = "8265";

/** The token behind which a change stream goes on, in the look of MongoDB's. */
export const resumeToken = (n: number): string => `${tokenPrefix}${n.toString(16).toUpperCase().padStart(16, "0")}0004`;

/** The document that a token stands for; undefined for one that is not of this sandbox. */
export function positionOf(token: unknown): number | undefined {
  const data = isDoc(token) ? token["_data"] : token;
  const [, hex] = new RegExp(`^${tokenPrefix}([0-9A-F]{16})0004$`).exec(typeof data === "string" ? data : "") ?? [];
  return hex === undefined ? undefined : Number.parseInt(hex, 16);
}
