import type { Doc, ObjectId, Uuid } from "../values/types.ts";

/** What is known of a document beside its content: the paths of `$meta` below `stream`. */
export interface Meta extends Doc {
  source: Doc;
  window?: Doc;
  https?: Doc;
}

/** What expressions know beside the document. */
export interface ExpressionRuntime {
  /** Metadata of the document that is evaluated now. */
  meta: Meta;
  readonly functionTimeoutMs: number;
  now(): number;
  uuid(): Uuid;
  objectId(): ObjectId;
  random(): number;
  /** A document took this branch of a conditional expression. */
  took(expression: object, branch: string): void;
}
