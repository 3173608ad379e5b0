import { z } from "zod";
import { claimSchema } from "../ephemeral/claims.ts";

const names = z.array(z.string());
const checks = z.strictObject({
  ...{ suites: names, workloads: names, services: names },
  ...{ streams: z.boolean(), model: z.boolean() },
});
const code = z.int().nonnegative();

/** What each action of `ci` says. */
export const ciOutputs = [
  { units: z.array(z.looseObject({ unit: z.string() })), stacks: names, checks },
  {
    ...{ base: z.string(), refused: code },
    messages: z.array(
      z.strictObject({ ...{ at: z.string(), subject: z.string() }, problems: names, excused: z.string().optional() }),
    ),
  },
  {
    ...{ up: names, automatic: names, reconcile: names, sweep: z.boolean(), "hand-over": z.boolean() },
    ...{ promote: z.string(), rollback: z.string(), tag: z.string(), commit: z.string() },
    ...{ "pull-request": z.string(), app: z.string() },
  },
  {
    ...{ repository: z.string(), days: code, old: code },
    secrets: z.array(
      z.strictObject({
        ...{ environment: z.string(), name: z.string(), changedAt: z.string() },
        ...{ days: z.int(), old: z.boolean() },
      }),
    ),
  },
  { role: z.string(), region: z.string(), expires: z.iso.datetime(), variables: z.record(z.string(), z.string()) },
  { Version: z.literal(1), AccessKeyId: z.string(), SecretAccessKey: z.string(), SessionToken: z.string() },
];

/** What `ephemeral list`, `down` and `sweep` say; `up` says what a deployment does, and its claim. */
export const ephemeralOutputs = [
  { stacks: z.array(claimSchema.extend({ over: z.boolean() })), free: names },
  {
    stacks: z.array(z.strictObject({ stack: z.string(), exitCode: code, kept: z.string().optional() })),
    dryRun: z.boolean(),
  },
];
