import { CannotSimulate } from "../errors.ts";
import { docFromEjson, fromEjson } from "../values/ejson.ts";
import type { Doc } from "../values/types.ts";
import { Collection } from "./collection.ts";
import { Ids } from "./ids.ts";
import { Services, type FunctionMock, type HttpsMock } from "./services.ts";

/** What stands around a processor: given as Extended JSON. */
export interface Mocks {
  /** Documents of collections, by `connection.database.collection`: what `$lookup` reads. */
  collections?: Readonly<Record<string, readonly unknown[]>>;
  /** What collections of sinks hold before anything is written. */
  sinks?: Readonly<Record<string, readonly unknown[]>>;
  https?: readonly HttpsMock[];
  /** Answers by the function's name or ARN. */
  functions?: Readonly<Record<string, FunctionMock>>;
  /** "seq" counts; a number is a seed. */
  uuid?: "seq" | number;
}

/** A message that went to a topic, a stream or a bucket. */
export interface Message {
  doc: Doc | null;
  key?: unknown;
  headers?: { k: string; v: unknown }[];
  partitionKey?: unknown;
  path?: string;
}

/**
 * Everything outside a processor: the clock, collections, topics, endpoints. It stays when a processor is stopped and another version of
 * it started.
 */
export class World {
  /** Milliseconds since 1970. */
  now: number;
  readonly ids: Ids;
  readonly services: Services;
  readonly #collections = new Map<string, Collection>();
  readonly #logs = new Map<string, Message[]>();

  constructor(mocks: Mocks = {}, now = 0) {
    this.now = now;
    this.ids = new Ids(mocks.uuid);
    this.services = new Services(mocks.https ?? [], mocks.functions ?? {});
    for (const [kind, given] of [
      ["collections", mocks.collections],
      ["sinks", mocks.sinks],
    ] as const)
      for (const [name, documents] of Object.entries(given ?? {}))
        for (const [index, document] of documents.entries())
          this.write(name, docFromEjson(document, ["mocks", kind, name, index]));
    for (const [name, documents] of Object.entries({ ...mocks.collections, ...mocks.sinks }))
      if (documents.length === 0) this.#given(name);
  }

  /** A collection that is read. @throws CannotSimulate where nobody said what it holds */
  collection(name: string): Collection {
    const found = this.#collections.get(name);
    if (found === undefined)
      throw new CannotSimulate(
        `the collection ${name}: mocks.collections says nothing about it (an empty list is enough)`,
      );
    return found;
  }

  /** A collection that is written; it comes to be with the first document. */
  sink(name: string): Collection {
    return this.#given(name);
  }

  /** Somebody writes a document: a new one, or in the place of the one with its `_id`. */
  write(name: string, document: Doc): void {
    this.#given(name).put(this.#identified(document));
  }

  /** Messages of a topic, stream or bucket. */
  log(name: string): Message[] {
    const found = this.#logs.get(name) ?? [];
    this.#logs.set(name, found);
    return found;
  }

  /** What every sink holds now. */
  sinks(): { collections: ReadonlyMap<string, Collection>; logs: ReadonlyMap<string, readonly Message[]> } {
    return { collections: this.#collections, logs: this.#logs };
  }

  /** A document with an `_id`, which the cluster makes where there is none. */
  #identified(document: Doc): Doc {
    return Object.hasOwn(document, "_id") ? document : { _id: this.ids.objectId(), ...document };
  }

  #given(name: string): Collection {
    const found = this.#collections.get(name) ?? new Collection(name);
    this.#collections.set(name, found);
    return found;
  }
}

/** A time as a test writes it: ISO 8601 or milliseconds. */
export function timeOf(given: unknown): number | undefined {
  const value = fromEjson(given);
  const time = value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : Number(value);
  return Number.isNaN(time) ? undefined : time;
}
