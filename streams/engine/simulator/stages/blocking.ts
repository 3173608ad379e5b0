import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import { sorter } from "../expressions/lists.ts";
import type { Meta } from "../expressions/runtime.ts";
import { fromEjson, toEjson } from "../values/ejson.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { groupStage } from "./group.ts";
import type { Envelope, StageContext } from "./stage.ts";

/** What a blocking stage has gathered so far. */
export interface Gathering {
  /** @throws anything: the document is to blame, and nothing of it was added */
  add(envelope: Envelope): void;
  /** What comes out, in order. `meta` is that of documents that are made here. */
  finish(meta: Meta, time: number): Envelope[];
  /** The state as JSON. */
  save(): unknown;
}

/** A stage that needs all documents before the first comes out. */
export interface Blocking {
  readonly name: string;
  readonly path: JsonPath;
  reached(): void;
  open(saved?: unknown): Gathering;
}

/** Keeps documents as they are; `keep` says which. */
function keeping(order: (documents: Envelope[]) => Envelope[], keep: (count: number) => boolean = () => true) {
  return (saved?: unknown): Gathering => {
    const documents = (saved === undefined ? [] : (fromEjson(saved) as Envelope[])).slice();
    return {
      add(envelope) {
        if (keep(documents.length)) documents.push(envelope);
      },
      finish: () => order(documents),
      save: () => toEjson(documents),
    };
  };
}

/** Nothing blocks: documents wait for their window to close. */
export const waiting: Blocking = {
  name: "",
  path: [],
  reached: () => undefined,
  open: keeping((documents) => documents),
};

function sort(argument: unknown, path: JsonPath) {
  if (!isDoc(argument) || Object.keys(argument).length === 0)
    throw new PipelineRefused("$sort takes an object of fields", path);
  const compare = sorterAt(argument, path);
  return keeping((documents) => documents.toSorted((a, b) => compare(a.doc, b.doc)));
}

function sorterAt(argument: Doc, path: JsonPath) {
  try {
    return sorter(argument);
  } catch (error) {
    throw new PipelineRefused((error as Error).message, path);
  }
}

const positive = (stage: string, argument: unknown, path: JsonPath, least: number): number => {
  if (typeof argument === "number" && Number.isInteger(argument) && argument >= least) return argument;
  throw new PipelineRefused(`${stage} takes a whole number from ${least}, not ${JSON.stringify(argument)}`, path);
};

function limit(argument: unknown, path: JsonPath) {
  const most = positive("$limit", argument, path, 1);
  return keeping(
    (documents) => documents,
    (count) => count < most,
  );
}

function skip(argument: unknown, path: JsonPath) {
  const left = positive("$skip", argument, path, 0);
  return keeping((documents) => documents.slice(left));
}

function count(argument: unknown, path: JsonPath) {
  if (typeof argument !== "string" || argument === "" || argument.startsWith("$") || argument.includes("."))
    throw new PipelineRefused("$count takes the name of a field", path);
  return (saved?: unknown): Gathering => {
    let counted = typeof saved === "number" ? saved : 0;
    return {
      add: () => void (counted += 1),
      finish: (meta, time) => (counted === 0 ? [] : [{ doc: { [argument]: counted }, meta, time }]),
      save: () => counted,
    };
  };
}

type Maker = (argument: unknown, path: JsonPath, context: StageContext) => Blocking["open"];

/** Stages that need all documents first. */
const makers: Readonly<Record<string, Maker>> = {
  $group: groupStage,
  $sort: sort,
  $limit: limit,
  $skip: skip,
  $count: count,
};

/** Whether a stage is one of them. */
export const isBlocking = (name: string): boolean => Object.hasOwn(makers, name);

/** @throws SimulationError */
export function blockingStage(name: string, argument: unknown, path: JsonPath, context: StageContext): Blocking {
  const maker = makers[name];
  if (maker === undefined) throw new Error(`${name} does not block`);
  return { name, path, reached: context.point(path), open: maker(argument, path, context) };
}
