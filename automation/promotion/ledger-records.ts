import { z } from "zod";

const hash = z.string().regex(/^[0-9a-f]{64}$/u);
const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u);
const seconds = z.number().nonnegative();

/** Number of resources by what the engine did with them: `create`, `update`, `same` … */
const changes = z.record(z.string(), z.int().nonnegative());

/** What every record says: where it stands in the chain, when, and who acted. */
const envelope = {
  schema: z.literal(1),
  environment: z.string().min(1),
  /** From 1, without gaps. */
  sequence: z.int().positive(),
  /** Hash of the record before; null for the first. */
  previous: hash.nullable(),
  at: z.iso.datetime(),
  by: z.string().min(1),
  /** Number of the lease that the writer held; absent where a record needs none. */
  fence: z.int().positive().optional(),
  hash,
};

/** A deployment of a working tree has neither; a commit without its release is one that was deployed from source. */
const subject = { release: hash.optional(), commit: objectId.optional() };

export const checkResultSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  passed: z.boolean(),
  seconds,
  message: z.string().optional(),
});

const resources = z.int().nonnegative();
const checks = z.array(checkResultSchema);

/** The new state is in place: the engine ended well. `resources` counts what stands now. */
const promoted = z.strictObject({
  ...envelope,
  ...subject,
  kind: z.literal("promoted"),
  verb: z.string(),
  seconds,
  resources,
  changes,
  /** Digest of the saved plan that it was held to. */
  plan: hash.optional(),
});

/** Where the tag that asked for a deployment was when its verification ended, if no longer where it had been. */
const tagMovedOn = z.strictObject({ tag: z.string(), to: objectId.nullable() });

/** Every check passed on what was deployed last. */
const verified = z.strictObject({
  ...envelope,
  ...subject,
  kind: z.literal("verified"),
  seconds,
  checks,
  tagMovedOn: tagMovedOn.optional(),
});

/** `deploy`: the engine ended with an error, and what stands is a mixture. `verify`: all is in place, a check did not pass. */
const failed = z.strictObject({
  ...envelope,
  ...subject,
  kind: z.literal("failed"),
  stage: z.enum(["deploy", "verify"]),
  seconds,
  error: z.string(),
  changes: changes.optional(),
  checks: checks.optional(),
  tagMovedOn: tagMovedOn.optional(),
});

/** The environment was returned to `release` because of what happened to `from`. */
const rolledBack = z.strictObject({
  ...envelope,
  kind: z.literal("rolled-back"),
  release: hash,
  commit: objectId.optional(),
  from: hash.optional(),
  reason: z.string(),
  seconds,
  resources: resources.optional(),
  changes: changes.optional(),
});

/** A run ended without a word: killed, or its machine lost. Found and recorded by a later run. */
const interrupted = z.strictObject({
  ...envelope,
  ...subject,
  kind: z.literal("interrupted"),
  verb: z.string(),
  host: z.string(),
  startedAt: z.iso.datetime(),
});

/** Somebody agrees to a release; with `plan`, to that saved plan of it and to no other. */
const approved = z.strictObject({
  ...envelope,
  kind: z.literal("approved"),
  release: hash,
  commit: objectId.optional(),
  plan: hash.optional(),
  /** Last record of the environment before this one that the approver could know of: clocks cannot order two ledgers. */
  upstreamSequence: z.int().nonnegative().optional(),
  comment: z.string().optional(),
});

/** Promotion into the environment is held (`active`), until a time or until it is set free again. */
const frozen = z.strictObject({
  ...envelope,
  kind: z.literal("frozen"),
  active: z.boolean(),
  reason: z.string(),
  until: z.iso.datetime().optional(),
});

const tagMoved = z.strictObject({
  ...envelope,
  kind: z.literal("tag-moved"),
  tag: z.string(),
  remote: z.string(),
  from: objectId.nullable(),
  to: objectId,
  release: hash.optional(),
});

/** The branch that Argo CD watches holds what `release` says: `to` is the one commit that put it there. */
const manifestsMoved = z.strictObject({
  ...envelope,
  kind: z.literal("manifests-moved"),
  branch: z.string(),
  remote: z.string(),
  from: objectId.nullable(),
  to: objectId,
  release: hash.optional(),
});

/** An alias leads to another version; with `deployment`, CodeDeploy took it there. */
const trafficShifted = z.strictObject({
  ...envelope,
  kind: z.literal("traffic-shifted"),
  function: z.string(),
  alias: z.string(),
  from: z.string(),
  to: z.string(),
  deployment: z.string().optional(),
  seconds,
  release: hash.optional(),
});

/** Another version of a stream processor is in service; the one before is stopped at its checkpoint. */
const processorHandedOver = z.strictObject({
  ...envelope,
  kind: z.literal("processor-handed-over"),
  processor: z.string(),
  /** As Atlas calls it; null for the first version. */
  from: z.string().nullable(),
  to: z.string(),
  /** What `compare` said of the trial before; absent where there was none. */
  verdict: z.enum(["better", "same", "worse", "inconclusive"]).optional(),
  /** Where the new version began to read, in words. */
  position: z.string().optional(),
  seconds,
  release: hash.optional(),
});

/** Somebody let a release pass gates that refused it. */
const overridden = z.strictObject({
  ...envelope,
  kind: z.literal("overridden"),
  release: hash,
  gates: z.array(z.string()).min(1),
  reason: z.string().min(1),
});

const destroyed = z.strictObject({ ...envelope, kind: z.literal("destroyed"), seconds, changes });

/** A new kind is one more member here and, where it changes what stands, one more case in the folds. */
export const ledgerRecordSchema = z.discriminatedUnion("kind", [
  promoted,
  verified,
  failed,
  rolledBack,
  interrupted,
  approved,
  frozen,
  tagMoved,
  manifestsMoved,
  trafficShifted,
  processorHandedOver,
  overridden,
  destroyed,
]);

export type CheckResult = z.infer<typeof checkResultSchema>;
export type LedgerRecord = z.infer<typeof ledgerRecordSchema>;
export type LedgerKind = LedgerRecord["kind"];
export type RecordOf<Kind extends LedgerKind> = Extract<LedgerRecord, { kind: Kind }>;

type EnvelopeKey = "schema" | "environment" | "sequence" | "previous" | "at" | "fence" | "hash";
type WithoutEnvelope<R> = R extends unknown ? Omit<R, EnvelopeKey> : never;

/** What a caller says; the ledger adds the place in the chain and the time. */
export type LedgerEntry = WithoutEnvelope<LedgerRecord>;
