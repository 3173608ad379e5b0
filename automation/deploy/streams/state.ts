import { z } from "zod";
import type { Store } from "../../store/store.ts";

const instant = z.iso.datetime();

/** What `compare` said of a trial. */
export const judgementSchema = z.strictObject({
  verdict: z.enum(["better", "same", "worse", "inconclusive"]),
  /** One line for each figure, or for why there are none. */
  reasons: z.array(z.string()),
});
export type Judgement = z.infer<typeof judgementSchema>;

/** A version that was in service. */
const served = z.strictObject({
  /** As Atlas calls it. */
  name: z.string(),
  since: instant,
  /** Since when it is stopped; absent for the one in service. */
  stopped: instant.optional(),
});

/** One try to put a version into the place of another. */
const attempt = z.strictObject({
  version: z.string(),
  /** The version that it is to replace; null for the first. */
  blue: z.string().nullable(),
  startedAt: instant,
  judgement: judgementSchema.extend({ at: instant }).optional(),
  /** Where the version began to read, once it was made. */
  position: z.string().optional(),
  /** Why it did not work, once it is over. */
  failed: z.string().optional(),
});
export type Attempt = z.infer<typeof attempt>;

/** What the driver remembers of a processor that it hands over from version to version. What runs is Atlas' to say. */
export const handoverRecordSchema = z.strictObject({
  schema: z.literal(1),
  processor: z.string(),
  /** Versions that were in service, the latest first. */
  served: z.array(served),
  attempt: attempt.optional(),
});
export type HandoverRecord = z.infer<typeof handoverRecordSchema>;

export const noRecord = (processor: string): HandoverRecord => ({ schema: 1, processor, served: [] });

const folderOf = (environment: string): string => `streams/${environment}/handover/`;

/** Where the records of an environment are kept. Who holds the environment is the only one who writes them. */
export interface HandoverRecords {
  read(processor: string): Promise<HandoverRecord>;
  write(record: HandoverRecord): Promise<void>;
  /** Processors that have a record. */
  known(): Promise<string[]>;
}

export function handoverRecords(store: Pick<Store, "get" | "put" | "list">, environment: string): HandoverRecords {
  const keyOf = (processor: string) => `${folderOf(environment)}${processor}.json`;
  return {
    read: async (processor) => {
      const stored = await store.get(keyOf(processor));
      if (stored === undefined) return noRecord(processor);
      return handoverRecordSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8")));
    },
    write: async (record) => {
      await store.put(keyOf(record.processor), `${JSON.stringify(handoverRecordSchema.parse(record))}\n`);
    },
    known: async () =>
      (await store.list(folderOf(environment))).map((key) =>
        key.slice(folderOf(environment).length).replace(/\.json$/, ""),
      ),
  };
}

/** Pure: a record with a try that begins. */
export const begun = (record: HandoverRecord, version: string, blue: string | null, now: string): HandoverRecord => ({
  ...record,
  attempt: { version, blue, startedAt: now },
});

/** Pure: a record with more known of the try. */
export const noted = (record: HandoverRecord, facts: Partial<Attempt>): HandoverRecord =>
  record.attempt === undefined ? record : { ...record, attempt: { ...record.attempt, ...facts } };

/** Pure: a record after a version went into service. What it replaced is kept in mind, also where somebody else had made it. */
export function inService(record: HandoverRecord, name: string, now: string): HandoverRecord {
  const { attempt: ended, ...rest } = record;
  const { blue = null, startedAt = now } = ended ?? {};
  const known = blue === null || record.served.some((one) => one.name === blue);
  const before = known ? record.served : [{ name: blue, since: startedAt }, ...record.served];
  const others = before.filter((one) => one.name !== name).map((one) => ({ ...one, stopped: one.stopped ?? now }));
  return { ...rest, served: [{ name, since: now }, ...others] };
}

/** Pure: a record after a try that came to nothing. */
export const withoutAttempt = ({ attempt: _, ...record }: HandoverRecord): HandoverRecord => record;

/** Pure: a record without versions that are gone. */
export const without = (record: HandoverRecord, names: readonly string[]): HandoverRecord => ({
  ...record,
  served: record.served.filter(({ name }) => !names.includes(name)),
});
