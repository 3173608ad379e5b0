import { equalValues, keyOf } from "../values/compare.ts";
import { valueAt } from "../values/paths.ts";
import type { Doc } from "../values/types.ts";

/** A collection of a cluster. Documents are found by their `_id`, and by fields that are asked for, without going through all. */
export class Collection {
  readonly name: string;
  readonly #documents = new Map<string, Doc>();
  /** By the fields that are asked for: keys of documents by their values. */
  readonly #indexes = new Map<string, Map<string, Set<string>>>();

  constructor(name: string, documents: Iterable<Doc> = []) {
    this.name = name;
    for (const document of documents) this.put(document);
  }

  /** In the order in which they were first written. */
  get documents(): Doc[] {
    return [...this.#documents.values()];
  }

  get size(): number {
    return this.#documents.size;
  }

  has(id: unknown): boolean {
    return this.#documents.has(keyOf(id));
  }

  /** Inserts a document or puts it in the place of the one with its `_id`. */
  put(document: Doc): void {
    const key = keyOf(document["_id"]);
    const before = this.#documents.get(key);
    if (before !== undefined) this.#unindex(key, before);
    this.#documents.set(key, document);
    for (const [field, index] of this.#indexes) this.#index(index, field, key, document);
  }

  delete(document: Doc): void {
    const key = keyOf(document["_id"]);
    this.#unindex(key, document);
    this.#documents.delete(key);
  }

  /** Documents in which every field has this value; the last of them in the order of writing. */
  match(fields: readonly string[], values: readonly unknown[]): Doc | undefined {
    const [field = "_id"] = fields;
    return this.where(field, values[0]).find((document) =>
      fields.every((name, index) => equalValues(valueAt(document, name.split(".")), values[index])),
    );
  }

  /** Documents whose field is this value, or a list that has it. */
  where(field: string, value: unknown): Doc[] {
    if (field === "_id") {
      const found = this.#documents.get(keyOf(value));
      return found === undefined ? [] : [found];
    }
    let index = this.#indexes.get(field);
    if (index === undefined) {
      index = new Map();
      for (const [key, document] of this.#documents) this.#index(index, field, key, document);
      this.#indexes.set(field, index);
    }
    return [...(index.get(keyOf(value ?? null)) ?? [])].map((key) => this.#documents.get(key) as Doc);
  }

  #index(index: Map<string, Set<string>>, field: string, key: string, document: Doc): void {
    for (const value of indexKeys(document, field)) {
      const keys = index.get(value) ?? new Set();
      index.set(value, keys.add(key));
    }
  }

  #unindex(key: string, document: Doc): void {
    for (const [field, index] of this.#indexes)
      for (const value of indexKeys(document, field)) {
        const keys = index.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index.delete(value);
      }
  }
}

/** A list is found by its elements and as a whole; what is missing as null. */
function indexKeys(document: Doc, field: string): string[] {
  const value = valueAt(document, field.split(".")) ?? null;
  return Array.isArray(value) ? [...(value as unknown[]), value].map(keyOf) : [keyOf(value)];
}
