import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Store } from "../store/store.ts";

const earlierRun = z.strictObject({
  verb: z.string(),
  host: z.string(),
  startedAt: z.iso.datetime(),
  release: z.string().optional(),
  commit: z.string().optional(),
});

const holder = z.strictObject({
  /** The person or workflow. */
  who: z.string(),
  host: z.string(),
  /** Tells machines and containers apart that share a host name: process numbers mean something on this one only. */
  machine: z.string(),
  pid: z.int().positive(),
  /** When that process started, as the system tells it: process numbers are used again. */
  identity: z.string().optional(),
  verb: z.string(),
  release: z.string().optional(),
  commit: z.string().optional(),
  startedAt: z.iso.datetime(),
  /** The engine's process, once it runs. */
  enginePid: z.int().positive().optional(),
  engineIdentity: z.string().optional(),
  /** File with the engine's events. */
  eventLog: z.string().optional(),
});

const held = z.strictObject({
  schema: z.literal(1),
  state: z.literal("held"),
  environment: z.string(),
  /** Raised by one with every holder, never lowered. */
  fence: z.int().positive(),
  holder,
  renewedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Runs that ended without a word and are not on record yet. */
  unsettled: z.array(earlierRun),
});

const released = z.strictObject({
  schema: z.literal(1),
  state: z.literal("released"),
  environment: z.string(),
  fence: z.int().positive(),
  releasedAt: z.iso.datetime(),
});

const documentSchema = z.discriminatedUnion("state", [held, released]);

/** A run that ended without a word: its driver was killed, or stood still past its lease. */
export type EarlierRun = z.infer<typeof earlierRun>;
/** Who holds a lease and what for. */
export type Holder = z.infer<typeof holder>;
export type HeldLease = z.infer<typeof held>;
/** An environment's lease in the store. It is never deleted, or the fencing number would begin anew. */
export type LeaseDocument = z.infer<typeof documentSchema>;

export const leaseKey = (environment: string): string => `leases/${environment}.json`;

export const leaseText = (document: LeaseDocument): string =>
  `${JSON.stringify(documentSchema.parse(document), undefined, 2)}\n`;

/** An environment's lease; undefined where none was ever taken. A damaged one is a `SlipwayError`. */
export async function readLease(
  store: Store,
  environment: string,
): Promise<{ document: LeaseDocument; etag: string } | undefined> {
  const stored = await store.get(leaseKey(environment));
  if (stored === undefined) return undefined;
  try {
    return { document: documentSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8"))), etag: stored.etag };
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, `The lease of ${environment} is damaged.`, {
      where: `${store.location}/${leaseKey(environment)}`,
      next: "restore that file from a backup of the store, or, once it is certain that no operation runs there, remove it",
      cause,
    });
  }
}
