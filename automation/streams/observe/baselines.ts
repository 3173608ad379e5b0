import { createHash } from "node:crypto";
import { z } from "zod";
import type { StreamsOutputs } from "../../../config/streams-outputs.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import { profileSchema } from "./profile.ts";

const baselineSchema = z.strictObject({
  schema: z.literal(1),
  /** Id of the release that ran, or the digest of what ran without one. */
  id: z.string().regex(/^[0-9a-f]{40,64}$/),
  takenAt: z.iso.datetime(),
  workspace: z.string(),
  /** By the processor's name in the files. */
  profiles: z.record(z.string(), profileSchema),
});

/** How the processors of an environment ran while a release stood there. */
export type Baseline = z.infer<typeof baselineSchema>;

const folderOf = (environment: string) => `streams/${environment}/baselines/`;

/** What a baseline goes by where nothing was released: the digest of all definitions. */
export function idOfDefinitions(definitions: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries(definitions).map(([name, digest]) => `${name} ${digest ?? ""}`);
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

/** The digests that outputs declare, by processor. */
export const declaredDefinitions = ({ processors }: StreamsOutputs): Record<string, string> =>
  Object.fromEntries(Object.entries(processors).map(([name, { digest }]) => [name, digest]));

/** Keeps a baseline; one of the same release that is there already keeps the processors that are not measured again. */
export async function keepBaseline(store: Store, environment: string, baseline: Baseline): Promise<string> {
  const key = `${folderOf(environment)}${baseline.id}.json`;
  for (;;) {
    const stored = await store.get(key);
    const before = stored && readBaseline(store, key, stored.body);
    const merged = { ...baseline, profiles: { ...before?.profiles, ...baseline.profiles } };
    const condition = stored === undefined ? { ifAbsent: true as const } : { ifMatch: stored.etag };
    const written = await store.put(key, `${JSON.stringify(merged)}\n`, condition);
    if (written.ok) return key;
  }
}

/** All baselines of an environment, the newest first. */
export async function baselinesOf(store: Store, environment: string): Promise<Baseline[]> {
  const keys = (await store.list(folderOf(environment))).filter((key) => key.endsWith(".json"));
  const found: Baseline[] = [];
  for (const key of keys) {
    const stored = await store.get(key);
    if (stored !== undefined) found.push(readBaseline(store, key, stored.body));
  }
  return found.sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
}

function readBaseline(store: Store, key: string, body: Uint8Array): Baseline {
  const fail = (cause: unknown) =>
    new SlipwayError(ExitCode.unexpected, "A baseline of stream processors is damaged.", {
      ...{ where: `${store.location}/${key}`, cause },
      next: "Restore that file, or remove it and measure again: ./slipway streams baseline <environment>",
    });
  try {
    return baselineSchema.parse(JSON.parse(Buffer.from(body).toString("utf8")));
  } catch (cause) {
    throw fail(cause);
  }
}

/**
 * The baseline to compare with: the one that was asked for by the beginning of its id, else that of what runs, else the newest one before.
 * @throws SlipwayError (not found, usage)
 */
export function chosenBaseline(
  all: readonly Baseline[],
  { against, running, environment }: { against: string | undefined; running: string | undefined; environment: string },
): Baseline {
  const measure = `./slipway streams baseline ${environment}`;
  if (against === undefined) {
    const chosen = all.find(({ id }) => id === running) ?? all[0];
    if (chosen !== undefined) return chosen;
    throw new SlipwayError(ExitCode.notFound, `${environment} has no baseline yet.`, { next: measure });
  }
  const matching = all.filter(({ id }) => id.startsWith(against));
  const [only, second] = matching;
  if (only !== undefined && second === undefined) return only;
  const known = all.map(({ id }) => id.slice(0, 12)).join(", ");
  throw new SlipwayError(
    only === undefined ? ExitCode.notFound : ExitCode.usage,
    `--against: ${only === undefined ? "no baseline" : "more than one baseline"} begins with ${JSON.stringify(against)}.`,
    { next: known === "" ? measure : `Use one of: ${known}.` },
  );
}
