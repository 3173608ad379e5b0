import type { Doc } from "../values/types.ts";

/** What a source delivers beside the document. */
export interface InputOptions {
  /** Partition of a topic or shard of a stream; 0 where there is one. */
  partition?: number | string;
  /** Position in its partition; the next where it is not given. */
  offset?: number;
  /** The time that the source itself gives, where `timeField` is not set; the clock's otherwise. */
  eventTime?: number | string | Date;
  /** When the source got it, in milliseconds; now where it is not given. Reading it again later changes nothing about that. */
  arrivedAt?: number;
  key?: unknown;
  headers?: readonly { k: string; v: unknown }[];
  topic?: string;
}

/** A document, or text that should be one. */
export type Input = Doc | string;
