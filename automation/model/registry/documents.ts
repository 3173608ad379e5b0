import { z } from "zod";
import { thresholdMetrics } from "../../../model/pipeline/names.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";

/**
 * The documents that services read of a registry. `model/src/modelkit` keeps the same rules on its side: what one of the two writes, the
 * other reads.
 */
export const statuses = ["Approved", "PendingManualApproval", "Rejected"] as const;
export type Status = (typeof statuses)[number];

const text = z.string().regex(/^\S.{0,1023}$/u, "1 to 1024 characters, not beginning with a space");
const location = z
  .string()
  .regex(
    /^(?:s3:\/\/[a-z0-9.-]{3,63}\/(?:[^/]+\/)*[^/]+|(?!s3:)(?!.*(?:^|\/)\.\.?(?:\/|$))(?:[^/\\:]+\/)*[^/\\:]+)$/u,
    "s3://bucket/key or a path within the registry",
  );
const group = z.string().regex(/^[A-Za-z0-9](?:-*[A-Za-z0-9]){0,62}$/u, "1 to 63 letters, digits and -");
const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/u, "1 to 63 of a-z, 0-9 and -, beginning with a letter");
const metrics = z
  .record(z.string().min(1), z.number())
  .refine((values) => Object.keys(values).length > 0, "finite numbers by name, at least one");

const artifactSchema = z.strictObject({
  uri: location,
  sha256: z.string().regex(/^[0-9a-f]{64}$/u, "64 hexadecimal digits"),
  bytes: z.int().positive(),
});

/** `versions/<n>.json`: one version of a model. */
export const versionSchema = z.strictObject({
  schema: z.literal(1),
  group,
  name,
  version: z.int().positive(),
  status: z.enum(statuses),
  artifact: artifactSchema,
  metrics,
  threshold: z.strictObject({ metric: z.enum(thresholdMetrics), minimum: z.number().min(0).max(1) }),
  lineage: z.strictObject({
    data: text,
    code: z.string().regex(/^sha256:[0-9a-f]{64}$/u, "sha256:<64 hexadecimal digits>"),
    execution: text,
  }),
  createdAt: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z$/u, "a time in UTC like 2026-01-02T03:04:05Z"),
});
export type ModelVersion = z.infer<typeof versionSchema>;

/** `approved.json`: what is to be served. */
export const approvedSchema = z.strictObject({
  schema: z.literal(1),
  group,
  version: z.int().positive(),
  artifact: artifactSchema,
});
export type Approved = z.infer<typeof approvedSchema>;

export const stages = ["candidate", "rejected", "approved", "serving", "retired"] as const;

/** `index.json`: what `GET /models` answers. */
export const indexSchema = z.array(
  z.strictObject({
    name,
    version: z.string().min(1),
    status: z.enum(stages),
    stage: z.enum(["dev", "staging", "prod"]).optional(),
    weight: z.int().min(0).max(100).optional(),
    metrics: metrics.optional(),
  }),
);
export type Index = z.infer<typeof indexSchema>;

/** `decisions/<n>.json`: who said what about a version. Nobody but the driver reads it. */
export const decisionsSchema = z.strictObject({
  schema: z.literal(1),
  version: z.int().positive(),
  decisions: z.array(
    z.strictObject({
      status: z.enum(statuses),
      by: z.string(),
      at: z.iso.datetime(),
      reason: z.string().optional(),
      /** It was approved against its threshold, or against an earlier no. */
      override: z.boolean(),
    }),
  ),
});
export type Decision = z.infer<typeof decisionsSchema>["decisions"][number];

/** Reads a document. @throws SlipwayError (unexpected) that names the place and every broken rule. */
export function parseDocument<T>(schema: z.ZodType<T>, body: Uint8Array, where: string): T {
  const problems: string[] = [];
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(body).toString("utf8")));
    if (parsed.success) return parsed.data;
    problems.push(...parsed.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`));
  } catch {
    problems.push("it is not JSON");
  }
  throw new SlipwayError(
    ExitCode.unexpected,
    `A document of the model registry cannot be read: ${problems.join("; ")}`,
    {
      where,
      next: "Restore it, or begin with another registry folder.",
    },
  );
}

/** A document as it is stored: equal values are equal bytes. */
export const documentText = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 1)}\n`;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}

/** The version that is to be served: of those that are approved, the one with the highest number. */
export function newestApproved(versions: readonly ModelVersion[]): ModelVersion | undefined {
  return versions
    .filter(({ status }) => status === "Approved")
    .reduce<ModelVersion | undefined>(
      (best, one) => (best === undefined || one.version > best.version ? one : best),
      undefined,
    );
}

/** `approved.json`; undefined where nothing is approved. */
export function approvedOf(versions: readonly ModelVersion[]): Approved | undefined {
  const newest = newestApproved(versions);
  return newest && { schema: 1, group: newest.group, version: newest.version, artifact: newest.artifact };
}

/** How far a version has come. */
export function stageOf(version: ModelVersion, versions: readonly ModelVersion[]): (typeof stages)[number] {
  if (version.status === "PendingManualApproval") return "candidate";
  if (version.status === "Rejected") return "rejected";
  return newestApproved(versions)?.version === version.version ? "serving" : "retired";
}

/** `index.json`: every version, the oldest first. */
export const indexOf = (versions: readonly ModelVersion[]): Index =>
  [...versions]
    .sort((a, b) => a.version - b.version)
    .map((version) => ({
      name: version.name,
      version: String(version.version),
      status: stageOf(version, versions),
      metrics: version.metrics,
    }));
