import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import { canonicalJson, sha256 } from "../release/canonical.ts";
import { planDigest } from "./plan-digest.ts";

/** What a plan was made from, in the order in which a person is told. */
export const planInputNames = [
  "state",
  "program",
  "config",
  "policy",
  "cli",
  "providers",
  "commit",
  "release",
] as const;

export type PlanInputName = (typeof planInputNames)[number];

const hash = z.string().regex(/^[0-9a-f]{64}$/u);

const inputSchema = z.strictObject({
  digest: hash,
  /** The same for a person: a version, a commit, a count. Never a value of a setting. */
  says: z.string(),
});

export type PlanInput = z.infer<typeof inputSchema>;
export type PlanInputs = Record<PlanInputName, PlanInput>;

const envelopeSchema = z.strictObject({
  schema: z.literal(1),
  stack: z.string().min(1),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Only these resources were planned for; absent for the whole stack. */
  targets: z.array(z.string()).optional(),
  inputs: z.strictObject(
    Object.fromEntries(planInputNames.map((name) => [name, inputSchema])) as Record<PlanInputName, typeof inputSchema>,
  ),
  /** What approvals are bound to. */
  planDigest: hash,
  /** Pulumi's own plan, byte for byte as the engine wrote it: secrets stay encrypted. */
  plan: z.string(),
  /** Over everything above. */
  seal: hash,
});

export type PlanEnvelope = z.infer<typeof envelopeSchema>;

export interface EnvelopeContent {
  stack: string;
  inputs: PlanInputs;
  plan: string;
  now: Date;
  /** Milliseconds for which the plan may be used. */
  lifetime: number;
  targets?: readonly string[] | undefined;
}

/** Puts a plan and what it was made from under one seal. Throws a SyntaxError for a plan that is no JSON. */
export function sealEnvelope({ stack, inputs, plan, now, lifetime, targets }: EnvelopeContent): PlanEnvelope {
  const content = {
    schema: 1 as const,
    stack,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + lifetime).toISOString(),
    ...(targets === undefined ? {} : { targets: [...targets] }),
    inputs,
    planDigest: planDigest({ stack, inputs, plan, targets }),
    plan,
  };
  return { ...content, seal: sealOf(content) };
}

export const envelopeText = (envelope: PlanEnvelope): string => `${JSON.stringify(envelope, undefined, 2)}\n`;

const sealOf = ({ seal: _seal, ...content }: Omit<PlanEnvelope, "seal"> & { seal?: string }): string =>
  sha256(canonicalJson(content));

/**
 * An envelope from its text. Throws a SlipwayError: `usage` for a file that is none, `stalePlan` for one that was changed after it was
 * sealed. The seal shows accidents and careless edits; against a person who computes a new one stand the approvals, which name
 * the plan's digest.
 */
export function parseEnvelope(text: string, file: string): PlanEnvelope {
  const parsed = envelopeSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) throw noEnvelope(file, parsed.error.issues[0]);
  const envelope = parsed.data;
  if (sealOf(envelope) !== envelope.seal) throw tampered(envelope, file, "its content does not give its seal");
  if (digestOf(envelope) !== envelope.planDigest)
    throw tampered(envelope, file, "its plan is not the one that its digest names");
  return envelope;
}

function digestOf(envelope: PlanEnvelope): string | undefined {
  try {
    return planDigest(envelope);
  } catch {
    return undefined;
  }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noEnvelope(file: string, issue: z.core.$ZodIssue | undefined): SlipwayError {
  const at = issue?.path.join(".");
  return new SlipwayError(
    ExitCode.usage,
    `This file is no saved plan${at ? `: ${at}: ${issue?.message ?? "wrong"}` : ""}.`,
    { where: file, next: "Save one with ./slipway preview <stack> --save-plan FILE." },
  );
}

const tampered = ({ stack }: PlanEnvelope, file: string, why: string): SlipwayError =>
  new SlipwayError(ExitCode.stalePlan, `The plan for ${stack} was changed after it was saved: ${why}.`, {
    where: file,
    next: `./slipway preview ${stack} --save-plan ${file}`,
  });
