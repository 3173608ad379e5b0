/** A stored document with the tag that names this very version of it. */
export interface Stored {
  body: Uint8Array;
  /** Opaque version tag, compared for equality only. */
  etag: string;
}

/** What must hold for a write to happen. Without a condition the write always happens. */
export type PutCondition = { ifAbsent: true } | { ifMatch: string };

/** A lost race is an answer, not an exception. */
export type PutResult = { ok: true; etag: string } | { ok: false; reason: "exists" | "changed" | "missing" };

/**
 * The one place where releases, ledgers and operation records live. Keys are `/`-separated relative paths of
 * `[A-Za-z0-9._-]` segments. Writes are atomic: a reader sees the old body or the new one, never a part.
 */
export interface Store {
  /** Where this store is, for messages: a directory or a bucket URL. */
  readonly location: string;
  get(key: string): Promise<Stored | undefined>;
  put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutResult>;
  /** All keys below the prefix (a folder path ending in `/`), in code-point order. */
  list(prefix: string): Promise<string[]>;
}
