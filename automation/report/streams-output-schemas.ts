import { z } from "zod";
import { connectionsOutput } from "./streams-connections.ts";
import { handoverOutputs } from "./streams-handover-output.ts";
import { observeOutputs } from "./streams-observe-schemas.ts";

const id = z.string().regex(/^[0-9a-f]{40,64}$/);
const environment = z.string().nullable();
const finding = z.strictObject({
  rule: z.string().regex(/^[a-z-]+\/[a-z-]+$/),
  severity: z.enum(["error", "warning"]),
  file: z.string().min(1),
  line: z.int().positive(),
  column: z.int().positive(),
  path: z.string(),
  message: z.string().min(1),
  why: z.string().min(1),
  fix: z.string().min(1),
});
const number = z.int().nonnegative();
const pipelineDigest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .nullable();
const upgradeClass = z.enum(["none", "in-place", "resume-false", "new-version"]);
const processorChange = z.strictObject({
  processor: z.string(),
  status: z.enum(["added", "removed", "renamed", "changed"]),
  was: z.string().nullable(),
  from: pipelineDigest,
  to: pipelineDigest,
  class: upgradeClass,
  consent: z.enum(["not-needed", "given", "missing", "for-another-change"]),
  reasons: z.array(z.strictObject({ class: upgradeClass, message: z.string() })),
  stages: z.array(
    z.strictObject({
      kind: z.enum(["added", "removed", "changed"]),
      stage: z.string(),
      from: number.nullable(),
      to: number.nullable(),
      changes: z.array(z.looseObject({ kind: z.string(), path: z.string() })),
    }),
  ),
});

const tier = z.enum(["SP2", "SP5", "SP10", "SP30", "SP50"]);
const money = z.number().nullable();
const advice = z.strictObject({
  processor: z.string(),
  floor: tier.nullable(),
  recommended: tier.nullable(),
  set: tier.nullable(),
  autoscaling: z.strictObject({ minTier: tier, maxTier: tier }).nullable(),
  confidence: z.enum(["high", "medium", "low"]),
  reasons: z.array(z.string()),
  problems: z.array(z.string()),
  parallelism: number,
  measured: z.looseObject({ samples: number, memoryP95: z.number() }).nullable(),
  costPerMonth: money,
  delta: money,
});

const percent = z.number().min(0).max(100);
const testedFile = z.strictObject({
  path: z.string().min(1),
  processor: z.string(),
  seconds: z.number().nonnegative(),
  coverage: percent,
  unreached: z.array(z.strictObject({ stage: z.string(), branch: z.string().nullable() })),
  cases: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(["passed", "failed", "error"]),
      differences: z.array(
        z.strictObject({
          line: z.int().positive(),
          column: z.int().positive(),
          message: z.string().min(1),
          expected: z.unknown(),
          actual: z.unknown(),
        }),
      ),
      /** Documents behind every stage, with `--trace`. */
      trace: z.array(z.strictObject({ stage: z.string(), doc: z.looseObject({}) })).optional(),
    }),
  ),
});

const share = z.number().nonnegative();
const when = z.iso.datetime().nullable();
const growth = z.strictObject({
  ...{
    processor: z.string(),
    state: z.string(),
    queue: z.string().nullable(),
    since: when,
    input: number,
    dlq: number,
  },
  ...{ rate: share.nullable(), exceeded: z.boolean(), reason: z.string() },
  limit: z.union([z.strictObject({ rate: share }), z.strictObject({ documents: number })]),
});
const letterGroup = z.strictObject({
  ...{ processor: z.string(), operator: z.string(), reason: z.string(), count: number, first: when, last: when },
  /** Its first document's number in the file. */
  document: number,
  replay: z.enum(["refused", "different", "unknown"]).nullable(),
  why: z.string().nullable(),
});

const backupFacts = {
  environment: z.string(),
  backup: z.string().regex(/^[\dTZ-]+-[0-9a-f]{12}$/),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  takenAt: z.iso.datetime(),
};

/** What each action of `streams` promises. */
export const streamsOutputs: readonly z.core.$ZodLooseShape[] = [
  ...observeOutputs,
  ...handoverOutputs,
  connectionsOutput,
  {
    action: z.literal("lint"),
    environment,
    processors: number,
    errors: number,
    warnings: number,
    findings: z.array(finding),
  },
  {
    action: z.literal("advise"),
    region: z.string(),
    environment,
    base: id.nullable(),
    prices: z.strictObject({ source: z.string(), asOf: z.iso.date(), currency: z.string(), hoursPerMonth: number }),
    total: z.strictObject({ perMonth: z.number(), delta: money }),
    processors: z.array(advice),
  },
  {
    action: z.literal("diff"),
    base: id,
    head: id.nullable(),
    unchanged: number,
    refused: z.array(z.string()),
    processors: z.array(processorChange),
  },
  {
    action: z.literal("dlq"),
    environment,
    growth: z.array(growth).nullable(),
    groups: z.array(letterGroup).nullable(),
    written: z.array(z.string()),
  },
  {
    action: z.literal("backup"),
    ...backupFacts,
    key: z.string().nullable(),
    out: z.string().nullable(),
    release: z.string().nullable(),
    connections: number,
    processors: number,
    variables: z.array(z.string()),
    plaintextSecrets: z.array(z.string()),
  },
  {
    action: z.literal("replay"),
    base: id,
    head: id.nullable(),
    replays: z.array(
      z.strictObject({
        ...{ processor: z.string(), name: z.string(), outcome: z.enum(["same", "different", "unknown"]) },
        documents: z.strictObject({ before: number, after: number }),
        differences: z.array(
          z.strictObject({
            ...{ sink: z.string(), kind: z.enum(["only-before", "only-after", "changed"]), key: z.string() },
            fields: z.array(z.string()),
          }),
        ),
        why: z.string().nullable(),
      }),
    ),
    without: z.array(z.string()),
  },
  {
    action: z.literal("restore"),
    ...backupFacts,
    place: z.strictObject({ projectId: z.string(), workspace: z.string() }),
    restored: z.boolean(),
    steps: z.array(
      z.strictObject({
        do: z.string(),
        name: z.string().nullable(),
        begins: z.string().nullable(),
        effects: z.array(z.string()),
      }),
    ),
    conflicts: z.array(z.strictObject({ what: z.string(), name: z.string(), message: z.string() })),
    extra: z.array(z.string()),
    warnings: z.array(z.string()),
    missing: z.array(z.string()),
  },
  {
    action: z.literal("import"),
    from: z.string(),
    to: z.string().nullable(),
    files: z.array(z.string()),
    written: z.array(z.string()),
    unchanged: z.array(z.string()),
    notes: z.array(z.strictObject({ ...finding.shape, outcome: z.enum(["left-out", "changed", "kept"]) })),
    variables: z.array(z.string()),
    lint: z.strictObject({ errors: number, warnings: number }),
  },
  {
    action: z.literal("test"),
    passed: number,
    failed: number,
    coverage: percent,
    files: z.array(testedFile),
    findings: z.array(finding),
    untested: z.array(z.string()),
    updated: z.array(z.string()),
  },
];
