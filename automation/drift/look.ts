import { z } from "zod";
import { redact } from "../promotion/redact.ts";
import { findingLine, nextSteps } from "../report/drift.ts";
import type { Store } from "../store/store.ts";
import type { StackDrift } from "./detect.ts";

/** Beyond this many nobody reads on; `total` says how many there were. */
const mostFindings = 100;

const lookSchema = z.strictObject({
  schema: z.literal(1),
  stack: z.string(),
  at: z.iso.datetime(),
  resources: z.int().nonnegative(),
  total: z.int().nonnegative(),
  ignored: z.int().nonnegative(),
  findings: z.array(z.string()),
  next: z.array(z.string()),
});

/** What the last look for drift found, in words; without the values of secrets. */
export type DriftLook = z.infer<typeof lookSchema>;

const lookKey = (environment: string): string => `drift/${environment}.json`;

/** Remembers what was found, for those who look at an environment later and have no engine at hand. */
export async function keepLook(store: Store, drift: StackDrift, now: Date): Promise<void> {
  const { stack, findings, noise, resources } = drift;
  const look: DriftLook = {
    ...{ schema: 1, stack, at: now.toISOString(), resources, total: findings.length, ignored: noise.length },
    findings: findings.slice(0, mostFindings).map((finding) => redact(findingLine(finding))),
    next: nextSteps(stack, findings).slice(0, mostFindings),
  };
  await store.put(lookKey(stack), `${JSON.stringify(look, undefined, 2)}\n`);
}

/** The last look; undefined where nobody has looked, or where what is kept cannot be read: looking again says more. */
export async function readLook(store: Store, environment: string): Promise<DriftLook | undefined> {
  const stored = await store.get(lookKey(environment));
  if (stored === undefined) return undefined;
  try {
    return lookSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8")));
  } catch {
    return undefined;
  }
}
