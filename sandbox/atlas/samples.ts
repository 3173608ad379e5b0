import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { FunctionMock, HttpsMock } from "../../streams/engine/simulator/world/services.ts";
import type { Doc } from "../../streams/engine/simulator/values/types.ts";
import type { Sample, SampleDocument } from "./source-log.ts";

/** What stands around processors in the sandbox. */
export interface Samples {
  /** Documents of a topic, stream or collection: those of a file, else those of a processor's own tests. Undefined where nobody has any. */
  source(connection: string, name: string, processor: string): Promise<Sample | undefined>;
  /** Documents that a collection holds for those who look something up in it; none where nobody says. */
  collection(connection: string, db: string, coll: string, processor: string): Promise<readonly unknown[]>;
  /** Answers of endpoints and functions: of a file, then of the processor's tests. */
  services(processor: string): Promise<{ https: HttpsMock[]; functions: Record<string, FunctionMock> }>;
}

/** The processor that a version belongs to: `orders__1a2b3c4d__shadow` is one of `orders`. */
export const baseName = (processor: string): string => processor.split("__")[0] ?? processor;

/**
 * Samples of a folder of streams: `samples/<connection>.json`, or `samples/<connection>.<topic, or db.coll>.json`. A file holds a list of
 * documents as Extended JSON, or an object with `documents`, `partitions` and `fresh`. Of an HTTPS connection it is the body of every answer.
 */
export function samplesOf(folder: string): Samples {
  const tests = new Map<string, Promise<Tested>>();
  const testsOf = (processor: string) => {
    const name = baseName(processor);
    const found = tests.get(name) ?? readTests(folder, name);
    tests.set(name, found);
    return found;
  };
  return {
    source: async (connection, name, processor) => {
      const sample = readSample(folder, connection, name);
      if (sample !== undefined) return sample;
      const documents = (await testsOf(processor)).inputs(name);
      return documents.length === 0 ? undefined : { documents, partitions: 1, fresh: [] };
    },
    collection: async (connection, db, coll, processor) => {
      const sample = readSample(folder, connection, `${db}.${coll}`);
      if (sample !== undefined) return sample.documents.map(({ doc }) => doc);
      return (await testsOf(processor)).collections[`${connection}.${db}.${coll}`] ?? [];
    },
    services: async (processor) => {
      const own = answers(folder);
      const { https, functions } = await testsOf(processor);
      return { https: [...own, ...https, { reply: { status: 200, body: {} } }], functions };
    },
  };
}

function readSample(folder: string, connection: string, name: string): Sample | undefined {
  const file =
    readJson(join(folder, "samples", `${connection}.${name}.json`)) ??
    readJson(join(folder, "samples", `${connection}.json`));
  if (file === undefined) return undefined;
  const { documents, partitions, fresh } = Array.isArray(file) ? { documents: file } : (file as SampleFile);
  if (!Array.isArray(documents) || documents.length === 0) return undefined;
  return {
    documents: documents.map((doc) => ({ doc: doc as Doc })),
    partitions: typeof partitions === "number" && partitions > 0 ? partitions : 2,
    fresh: fresh ?? [],
  };
}

interface SampleFile {
  documents?: unknown;
  partitions?: number;
  fresh?: string[];
}

/** What endpoints answer: files of samples with the form `{ "reply": {...} }`. */
function answers(folder: string): HttpsMock[] {
  return filesIn(join(folder, "samples")).flatMap((file) => {
    const found = readJson(join(folder, "samples", file)) as { reply?: unknown } | undefined;
    const connectionName = file.replace(/\.json$/, "");
    return found?.reply === undefined ? [] : [{ connectionName, reply: { status: 200, body: found.reply } }];
  });
}

/** What the tests of a processor say of its surroundings. */
interface Tested {
  /** Documents of one topic, or those that name none. */
  inputs(topic: string): SampleDocument[];
  collections: Readonly<Record<string, readonly unknown[]>>;
  https: HttpsMock[];
  functions: Record<string, FunctionMock>;
}

const untested: Tested = { inputs: () => [], collections: {}, https: [], functions: {} };

/** Reading tests takes a parser of YAML and their schema: both are loaded only where a sample is missing. */
async function readTests(folder: string, processor: string): Promise<Tested> {
  const file = filesIn(join(folder, "tests")).find((name) =>
    ["json", "yaml", "yml"].some((ending) => name === `${processor}.test.${ending}`),
  );
  if (file === undefined) return untested;
  const [{ testDocument }, { testFileOf }] = await Promise.all([
    import("../../streams/engine/testing/document.ts"),
    import("../../streams/engine/testing/format.ts"),
  ]);
  const read = testFileOf(testDocument(file, readFileSync(join(folder, "tests", file), "utf8")));
  const cases = read.value?.cases ?? [];
  const inputs = cases.flatMap(({ steps = [] }) =>
    steps.flatMap((step) => {
      if (!("in" in step)) return [];
      const { in: given, topic, key, headers, eventTime } = step as typeof step & { topic?: string };
      const about = { topic, options: { key, headers, eventTime } };
      return [given].flat().map((doc) => ({ doc: doc, ...about }) as SampleDocument & { topic?: string });
    }),
  );
  const mocks = cases.map((each) => each.mocks ?? {});
  return {
    inputs: (topic) => inputs.filter((input) => input.topic === undefined || input.topic === topic),
    collections: Object.assign({}, ...mocks.map(({ collections }) => collections).reverse()) as Tested["collections"],
    https: mocks.flatMap(({ https = [] }) => https as HttpsMock[]).filter(({ reply }) => (reply?.status ?? 200) < 400),
    functions: Object.assign({}, ...mocks.map(({ functions }) => functions).reverse()) as Tested["functions"],
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
