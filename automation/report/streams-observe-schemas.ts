import { z } from "zod";
import { metrics } from "../streams/observe/compare.ts";
import { profileSchema } from "../streams/observe/profile.ts";

const head = {
  environment: z.string().nullable(),
  projectId: z.string(),
  workspace: z.string(),
  /** True where Atlas is the sandbox's own. */
  simulated: z.boolean(),
};
const number = z.number().nonnegative();
const count = z.int().nonnegative();
const text = z.string().nullable();
const tier = z.enum(["SP2", "SP5", "SP10", "SP30", "SP50"]).nullable();
const id = z.string().regex(/^[0-9a-f]{40,64}$/);

const statusRow = z.strictObject({
  processor: text,
  name: z.string().min(1),
  role: z.enum(["working", "version", "shadow", "canary", "stranger"]),
  state: text,
  wanted: z.enum(["STARTED", "STOPPED", "CREATED"]).nullable(),
  tier,
  definition: z.enum(["deployed", "other"]).nullable(),
  ...{ input: count, output: count, dlq: count },
  lag: z.strictObject({ value: z.number(), unit: z.enum(["documents", "seconds"]) }).nullable(),
  ...{ lastMessageIn: text, problem: text, severity: z.enum(["failed", "changed"]).nullable() },
});

const statsRow = z.strictObject({
  ...{ processor: z.string(), name: z.string(), state: text, tier },
  ...{ input: count.nullable(), output: count.nullable(), dlq: count.nullable() },
  ...{ memoryMb: number.nullable(), stateMb: number.nullable() },
  ...{ latencyP50Ms: number.nullable(), latencyP99Ms: number.nullable() },
  ...{ waiting: z.number().nullable(), watermark: text },
  /** As Atlas wrote them. */
  stats: z.looseObject({}).nullable(),
});

const pace = z.strictObject({ durationSeconds: number, intervalSeconds: number, warmUpSeconds: number });
const skipped = z.array(z.strictObject({ processor: z.string(), state: text }));
const profiled = z.strictObject({
  processor: z.string(),
  profile: profileSchema,
  limits: z.array(
    z.strictObject({
      metric: z.enum(["memoryMb", "latencyP99Ms", "throughputPerSecond", "dlqRate"]),
      limit: number,
      from: z.enum(["thresholds", "expect"]),
      value: z.number().nullable(),
      breached: z.boolean(),
    }),
  ),
  breached: z.boolean(),
});

const verdict = z.enum(["better", "same", "worse", "inconclusive"]);
const compared = z.strictObject({
  processor: z.string(),
  verdict,
  metrics: z.array(
    z.strictObject({
      metric: z.enum(metrics),
      verdict,
      baseline: z.number().nullable(),
      current: z.number().nullable(),
      band: number.nullable(),
      reason: z.string().min(1),
    }),
  ),
  reasons: z.array(z.string()),
  profile: profileSchema,
});

/** What the actions promise that look at Atlas. */
export const observeOutputs: readonly z.core.$ZodLooseShape[] = [
  {
    ...{ action: z.literal("status"), ...head, tier, maxTier: tier },
    processors: z.array(statusRow),
    connections: z.array(z.strictObject({ name: z.string(), type: z.string(), state: text })),
  },
  { action: z.literal("stats"), ...head, processors: z.array(statsRow), written: z.array(z.string()) },
  {
    ...{ action: z.literal("profile"), ...head, pace, skipped },
    ...{ processors: z.array(profiled), written: z.array(z.string()) },
  },
  {
    ...{ action: z.literal("baseline"), ...head, pace, skipped, processors: z.array(profiled) },
    baseline: z.strictObject({ id, takenAt: z.iso.datetime(), key: z.string() }),
  },
  {
    ...{ action: z.literal("compare"), ...head, pace, skipped, verdict, processors: z.array(compared) },
    baseline: z.strictObject({ id, takenAt: z.iso.datetime() }),
    running: id.nullable(),
  },
];
