import { isDeepStrictEqual } from "node:util";
import type { Processor, StreamProject } from "../../../streams/engine/files/project.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import { SimulationError } from "../../../streams/engine/simulator/errors.ts";
import { toEjson } from "../../../streams/engine/simulator/values/ejson.ts";
import type { TestCase } from "../../../streams/engine/testing/format.ts";
import { Run, worldOf } from "../../../streams/engine/testing/run.ts";

/** A document that two versions leave differently in a sink. */
export interface SinkDifference {
  sink: string;
  kind: "only-before" | "only-after" | "changed";
  /** Its `_id` as Extended JSON; of a message its place. */
  key: string;
  /** Fields of the first level that differ; empty where the document is only on one side. */
  fields: string[];
}

/** What two versions make of the same documents. */
export interface Replayed {
  processor: string;
  /** The case whose documents they are. */
  name: string;
  outcome: "same" | "different" | "unknown";
  documents: { before: number; after: number };
  differences: SinkDifference[];
  /** Why nothing can be said. */
  why: string | null;
}

/** A version with what surrounds it. */
export interface Version {
  project: StreamProject;
  processor: Processor;
}

/** Delivers what a case delivers to both versions, and compares everything that their sinks and dead letter queues hold then. */
export function replayCase(testCase: TestCase, before: Version, after: Version): Replayed {
  const head = { processor: after.processor.name, name: testCase.name };
  const nothing = { documents: { before: 0, after: 0 }, differences: [] };
  const sides: ReadonlyMap<string, unknown[]>[] = [];
  for (const [version, which] of [
    [before, "before"],
    [after, "now"],
  ] as const)
    try {
      sides.push(sinksOf(testCase, version));
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      return { ...head, ...nothing, outcome: "unknown", why: `the version ${which}: ${error.message}` };
    }
  const [old, now] = sides as [ReadonlyMap<string, unknown[]>, ReadonlyMap<string, unknown[]>];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const differences = names.flatMap((sink) => sinkDifferences(sink, old.get(sink) ?? [], now.get(sink) ?? []));
  const size = (side: ReadonlyMap<string, unknown[]>) => [...side.values()].reduce((sum, all) => sum + all.length, 0);
  const documents = { before: size(old), after: size(now) };
  return { ...head, documents, differences, outcome: differences.length === 0 ? "same" : "different", why: null };
}

/** Steps that bring documents or let time pass; what a case expects is about one version. */
const brings = (step: NonNullable<TestCase["steps"]>[number]) =>
  "in" in step || "raw" in step || "idle" in step || "advance" in step || "write" in step;

const queue = "dead letter queue";

/** What sinks hold in the end, as Extended JSON. */
function sinksOf(testCase: TestCase, { processor, project }: Version): Map<string, unknown[]> {
  const { name, pipeline, dlq } = processor;
  const connections = project.connections.map(({ value }) => ({ name: value.name, type: value.type }));
  const world = worldOf(testCase);
  const run = new Run(testCase, { subject: { name, pipeline, dlq }, connections, versions: new Map() }, world);
  run.start();
  for (const step of testCase.steps ?? []) if (brings(step)) run.take(step);
  const written = new Set(run.out.map(({ what }) => what.into));
  const { collections, logs } = world.sinks();
  const sinks = new Map<string, unknown[]>();
  for (const [sink, { documents }] of collections) if (written.has(sink)) sinks.set(sink, documents.map(toEjson));
  for (const [sink, messages] of logs) if (written.has(sink)) sinks.set(sink, messages.map(toEjson));
  const letters = [...run.dlq, ...run.dropped].map(({ what: { operatorName, doc } }) => toEjson({ operatorName, doc }));
  if (letters.length > 0) sinks.set(queue, letters);
  return sinks;
}

/** Documents by their `_id`; where a cluster would have made that, by all else that they hold. */
function sinkDifferences(sink: string, before: readonly unknown[], after: readonly unknown[]): SinkDifference[] {
  const [old, now] = [before, after].map((all) => new Map(all.map((one, index) => [keyOf(one, index), one]))) as [
    Keyed,
    Keyed,
  ];
  const changed = [...old].flatMap(([key, one]): SinkDifference[] => {
    const other = now.get(key);
    if (other === undefined || isDeepStrictEqual(one, other)) return [];
    return [{ sink, kind: "changed", key, fields: fieldsOf(one, other) }];
  });
  const gone = [...old].filter(([key]) => !now.has(key));
  const come = [...now].filter(([key]) => !old.has(key));
  const left = gone.filter(([, one]) => !take(come, one));
  const alone =
    (kind: "only-before" | "only-after") =>
    ([key]: [string, unknown]): SinkDifference => ({ sink, kind, key, fields: [] });
  return [...changed, ...left.map(alone("only-before")), ...come.map(alone("only-after"))];
}

type Keyed = Map<string, unknown>;

const keyOf = (one: unknown, index: number) =>
  isDocument(one) && "_id" in one ? JSON.stringify(one["_id"]) : `#${index}`;

/** Takes a document with the same content out of a list; false where there is none. */
function take(all: [string, unknown][], wanted: unknown): boolean {
  const at = all.findIndex(([, one]) => isDeepStrictEqual(withoutId(one), withoutId(wanted)));
  if (at >= 0) all.splice(at, 1);
  return at >= 0;
}

const withoutId = (value: unknown): unknown =>
  isDocument(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== "_id")) : value;

function fieldsOf(a: unknown, b: unknown): string[] {
  if (!isDocument(a) || !isDocument(b)) return [];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter((key) => !isDeepStrictEqual(a[key], b[key])).sort();
}
