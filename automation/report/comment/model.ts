import { z } from "zod";
import { statefulNouns } from "./stateful.ts";

/** Stack names are file names of the checkout, and keys of the store. */
const stackName = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
/** A page that may stand in a link of Markdown as it is. */
const page = z.string().regex(/^https?:\/\/[\w.:-]+(?:\/[\w./-]*)?$/);
const objectId = z.string().regex(/^[0-9a-f]{40,64}$/);

/** One property that changes. Values are texts for people: cut, secrets masked on both sides. */
const property = z.strictObject({
  path: z.string(),
  kind: z.enum(["add", "delete", "update"]),
  /** Whether this property is why the resource is replaced. */
  replaces: z.boolean(),
  before: z.string().optional(),
  after: z.string().optional(),
});
export type Property = z.infer<typeof property>;

/** What would happen to one resource. */
const change = z.strictObject({
  urn: z.string(),
  type: z.string(),
  name: z.string(),
  op: z.string(),
  /** The component that it is part of, `type name`; empty for a resource of the stack itself. */
  component: z.string(),
  protect: z.boolean(),
  /** What it holds that cannot be made again, e.g. "a database". */
  stateful: z.enum(statefulNouns).optional(),
  properties: z.array(property),
  /** Names of inputs that stay as they are, for a resource that changes. */
  unchanged: z.array(z.string()),
});
export type Change = z.infer<typeof change>;

/** A finding of a policy about a resource, whoever evaluated it. */
const policyFinding = z.strictObject({
  policy: z.string(),
  level: z.enum(["mandatory", "advisory", "remediate"]),
  /** URN; absent for one about the stack as a whole. */
  resource: z.string().optional(),
  message: z.string(),
});
export type PolicyFinding = z.infer<typeof policyFinding>;

const failure = z.strictObject({
  message: z.string(),
  /** URN or name of what failed. */
  resource: z.string().optional(),
  /** Line of the program, `path:line` from the root of the checkout. */
  source: z.string().optional(),
  /** What had already been changed. */
  changed: z.string(),
  /** Operations whose end nobody has seen. */
  pending: z.array(z.string()),
  next: z.string().optional(),
});
export type Failure = z.infer<typeof failure>;

const promotion = z.strictObject({
  release: z.string().optional(),
  /** Environments in which the release is verified. */
  verifiedIn: z.array(z.string()),
  upstream: z.string().optional(),
  soak: z.strictObject({ askedSeconds: seconds, leftSeconds: seconds }).optional(),
  window: z.strictObject({ open: z.boolean(), until: z.string().optional(), opens: z.string().optional() }).optional(),
  frozen: z.string().optional(),
  approvals: z.strictObject({ given: count, asked: count }).optional(),
  /** Command that goes on. */
  next: z.string(),
});
export type Promotion = z.infer<typeof promotion>;

const stackPreview = z.strictObject({
  stack: stackName,
  outcome: z.enum(["previewed", "failed", "missing"]),
  exitCode: count,
  /** Resources by operation. */
  counts: z.record(z.string(), count),
  changes: z.array(change),
  findings: z.array(policyFinding),
  warnings: z.array(z.string()),
  /** Differences between record and cloud; absent where nobody looked. */
  drift: count.optional(),
  cost: z.strictObject({ perMonth: z.number(), delta: z.number(), priced: count, unpriced: count }).optional(),
  plan: z.strictObject({ digest: z.string(), expiresAt: z.string().optional() }).optional(),
  promotion: promotion.optional(),
  failure: failure.optional(),
  seconds,
});
export type StackPreview = z.infer<typeof stackPreview>;

const affected = z.strictObject({
  why: z.string(),
  everything: z.boolean(),
  changed: count.optional(),
  stacks: z.array(z.strictObject({ stack: stackName, reasons: z.array(z.array(z.string())), more: count })),
  /** Stacks that the change does not reach. */
  skipped: z.array(z.strictObject({ stack: stackName, reason: z.string() })),
  /** Changed files that reach a stack, with what they reach: where annotations go. */
  files: z.array(z.strictObject({ path: z.string(), stacks: z.array(stackName) })),
});
export type Affected = z.infer<typeof affected>;

const processorChange = z.strictObject({
  processor: z.string(),
  status: z.string(),
  was: z.string().optional(),
  /** How it can take over from what runs. */
  class: z.enum(["none", "in-place", "resume-false", "new-version"]),
  reasons: z.array(z.string()),
  /** Whether state is lost without anybody having agreed to it. */
  refused: z.boolean(),
  tier: z.strictObject({ before: z.string().optional(), after: z.string().optional() }),
  cost: z.strictObject({ before: z.number().optional(), after: z.number().optional() }),
});
export type ProcessorChange = z.infer<typeof processorChange>;

const streams = z.strictObject({
  processors: z.array(processorChange),
  currency: z.string(),
  perMonth: z.number(),
  delta: z.number(),
  problems: z.array(z.string()),
});
export type StreamsChange = z.infer<typeof streams>;

const catalogChange = z.strictObject({
  dataset: z.string(),
  status: z.enum(["added", "removed", "changed"]),
  /** What readers of the table have to know; `breaking` where what they do today may stop working. */
  lines: z.array(z.strictObject({ text: z.string(), breaking: z.boolean() })),
});
export type CatalogChange = z.infer<typeof catalogChange>;

const ground = z.strictObject({
  affected: affected.optional(),
  streams: streams.optional(),
  catalog: z.array(catalogChange).optional(),
  /** What could not be found out, and why. */
  notes: z.array(z.string()),
});
export type Ground = z.infer<typeof ground>;

const run = z.strictObject({
  /** 0 outside of a workflow. */
  id: count,
  attempt: count,
  head: objectId,
  /** Page of the run. */
  url: page.optional(),
  /** Whether the sandbox was looked at in place of a cloud. */
  simulated: z.boolean().optional(),
});
export type Run = z.infer<typeof run>;

/** What one job found out: the previews of its stacks, and what they were made for. */
export const fragmentSchema = z.strictObject({
  schema: z.literal(1),
  run,
  stacks: z.array(stackPreview),
  ground: ground.optional(),
});
export type Fragment = z.infer<typeof fragmentSchema>;

export const verdicts = ["failed", "blocked", "destructive", "changes", "none"] as const;
/** The worst that can be said of a preview, from bad to good. */
export type Verdict = (typeof verdicts)[number];

/** All that a run of previews found out, whatever it is shown as. */
export interface PreviewModel {
  schema: 1;
  run: Run;
  verdict: Verdict;
  /** Failed first, then destructive, then the rest. */
  stacks: StackPreview[];
  ground: Ground;
}

/** An earlier run, as a comment remembers it. */
export const historySchema = z.array(
  z.strictObject({ head: objectId, verdict: z.enum(verdicts), url: page.optional() }),
);
export type HistoryEntry = z.infer<typeof historySchema>[number];
