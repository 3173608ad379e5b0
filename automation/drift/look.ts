import { z } from "zod";
import { redact } from "../promotion/redact.ts";
import { findingLine } from "../report/drift.ts";
import type { Store } from "../store/store.ts";
import type { StackDrift } from "./detect.ts";

/** Beyond this many nobody reads on; `total` says how many there were. */
const mostFindings = 100;
const longestFinding = 2_000;

/** Roles that only look write it, so that what is read back is held to what is ever written. */
const lookSchema = z.object({
  schema: z.literal(1),
  stack: z.string(),
  at: z.iso.datetime(),
  resources: z.int().nonnegative(),
  total: z.int().nonnegative(),
  ignored: z.int().nonnegative(),
  findings: z.array(z.string().max(longestFinding)).max(mostFindings),
});

type Kept = z.infer<typeof lookSchema>;

/** What the last look for drift found, in words; without the values of secrets. */
export interface DriftLook extends Kept {
  /** What to type. It is never read back: whoever may write a record must not be able to put words into a terminal. */
  next: string[];
}

const lookKey = (environment: string): string => `drift/${environment}.json`;

/** Remembers what was found, for those who look at an environment later and have no engine at hand. */
export async function keepLook(store: Store, drift: StackDrift, now: Date): Promise<void> {
  const { stack, findings, noise, resources } = drift;
  const look: Kept = {
    ...{ schema: 1, stack, at: now.toISOString(), resources, total: findings.length, ignored: noise.length },
    findings: findings.slice(0, mostFindings).map((finding) => clipped(redact(findingLine(finding)))),
  };
  await store.put(lookKey(stack), `${JSON.stringify(look, undefined, 2)}\n`);
}

const clipped = (text: string): string =>
  text.length > longestFinding ? `${text.slice(0, longestFinding - 1).toWellFormed()}…` : text;

/** The last look; undefined where nobody has looked, or where what is kept is none of this environment: looking again says more. */
export async function readLook(store: Store, environment: string): Promise<DriftLook | undefined> {
  const stored = await store.get(lookKey(environment));
  if (stored === undefined) return undefined;
  try {
    const look = lookSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8")));
    if (look.stack !== environment) return undefined;
    return {
      ...look,
      next: look.total === 0 ? [] : [`./slipway drift ${environment} looks again and says what to do`],
    };
  } catch {
    return undefined;
  }
}
