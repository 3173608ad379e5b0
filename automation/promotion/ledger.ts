import { ExitCode, SlipwayError } from "../errors.ts";
import { canonicalJson, sha256 } from "../release/canonical.ts";
import { heldLease } from "../lease/holding.ts";
import type { Json } from "../release/canonical.ts";
import type { Store } from "../store/store.ts";
import { ledgerRecordSchema } from "./ledger-records.ts";
import type { LedgerEntry, LedgerRecord } from "./ledger-records.ts";
import { redact } from "./redact.ts";

/** The time now; tests hand in their own. */
export type Clock = () => Date;

/** Each lost race means that another writer got on, so this only ends a store that lies. */
const APPEND_ATTEMPTS = 1000;

/** How many documents are read at once. */
const READ_BATCH = 32;

/**
 * All records of an environment in order, each checked: its own hash, its place, the hash of the one before, and its bytes, which
 * must be the very ones that were written. The first that fails is a `SlipwayError` naming environment, sequence number and file.
 * What no chain can show without an anchor elsewhere is a missing end.
 */
export async function readLedger(store: Store, environment: string): Promise<LedgerRecord[]> {
  const keys = await store.list(folderOf(environment));
  const records: LedgerRecord[] = [];
  for (let start = 0; start < keys.length; start += READ_BATCH) {
    const batch = keys.slice(start, start + READ_BATCH);
    const stored = await Promise.all(batch.map((key) => store.get(key)));
    for (const [at, document] of stored.entries()) {
      const sequence = start + at + 1;
      const key = recordKey(environment, sequence);
      if (batch[at] !== key) throw corrupted(store, environment, sequence, `the file is missing (found ${batch[at]})`);
      records.push(checkedRecord(store, environment, records.at(-1), document?.body));
    }
  }
  return records;
}

/**
 * Adds a record after the last one, again and again until no other writer was faster. Reads and checks the whole chain first, so nothing
 * is ever written after a damaged record. Texts of the entry go through `redact`. In work that holds the
 * environment's lease the record carries its number, and nothing is written (lease held) once that is lost or a later holder has written.
 */
export async function append(
  store: Store,
  environment: string,
  entry: LedgerEntry,
  clock: Clock,
): Promise<LedgerRecord> {
  const guard = heldLease(environment);
  const records = await readLedger(store, environment);
  let last = records.at(-1);
  let seen = highestFence(records);
  for (let attempt = 0; attempt < APPEND_ATTEMPTS; attempt += 1) {
    seen = Math.max(seen, last?.fence ?? 0);
    guard?.assertHeld(seen);
    const record = nextRecord(environment, last, entry, clock(), guard?.fence);
    const key = recordKey(environment, record.sequence);
    const result = await store.put(key, recordText(record), { ifAbsent: true });
    if (result.ok) return record;
    last = checkedRecord(store, environment, last, (await store.get(key))?.body);
  }
  throw new SlipwayError(ExitCode.timeout, `The ledger of ${environment} could not be written.`, {
    where: `${store.location}/${folderOf(environment)}`,
    next: "run the same command again",
  });
}

/** The highest lease number that any of the records was written under; 0 without one. */
export function highestFence(records: readonly LedgerRecord[]): number {
  return records.reduce((highest, { fence = 0 }) => Math.max(highest, fence), 0);
}

/** The record that follows `last`. Throws a zod error for an entry that is not of its kind: that is a defect of the caller. */
export function nextRecord(
  environment: string,
  last: LedgerRecord | undefined,
  entry: LedgerEntry,
  now: Date,
  fence?: number,
): LedgerRecord {
  const place = {
    schema: 1,
    environment,
    sequence: (last?.sequence ?? 0) + 1,
    previous: last?.hash ?? null,
    at: now.toISOString(),
    ...(fence === undefined ? {} : { fence }),
  };
  const content = { ...(redacted(entry) as { [key: string]: Json }), ...place };
  return ledgerRecordSchema.parse({ ...content, hash: hashOf(content) });
}

/** The bytes of a record in the store. */
export function recordText(record: LedgerRecord): string {
  return `${canonicalJson(record)}\n`;
}

/** Key of a record in the store. */
export function recordKey(environment: string, sequence: number): string {
  return `${folderOf(environment)}${String(sequence).padStart(8, "0")}.json`;
}

function folderOf(environment: string): string {
  return `ledger/${environment}/`;
}

function hashOf(content: { [key: string]: Json | undefined }): string {
  const { hash: _, ...hashed } = content;
  return sha256(canonicalJson(hashed));
}

function redacted(value: Json): Json {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, redacted(member ?? null)]));
}

function checkedRecord(
  store: Store,
  environment: string,
  last: LedgerRecord | undefined,
  body: Uint8Array | undefined,
): LedgerRecord {
  const sequence = (last?.sequence ?? 0) + 1;
  const fail = (why: string): SlipwayError => corrupted(store, environment, sequence, why);
  if (body === undefined) throw fail("the file is missing");
  const text = Buffer.from(body).toString("utf8");
  const content = parseObject(text);
  if (content === undefined) throw fail("it is not a JSON object");
  if (content["hash"] !== hashOf(content)) throw fail("its content does not give its hash");
  const bytes = Buffer.from(`${canonicalJson(content)}\n`, "utf8");
  if (!bytes.equals(body)) throw fail("its bytes are not the ones that were written");
  if (content["previous"] !== (last?.hash ?? null)) throw fail(`it does not follow record ${sequence - 1}`);
  if (content["sequence"] !== sequence || content["environment"] !== environment) throw fail("it belongs elsewhere");
  const parsed = ledgerRecordSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`${issue?.path.join(".")}: ${issue?.message}; a newer version of Slipway may have written it`);
}

function parseObject(text: string): { [key: string]: Json } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as { [key: string]: Json })
      : undefined;
  } catch {
    return undefined;
  }
}

function corrupted(store: Store, environment: string, sequence: number, why: string): SlipwayError {
  return new SlipwayError(
    ExitCode.unexpected,
    `Record ${sequence} of the ledger of ${environment} is damaged: ${why}.`,
    {
      where: `${store.location}/${recordKey(environment, sequence)}`,
      changed: "nothing: no record is added after a damaged one",
      next: "restore that file from a backup of the store, then run the command again",
    },
  );
}
