import type { JsonPath } from "../../json/document.ts";
import { DocumentError, PipelineRefused } from "../errors.ts";
import type { Meta } from "../expressions/runtime.ts";
import type { Envelope, StageContext } from "../stages/stage.ts";
import type { Doc } from "../values/types.ts";

/** What reached a sink. */
export interface Written {
  /** `connection.database.collection`, `connection.topic` and their like. */
  into: string;
  doc: Doc | null;
  /** What `$merge` did. */
  action?: "inserted" | "replaced" | "merged" | "kept" | "deleted" | "discarded" | "updated";
  key?: unknown;
  headers?: { k: string; v: unknown }[];
  partitionKey?: unknown;
  path?: string;
}

/** The last stage. An error that it throws is about the document alone. */
export interface Sink {
  readonly name: string;
  readonly path: JsonPath;
  write(envelope: Envelope): Written;
}

/** A name that may be an expression; a document for which it is no text goes to the dead letter queue. */
export function nameOf(
  stage: string,
  field: string,
  given: unknown,
  path: JsonPath,
  { evaluator }: StageContext,
): (doc: Doc, meta: Meta) => string {
  if (given === undefined || given === "") throw new PipelineRefused(`${stage} needs ${field}`, path);
  const compiled = evaluator.expression(given, [...path, field]);
  return (doc, meta) => {
    const value = compiled(doc, meta);
    if (typeof value === "string" && value !== "") return value;
    throw new DocumentError(`Failed to evaluate ${field} expression in ${stage}: it is no text`);
  };
}

/** The document as it is written: with what is known of it, where that is projected. */
export function projected({ doc, meta }: Envelope, { constants }: StageContext): Doc {
  const { projectStreamMeta, streamMetaFieldName } = constants;
  if (projectStreamMeta === "none" || (projectStreamMeta === "window" && meta.window === undefined)) return doc;
  return { ...doc, [streamMetaFieldName]: projectStreamMeta === "all" ? meta : { window: meta.window } };
}
