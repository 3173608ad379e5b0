import { z } from "zod";
import { claimSchema } from "../ephemeral/claims.ts";
import { loadOutput } from "./load.ts";
import { streamsOutputs } from "./streams-output-schemas.ts";
import { ciOutputs, ephemeralOutputs } from "./workflow-output-schemas.ts";

/**
 * The JSON object of every verb, version 1. Adding a member keeps the version; removing one, or changing what one means, raises it. Readers
 * should pass over members they do not know.
 */
const head = { version: z.literal(1), command: z.string(), exitCode: z.int().nonnegative() };

/** What a verb prints instead when it ends with an error. */
export const errorOutput = z.looseObject({
  ...head,
  error: z.strictObject({
    code: z.int().positive(),
    message: z.string().min(1),
    where: z.string().optional(),
    changed: z.string().optional(),
    next: z.string().optional(),
  }),
});

const id = z.string().regex(/^[0-9a-f]{40,64}$/);
const seconds = z.number().nonnegative();
const change = z.looseObject({
  urn: z.string(),
  type: z.string(),
  name: z.string(),
  op: z.string(),
  status: z.enum(["planned", "done", "failed", "unfinished"]),
});
const check = z.looseObject({
  kind: z.string(),
  name: z.string(),
  passed: z.boolean(),
  /** True where nothing was there to ask: the sandbox only remembers the resource. */
  simulated: z.boolean().optional(),
  /** True where it was not asked, because a cheaper check had not passed. */
  notRun: z.boolean().optional(),
  detail: z.string(),
  seconds,
});
const gate = z.looseObject({ gate: z.string(), verdict: z.enum(["pass", "refuse", "overridden"]), reason: z.string() });
const policyFinding = z.looseObject({
  rule: z.string(),
  level: z.enum(["mandatory", "advisory"]),
  urn: z.string(),
  property: z.string(),
  message: z.string(),
  fix: z.string(),
});
const policyRule = z.looseObject({ id: z.string(), level: z.enum(["mandatory", "advisory"]), title: z.string() });
const changes = {
  changes: z.record(z.string(), z.int()),
  resources: z.array(change),
  policyViolations: z.array(policyFinding).optional(),
};
const deployment = {
  stack: z.string(),
  release: id.nullable(),
  commit: id.nullable(),
  ...changes,
  checks: z.array(check),
  recorded: z.boolean(),
};
const environmentRow = z.looseObject({
  environment: z.string(),
  verdict: z.enum(["verified", "failed", "unverified"]),
  current: z.looseObject({ since: z.string(), complete: z.boolean() }).optional(),
});
const environments = z.array(environmentRow);
const proof = z.strictObject({ name: z.string(), simulated: z.boolean(), detail: z.string() });
const step = z.strictObject({
  environment: z.string(),
  outcome: z.string(),
  changed: z.boolean(),
  seconds,
  pipelines: z.array(proof),
  services: z.array(proof),
});

const modelStep = z.looseObject({
  step: z.string(),
  type: z.string(),
  status: z.enum(["done", "cached", "skipped", "failed", "cancelled", "not-reached", "running"]),
  seconds,
});
const figures = z.record(z.string(), z.number());
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const modelStatus = z.enum(["Approved", "PendingManualApproval", "Rejected"]);
const modelVersion = z.int().positive();

const output = (members: z.core.$ZodLooseShape) => z.looseObject({ ...head, seconds, ...members });

/** One stack's preview, or several side by side. */
const preview = z.union([
  output({ stack: z.string(), ...changes, plan: z.looseObject({ digest: z.string() }) }),
  output({ stacks: z.array(z.looseObject({ stack: z.string(), exitCode: z.int() })) }),
]);

const environment = z.string().nullable();
const modelDecision = {
  environment,
  decided: z.looseObject({ version: modelVersion, status: modelStatus, changed: z.boolean() }),
};

/** One run of the model pipeline. */
const modelRun = {
  environment,
  mode: z.enum(["local", "aws"]),
  execution: z.string(),
  input: z.string().nullable(),
  steps: z.array(modelStep),
  metrics: figures.nullable(),
  threshold: z
    .strictObject({ metric: z.string(), minimum: z.number(), value: z.number().nullable(), reached: z.boolean() })
    .nullable(),
  registered: z.strictObject({ version: modelVersion, status: modelStatus, created: z.boolean() }).nullable(),
  artifact: z.strictObject({ path: z.string(), sha256 }).nullable(),
  registry: z.string(),
  visible: z.boolean(),
  logs: z.string().nullable(),
};

/** What each action of `model` promises. */
const model = z.union([
  output({ action: z.literal("run"), ...modelRun }),
  output({
    action: z.literal("list"),
    environment,
    registry: z.string(),
    versions: z.array(
      z.looseObject({ version: modelVersion, status: modelStatus, stage: z.string(), metrics: figures }),
    ),
  }),
  output({
    action: z.literal("compare"),
    environment,
    a: modelVersion,
    b: modelVersion,
    metrics: z.array(z.looseObject({ name: z.string(), verdict: z.enum(["better", "worse", "equal"]).nullable() })),
    sameTest: z.boolean().nullable(),
    files: z.array(z.string()),
  }),
  output({ action: z.literal("approve"), ...modelDecision }),
  output({ action: z.literal("reject"), ...modelDecision }),
]);

const told = z.strictObject({ outcome: z.string(), url: z.string().nullable(), reason: z.string().nullable() });

/** By verb; one that is missing here has no promised members beyond the head. */
export const outputSchemas: Readonly<Record<string, z.ZodType>> = {
  preview,
  comment: output({
    verdict: z.enum(["failed", "blocked", "destructive", "changes", "none"]),
    headline: z.string(),
    stacks: z.array(z.looseObject({ stack: z.string(), outcome: z.string(), exitCode: z.int() })),
    comment: told,
    check: told.nullable(),
    summary: z.boolean(),
    files: z.array(z.string()),
  }),
  up: output(deployment),
  rollback: output({ from: id.nullable(), ...deployment }),
  promote: output({
    environment: z.string(),
    commit: id,
    outcome: z.enum(["promoted", "already-there", "dry-run"]),
    gates: z.array(gate),
    tag: z.looseObject({ name: z.string(), from: id.nullable(), to: id }).nullable(),
  }),
  destroy: output({ stack: z.string(), ...changes }),
  build: output({ built: z.boolean(), release: z.looseObject({ id, commit: id }) }),
  verify: output({ stack: z.string(), checks: z.array(check) }),
  load: output(loadOutput),
  status: output({ environments }),
  history: output({
    environment: z.string(),
    total: z.int(),
    records: z.array(z.looseObject({ sequence: z.int().positive(), kind: z.string(), at: z.string(), by: z.string() })),
  }),
  policy: z.union([
    output({ action: z.literal("list"), rules: z.array(policyRule) }),
    output({ action: z.literal("explain"), rule: policyRule }),
    output({ action: z.literal("check"), stack: z.string(), findings: z.array(policyFinding) }),
  ]),
  docs: output({ page: z.string(), file: z.string(), current: z.boolean(), written: z.boolean() }),
  model,
  streams: z.union(streamsOutputs.map(output)),
  ci: z.union(ciOutputs.map(output)),
  ephemeral: z.union([output({ ...deployment, claim: claimSchema }), ...ephemeralOutputs.map(output)]),
  demo: output({
    changed: z.boolean(),
    release: id,
    steps: z.array(step),
    environments,
    /** Null where the sandbox is only simulated. */
    model: z.looseObject(modelRun).nullable(),
  }),
  doctor: output({
    environment: z.string().optional(),
    findings: z.array(
      z.looseObject({ name: z.string(), state: z.enum(["ok", "missing", "note"]), detail: z.string() }),
    ),
  }),
};

/** Whether an object is what the verb promises; the problems, for people, where it is not. */
export function checkOutput(object: { command?: unknown; error?: unknown }): string | undefined {
  const schema = object.error === undefined ? (outputSchemas[String(object.command)] ?? output({})) : errorOutput;
  const parsed = schema.safeParse(object);
  return parsed.success ? undefined : z.prettifyError(parsed.error);
}
