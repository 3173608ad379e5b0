import { z } from "zod";
import type { ProcessorOutput } from "../../../config/streams-outputs.ts";
import { versionedName } from "../../deploy/streams/names.ts";
import type { AtlasProcessor } from "../atlas/types.ts";

const count = z.number().nonnegative();

/** Counts of every processor at one time. */
export const readingSchema = z.strictObject({
  schema: z.literal(1),
  at: z.iso.datetime(),
  processors: z.record(z.string(), z.strictObject({ input: count, dlq: count })),
});
export type Reading = z.infer<typeof readingSchema>;

export function readingOf(processors: readonly AtlasProcessor[], at: Date): Reading {
  const counts = processors.map(({ name, stats }) => {
    return [name, { input: stats.inputMessageCount, dlq: stats.dlqMessageCount }] as const;
  });
  return { schema: 1, at: at.toISOString(), processors: Object.fromEntries(counts) };
}

/** What came into a dead letter queue since a time. */
export interface Growth {
  processor: string;
  state: string;
  /** Where they are; null where documents are dropped without a trace. */
  queue: string | null;
  /** Since when; null for everything since the processor was made. */
  since: string | null;
  input: number;
  dlq: number;
  /** Share of what was read; null where nothing was. */
  rate: number | null;
  limit: { rate: number } | { documents: number };
  exceeded: boolean;
  reason: string;
}

export interface GrowthLimits {
  /** What files say of processors, by name; versions go by the name of theirs. */
  processors: Readonly<Record<string, Pick<ProcessorOutput, "expect">>>;
  /** Documents that may come where nothing is said of a share. */
  documents: number;
}

/** What came between two readings, held against what may come. A processor that was made anew counts from nothing. */
export function growthOf(
  before: Reading | undefined,
  processors: readonly AtlasProcessor[],
  limits: GrowthLimits,
): Growth[] {
  return processors.map((processor) => {
    const { name, state, stats, dlq: queue } = processor;
    const known = before?.processors[name];
    // Counts only ever grow; smaller ones are those of another processor of the same name.
    const old = known !== undefined && known.input <= stats.inputMessageCount ? known : undefined;
    const input = stats.inputMessageCount - (old?.input ?? 0);
    const dlq = Math.max(0, stats.dlqMessageCount - (old?.dlq ?? 0));
    const rate = input === 0 ? null : dlq / input;
    const expected = limits.processors[versionedName(name)?.processor ?? name]?.expect?.dlqRate;
    const limit = expected === undefined ? { documents: limits.documents } : { rate: expected };
    return {
      ...{ processor: name, state, queue: queue ? `${queue.connectionName}.${queue.db}.${queue.coll}` : null },
      ...{ since: old === undefined ? null : (before?.at ?? null), input, dlq, rate, limit },
      ...judged(dlq, rate, limit),
    };
  });
}

function judged(dlq: number, rate: number | null, limit: Growth["limit"]): Pick<Growth, "exceeded" | "reason"> {
  if (dlq === 0) return { exceeded: false, reason: "nothing came" };
  if ("documents" in limit) {
    const exceeded = dlq > limit.documents;
    return { exceeded, reason: `${dlq} came, ${limit.documents} may` };
  }
  // What cannot be put in proportion is more than any proportion.
  const exceeded = rate === null || rate > limit.rate;
  const shown = rate === null ? "no share of nothing" : percent(rate);
  return { exceeded, reason: `${dlq} came, ${shown} of what was read; ${percent(limit.rate)} may` };
}

const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
