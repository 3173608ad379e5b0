import { z } from "zod";
import { deadLetterQueueSchema, tiers } from "../../../streams/engine/files/documents.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { canonicalJson, type Json, sha256 } from "../../release/canonical.ts";
import { processorStates } from "../atlas/types.ts";

const tier = z.enum(tiers);
const count = z.number().nonnegative();

/** How far a processor had read. */
const position = z.strictObject({
  /** Of Kafka, partition by partition. */
  partitions: z
    .array(
      z.strictObject({
        ...{ topic: z.string().optional(), partition: z.number(), checkpointOffset: count, currentOffset: count },
      }),
    )
    .optional(),
  /** Of a change stream, as Atlas wrote it. */
  resumeToken: z.unknown().optional(),
  watermark: z.string().optional(),
  lastMessageIn: z.string().optional(),
});

const processor = z.strictObject({
  name: z.string().min(1),
  /** Of pipeline and dead letter queue. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** JSON text: the order of keys is meaning. */
  pipeline: z.string().min(2),
  dlq: deadLetterQueueSchema.optional(),
  state: z.enum(processorStates),
  tier: tier.optional(),
  effectiveTier: tier.optional(),
  autoscaling: z.strictObject({ minTier: tier, maxTier: tier }).optional(),
  failover: z.boolean(),
  counts: z.strictObject({ input: count, output: count, dlq: count, stateSize: count }),
  position,
});
export type BackedUpProcessor = z.infer<typeof processor>;

const contents = z.strictObject({
  schema: z.literal(1),
  kind: z.literal("slipway-streams-backup"),
  environment: z.string().min(1),
  takenAt: z.iso.datetime(),
  /** The release that stood there by the ledger; null where none did. */
  release: z.string().nullable(),
  place: z.strictObject({ projectId: z.string().min(1), workspace: z.string().min(1) }),
  workspace: z.strictObject({
    ...{ provider: z.string(), region: z.string(), tier: tier.optional(), maxTier: tier.optional() },
  }),
  /** In the words of `connections/*.json`, with references in place of secrets. */
  connections: z.array(z.looseObject({ name: z.string().min(1), type: z.string().min(1) })),
  /** Names of those references. */
  variables: z.array(z.string()),
  processors: z.array(processor),
});
export type BackupContents = z.infer<typeof contents>;

const backupSchema = contents.extend({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
/** Everything of a workspace at one time, but for what Atlas keeps to itself: checkpoints and secrets. */
export type Backup = z.infer<typeof backupSchema>;

const digestOf = (value: BackupContents) => `sha256:${sha256(canonicalJson(value as unknown as Json))}`;

/** A backup that says what it is. */
export const sealed = (value: BackupContents): Backup => ({ ...contents.parse(value), digest: digestOf(value) });

/** What a backup is called: when it was taken, and the beginning of its digest. */
export const backupId = ({ takenAt, digest }: Backup): string =>
  `${takenAt.replace(/\.\d+Z$/, "Z").replaceAll(":", "-")}-${digest.slice(7, 19)}`;

export const backupText = (backup: Backup): string => `${JSON.stringify(backup, null, 2)}\n`;

/** Reads a backup. @throws SlipwayError where it is none, or was changed since it was taken */
export function parseBackup(text: string, where: string): Backup {
  const fail = (problem: string, next: string, cause?: unknown) =>
    new SlipwayError(ExitCode.usage, `${problem}.`, { where, next, cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail("The backup is not JSON", "Take another one: ./slipway streams backup <environment>", cause);
  }
  const parsed = backupSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const problem = `${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? ""}`;
    throw fail(`This is no backup: ${problem}`, "Name a file that slipway streams backup wrote");
  }
  const { digest, ...rest } = parsed.data;
  if (digestOf(rest) !== digest)
    throw fail("The backup is not what it was when it was taken", "Name another one, or the copy in the store");
  return parsed.data;
}
