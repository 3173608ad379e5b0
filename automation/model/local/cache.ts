import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { canonicalJson, sha256, type Json } from "../../release/canonical.ts";
import type { JobOutcome } from "./job.ts";
import type { ObjectStore } from "./object-store.ts";
import { fingerprintAt, fingerprintOf, type StagedObject } from "./staging.ts";

/** Raised when the same step would have another outcome because the runner itself changed. */
const format = 1;

/** All that decides what a step comes to. */
export interface StepIdentity {
  step: string;
  type: string;
  /** Its request without places. */
  request: Json;
  staged: Readonly<Record<string, readonly StagedObject[]>>;
  /** What stands in for its image. */
  runtime: string;
}

/** The same for the same step over the same bytes, in whichever execution. */
export function cacheKey({ step, type, request, staged, runtime }: StepIdentity): string {
  const inputs = Object.entries(staged).map(([name, objects]) => [name, fingerprintOf(objects)]);
  return sha256(canonicalJson({ format, step, type, request, inputs: inputs as Json, runtime }));
}

const entrySchema = z.strictObject({
  schema: z.literal(1),
  execution: z.string(),
  finishedAt: z.iso.datetime(),
  properties: z.record(z.string(), z.json()),
  detail: z.string().optional(),
  /** Fingerprints of the places that were written, at that time. */
  outputs: z.record(z.string(), z.string()),
});

/** A finished step, as an earlier execution left it. */
export interface CachedStep extends JobOutcome {
  execution: string;
  finishedAt: Date;
}

/** Finished steps in a folder. The outcomes themselves stay where the execution wrote them. */
export class StepCache {
  readonly #directory: string;
  readonly #store: ObjectStore;

  constructor(directory: string, store: ObjectStore) {
    this.#directory = directory;
    this.#store = store;
  }

  /** A step that is not too old and whose outputs are still as they were; undefined where there is none. */
  async find(step: string, key: string, now: Date, expireAfterMs = Infinity): Promise<CachedStep | undefined> {
    const text = await readFile(this.#file(step, key), "utf8").catch(() => undefined);
    const entry = text === undefined ? undefined : entrySchema.safeParse(parse(text)).data;
    if (entry === undefined) return undefined;
    const { execution, properties, outputs, detail } = entry;
    const finishedAt = new Date(entry.finishedAt);
    if (now.getTime() - finishedAt.getTime() > expireAfterMs) return undefined;
    for (const [uri, fingerprint] of Object.entries(outputs))
      if ((await fingerprintAt(this.#store, uri)) !== (fingerprint === "" ? undefined : fingerprint)) return undefined;
    return {
      execution,
      finishedAt,
      properties,
      outputs: Object.keys(outputs),
      ...(detail === undefined ? {} : { detail }),
    };
  }

  async keep(step: string, key: string, outcome: JobOutcome, execution: string, now: Date): Promise<void> {
    const outputs: Record<string, string> = {};
    for (const uri of outcome.outputs) outputs[uri] = (await fingerprintAt(this.#store, uri)) ?? "";
    const { properties, detail } = outcome;
    const entry = { schema: 1, execution, finishedAt: now.toISOString(), properties, detail, outputs };
    const file = this.#file(step, key);
    const pending = `${file}.${randomUUID()}`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(pending, `${JSON.stringify(entry, undefined, 2)}\n`);
    await rename(pending, file);
  }

  #file(step: string, key: string): string {
    return join(this.#directory, step, `${key}.json`);
  }
}

/** A file that is no JSON holds no step. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
