import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import type { Constants } from "../constants.ts";
import type { Evaluator } from "../expressions/evaluator.ts";
import type { Meta } from "../expressions/runtime.ts";
import { type Doc, isDoc } from "../values/types.ts";
import type { World } from "../world/world.ts";
import type { Blocking } from "./blocking.ts";

/** A document on its way, with what is known of it. Documents are never changed in place: the one that came in goes to the dead letter queue. */
export interface Envelope {
  readonly doc: Doc;
  readonly meta: Meta;
  /** Event time. */
  readonly time: number;
}

/** A stage that looks at one document at a time. An error that it throws is about that document alone. */
export interface Stage {
  readonly name: string;
  readonly path: JsonPath;
  /** A document came to it. */
  reached(): void;
  apply(envelope: Envelope): Envelope | readonly Envelope[] | undefined;
}

/** What a stage is made with. */
export interface StageContext {
  readonly evaluator: Evaluator;
  readonly world: World;
  readonly constants: Constants;
  /** Something that a test should reach, a stage or a branch of it: hands back what to call when it is. */
  point(path: JsonPath, branch?: string): () => void;
  /** A `$throttle` held a document back for so many milliseconds. */
  waited(milliseconds: number): void;
  /** Compiles a pipeline inside a stage. @throws SimulationError */
  segments(stages: unknown, path: JsonPath, place: Place, context: StageContext): (Stage | Blocking)[];
  /** Connection whose collections plain names are of, inside a `$lookup`. */
  readonly within?: { connectionName: string; db: string };
}

/** Where a stage stands: what Atlas allows there differs. */
export type Place = "main" | "window" | "payload" | "change-stream" | "lookup" | "merge";

/** Makes a stage from its argument. `path` is that of the argument. @throws SimulationError */
export type StageMaker = (argument: unknown, path: JsonPath, context: StageContext) => Stage["apply"];

/** The same envelope with another document. */
export const withDoc = ({ meta, time }: Envelope, doc: Doc): Envelope => ({ doc, meta, time });

/** The argument of a stage that is an object, with no fields but these. */
export function fieldsOf(stage: string, argument: unknown, path: JsonPath, known: readonly string[]): Doc {
  if (!isDoc(argument)) throw new PipelineRefused(`${stage} takes an object`, path);
  const unknown = Object.keys(argument).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new PipelineRefused(`${stage} has no field ${unknown}`, [...path, unknown]);
  return argument;
}

/** A field that has to be text. */
export function textField(stage: string, argument: Doc, name: string, path: JsonPath): string {
  const value = argument[name];
  if (typeof value === "string" && value !== "") return value;
  throw new PipelineRefused(`${stage} needs ${name}`, Object.hasOwn(argument, name) ? [...path, name] : path);
}

/** One of several words. */
export function choice<T extends string>(value: unknown, choices: readonly T[], otherwise: T, path: JsonPath): T {
  if (value === undefined) return otherwise;
  const found = choices.find((each) => typeof value === "string" && each.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw new PipelineRefused(`got ${JSON.stringify(value)}, expected one of ${choices.join(", ")}`, path);
}

/** Stages none of which needs all documents. @throws PipelineRefused */
export function perDocument(segments: readonly (Stage | Blocking)[]): Stage[] {
  return segments.map((segment) => {
    if ("apply" in segment) return segment;
    throw new PipelineRefused(`${segment.name} needs all documents and has no place here`, segment.path);
  });
}
