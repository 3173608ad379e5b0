import { readLedger, recordKey } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { SlipwayError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Problem } from "./facts.ts";

/** An environment's records, or why they are not there. */
export interface KnownRecords {
  records: readonly LedgerRecord[];
  problem?: Problem;
}

/** What a person reads of an error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SlipwayError)
    return { message: error.message, ...(error.next === undefined ? {} : { next: error.next }) };
  return { message: error instanceof Error ? error.message : String(error) };
}

/** Milliseconds after which a ledger that could not be read is read again. */
const retryMs = 10_000;

/**
 * Reads ledgers again and again. A whole ledger, with its chain, is read only where it has changed: two documents tell, the last that is
 * known, which a store that began anew does not have, and the next.
 */
export function recordsReader(store: Store, clock: () => number = () => performance.now()) {
  const known = new Map<string, KnownRecords & { at: number; etag: string | undefined }>();
  return async (environment: string): Promise<KnownRecords> => {
    const before = known.get(environment);
    if (before !== undefined && !(await hasChanged(store, environment, before, clock()))) return before;
    const read = await readAll(store, environment);
    const last = read.records.length;
    const etag = last === 0 ? undefined : (await store.get(recordKey(environment, last)))?.etag;
    known.set(environment, { ...read, at: clock(), etag });
    return read;
  };
}

async function readAll(store: Store, environment: string): Promise<KnownRecords> {
  try {
    return { records: await readLedger(store, environment) };
  } catch (error) {
    return { records: [], problem: problemOf(error) };
  }
}

async function hasChanged(
  store: Store,
  environment: string,
  { records, problem, at, etag }: KnownRecords & { at: number; etag: string | undefined },
  now: number,
): Promise<boolean> {
  if (problem !== undefined) return now - at >= retryMs;
  const [last, next] = await Promise.all([
    records.length === 0 ? undefined : store.get(recordKey(environment, records.length)),
    store.get(recordKey(environment, records.length + 1)),
  ]);
  return last?.etag !== etag || next !== undefined;
}
