import { z } from "zod";

const count = z.int().nonnegative();
const checksum = z.string().regex(/^[0-9a-f]{16}$/u, "must be 16 hex digits");
/** What became of the rows of one dataset. */
const datasetCounts = z.object({
  read: count.optional(),
  new: count.optional(),
  replaced: count.optional(),
  quarantined: z.record(z.string(), count).default({}),
  rows: count,
  partitions: count,
  checksum,
});

/** What a sample becomes; `expected.json` beside its files. */
export const expectedSchema = z.object({
  schema: z.literal(1),
  /** SHA-256 by the key below the delivery's prefix: `incoming/orders/orders.csv`. */
  files: z.record(z.string().regex(/^incoming\/[\w-]+\/[\w.-]+$/u), z.string().regex(/^[0-9a-f]{64}$/u)),
  datasets: z.record(
    z.string(),
    datasetCounts.extend({ columns: z.array(z.object({ name: z.string(), type: z.string() })) }),
  ),
});
export type Expected = z.infer<typeof expectedSchema>;

/** What the pipeline says of a run. */
export const reportSchema = z.object({
  schema: z.literal(1),
  runId: z.string(),
  outcome: z.string(),
  datasets: z.record(z.string(), datasetCounts),
  files: z.object({ rejected: z.array(z.object({ key: z.string(), reason: z.string() })) }),
});
export type RunReport = z.infer<typeof reportSchema>;

/** The pointer to what is published. */
export const pointerSchema = z.object({ schema: z.literal(1), version: count, snapshot: z.string() });

/** Everything that is published, partition by partition. */
export const snapshotSchema = z.object({
  schema: z.literal(1),
  runId: z.string(),
  datasets: z.record(
    z.string(),
    z.object({ partitions: z.record(z.string(), z.object({ location: z.string().startsWith("s3://"), rows: count })) }),
  ),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** One line of the quarantine. */
export const quarantinedRowSchema = z.object({ dataset: z.string(), reason: z.string(), line: z.int().positive() });

/** @throws Error that says what is wrong with the document, and where it is. */
export function parseDocument<T>(schema: z.ZodType<T>, body: Uint8Array | undefined, where: string): T {
  if (body === undefined) throw new Error(`${where} is not there`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new Error(`${where} is not JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${where}: ${issue?.path.join(".") || "document"}: ${issue?.message ?? "invalid"}`);
}
