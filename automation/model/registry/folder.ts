import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore } from "../local/object-store.ts";
import { below, parseS3Uri } from "../local/s3-uri.ts";
import { DirectoryStore } from "../../store/directory.ts";
import {
  approvedOf,
  decisionsSchema,
  documentText,
  indexOf,
  parseDocument,
  versionSchema,
  type Decision,
  type ModelVersion,
} from "./documents.ts";
import { evaluationFiles, evaluationFrom, type Evaluation } from "./evaluation.ts";
import { filesOf, newVersion, type NewVersion } from "./registration.ts";
import { noVersion, sameModel, type ModelRegistry, type RegisteredVersion, type Registration } from "./registry.ts";

const index = "index.json";
const approved = "approved.json";
const versionKey = (version: number) => `versions/${version}.json`;
const decisionsKey = (version: number) => `decisions/${version}.json`;
const evaluationKey = (version: number, file: string) => `evaluations/${version}/${file}`;

/** Others who write at the same time take a moment each. */
const attempts = 50;

export interface FolderRegistryOptions {
  directory: string;
  group: string;
  /** What the model is called. */
  name: string;
  /** Where packages say that their files are. */
  objects: ObjectStore;
}

/** A registry in a folder: the documents that services read, the models themselves, and what was measured. */
export class FolderRegistry implements ModelRegistry {
  readonly location: string;
  readonly group: string;
  readonly #name: string;
  readonly #store: DirectoryStore;
  readonly #objects: ObjectStore;

  constructor({ directory, group, name, objects }: FolderRegistryOptions) {
    this.#store = new DirectoryStore(directory);
    this.location = this.#store.location;
    this.group = group;
    this.#name = name;
    this.#objects = objects;
  }

  async register({ request, now }: Registration): Promise<RegisteredVersion> {
    const { version, model } = await newVersion(this.#objects, request, { name: this.#name, now });
    const own = {
      ...version,
      artifact: { ...version.artifact, uri: `artifacts/${version.artifact.sha256}/model.tar.gz` },
    };
    const known = (await this.list()).findLast((one) => sameModel(one, own));
    if (known !== undefined) return { version: known, created: false, arn: this.#arn(known) };
    await this.#store.put(own.artifact.uri, model, { ifAbsent: true });
    const made = await this.#number(own, filesOf(request).evaluation);
    await this.#bringInLine();
    return { version: made, created: true, arn: this.#arn(made) };
  }

  async list(): Promise<ModelVersion[]> {
    const keys = await this.#store.list("versions/");
    const found = await Promise.all(keys.map((key) => this.#read(key)));
    return found.filter((version) => version !== undefined).sort((a, b) => a.version - b.version);
  }

  async get(version: number): Promise<ModelVersion> {
    const found = await this.#read(versionKey(version));
    if (found !== undefined) return found;
    const known = (await this.list()).map((one) => one.version);
    throw noVersion(version, known, this.location);
  }

  async decide(version: number, decision: Decision): Promise<ModelVersion> {
    const changed = await this.#change(versionKey(version), (body) => {
      if (body === undefined) return undefined;
      return { ...parseDocument(versionSchema, body, this.#where(versionKey(version))), status: decision.status };
    });
    if (changed === undefined) throw noVersion(version, [], this.location);
    await this.#change(decisionsKey(version), (body) => {
      const before = body && parseDocument(decisionsSchema, body, this.#where(decisionsKey(version)));
      return { schema: 1 as const, version, decisions: [...(before?.decisions ?? []), decision] };
    });
    await this.#bringInLine();
    return changed;
  }

  async decisions(version: number): Promise<Decision[]> {
    const found = await this.#store.get(decisionsKey(version));
    return found === undefined
      ? []
      : parseDocument(decisionsSchema, found.body, this.#where(decisionsKey(version))).decisions;
  }

  /** Services read these very documents. */
  visible(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async evaluation({ version }: ModelVersion): Promise<Evaluation> {
    const read = (file: string) => readFile(join(this.location, evaluationKey(version, file))).catch(() => undefined);
    return evaluationFrom(await read("model-card.json"), await read("predictions.csv"));
  }

  /** Takes the next free number. */
  async #number(version: NewVersion, evaluation: string): Promise<ModelVersion> {
    for (let attempt = 1; ; attempt += 1) {
      const made = { ...version, version: ((await this.list()).at(-1)?.version ?? 0) + 1 };
      const put = await this.#store.put(versionKey(made.version), documentText(made), { ifAbsent: true });
      if (put.ok) {
        // Only now is the number surely this one's.
        await this.#keepEvaluation(made.version, evaluation);
        return made;
      }
      if (attempt === attempts) throw new Error(`${this.location}: no free number after ${attempts} attempts`);
    }
  }

  async #keepEvaluation(version: number, from: string): Promise<void> {
    for (const file of evaluationFiles) {
      const body = await this.#objects.read(parseS3Uri(below(from, file)));
      if (body !== undefined) await this.#store.put(evaluationKey(version, file), body);
    }
  }

  /** Writes what follows from the versions; whoever meets another writer looks again. The pointer comes last. */
  async #bringInLine(): Promise<void> {
    await this.#change(index, async () => indexOf(await this.list()));
    const pointer = approvedOf(await this.list());
    if (pointer === undefined) await rm(join(this.location, approved), { force: true });
    else await this.#change(approved, async () => approvedOf(await this.list()) ?? pointer);
  }

  /** Replaces a document by what `next` makes of it; undefined, and nothing is written, where that is nothing. */
  async #change<T>(key: string, next: (body: Uint8Array | undefined) => T | Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const before = await this.#store.get(key);
      const value = await next(before?.body);
      if (value === undefined) return value;
      const condition = before === undefined ? ({ ifAbsent: true } as const) : { ifMatch: before.etag };
      if ((await this.#store.put(key, documentText(value), condition)).ok) return value;
      if (attempt === attempts) throw new Error(`${this.#where(key)}: changed by others ${attempts} times in a row`);
    }
  }

  async #read(key: string): Promise<ModelVersion | undefined> {
    const found = await this.#store.get(key);
    return found && parseDocument(versionSchema, found.body, this.#where(key));
  }

  readonly #where = (key: string): string => join(this.location, key);

  readonly #arn = ({ group, version }: ModelVersion): string => `${group}/${version}`;
}
