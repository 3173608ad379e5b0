import { type Place, type StageSpec, stages } from "../catalogue/stages.ts";
import type { Connection, Environment, Processor, StreamProject } from "../files/project.ts";
import { type Finding, findingAt } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";

/** One stage where it stands. */
export interface StageUse {
  name: string;
  /** Undefined for what Atlas does not know. */
  spec: StageSpec | undefined;
  place: Place;
  /** Path of the stage's operand in its file. */
  path: JsonPath;
  operand: unknown;
  index: number;
  /** How many stages its pipeline has. */
  of: number;
  /** The stage whose pipeline it stands in; none in the main one. */
  within: StageUse | undefined;
}

/** What rules about one processor look at. */
export interface Subject {
  processor: Processor;
  /** Stages of the main pipeline and of those inside, in order. Elements that are no stage are left out; `malformed` names them. */
  uses: readonly StageUse[];
  malformed: readonly { path: JsonPath; keys: readonly string[] }[];
  connections: ReadonlyMap<string, Connection>;
  project: StreamProject;
  /** Environments to look at: the one that was asked for, or all. */
  environments: readonly Environment[];
}

/** A rule about one processor, and one about all files together. */
export type Rule = (subject: Subject) => Iterable<Finding>;
export type ProjectRule = (project: StreamProject, environments: readonly Environment[]) => Iterable<Finding>;

export const isDocument = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A member of something that may be no document at all. */
export const member = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inner, key) => (isDocument(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);

/** A finding in the file of a processor. */
export function found(subject: Subject, path: JsonPath, what: Parameters<typeof findingAt>[2]): Finding {
  return findingAt(subject.processor, path, what);
}

/** Prepares a processor for the rules. */
export function subjectOf(
  processor: Processor,
  project: StreamProject,
  connections: ReadonlyMap<string, Connection>,
  environments: readonly Environment[],
): Subject {
  const uses: StageUse[] = [];
  const malformed: Subject["malformed"][number][] = [];
  collect(processor.pipeline, { place: "main", path: ["pipeline"], within: undefined }, uses, malformed);
  return { processor, uses, malformed, connections, project, environments };
}

/** Where pipelines inside of stages run in the stream itself; others are run by a database. */
const inner: Readonly<Record<string, { key: string; place: Place }>> = {
  $tumblingWindow: { key: "pipeline", place: "window" },
  $hoppingWindow: { key: "pipeline", place: "window" },
  $sessionWindow: { key: "pipeline", place: "window" },
  $https: { key: "payload", place: "payload" },
  $externalFunction: { key: "payload", place: "payload" },
};

function collect(
  pipeline: readonly unknown[],
  where: Pick<StageUse, "place" | "path" | "within">,
  uses: StageUse[],
  malformed: { path: JsonPath; keys: readonly string[] }[],
): void {
  for (const [index, stage] of pipeline.entries()) {
    const at = [...where.path, index];
    const keys = isDocument(stage) ? Object.keys(stage) : [];
    const [name] = keys;
    if (name === undefined || keys.length > 1 || !isDocument(stage)) {
      malformed.push({ path: at, keys });
      continue;
    }
    const use: StageUse = {
      ...{ name, spec: Object.hasOwn(stages, name) ? stages[name] : undefined, place: where.place },
      ...{ path: [...at, name], operand: stage[name], index, of: pipeline.length, within: where.within },
    };
    uses.push(use);
    const nested = Object.hasOwn(inner, name) ? inner[name] : undefined;
    const list = nested === undefined ? undefined : member(use.operand, nested.key);
    if (nested !== undefined && Array.isArray(list))
      collect(list, { place: nested.place, path: [...use.path, nested.key], within: use }, uses, malformed);
  }
}

/** The source of a pipeline, wherever it stands. */
export const sourceOf = ({ uses }: Pick<Subject, "uses">) =>
  uses.find(({ name, place }) => name === "$source" && place === "main");

export const windowOf = ({ uses }: Pick<Subject, "uses">) =>
  uses.find(({ spec, place }) => spec?.role === "window" && place === "main");

/** The type of the connection that something names, where both are known. */
export function connectionType(subject: Subject, name: unknown) {
  return typeof name === "string" ? subject.connections.get(name)?.value.type : undefined;
}
