import { PipelineRefused } from "./errors.ts";
import type { SavedPartitions } from "./source/partitions.ts";
import { type Doc, isDoc } from "./values/types.ts";
import type { SavedWindows } from "./windows/window.ts";

/** What a processor did so far. */
export interface Counts {
  input: number;
  output: number;
  dlq: number;
  dropped: number;
  throttledMs: number;
  throttleEvents: number;
}

/** Where a processor stood: plain JSON. It holds positions in the source and open windows, never the source's documents. */
export interface Checkpoint {
  version: 1;
  processor: string;
  /** The pipeline that made it. */
  pipeline: readonly unknown[];
  source: SavedPartitions;
  windows: SavedWindows | null;
  counts: Counts;
}

const isWindow = (name: string) => /^\$(?:tumbling|hopping|session)Window$/.test(name);

const windowOf = (pipeline: readonly unknown[]): { name: string; definition: Doc } | undefined => {
  for (const stage of pipeline) {
    const [name = ""] = isDoc(stage) ? Object.keys(stage) : [];
    if (isDoc(stage) && isWindow(name)) return { name, definition: stage[name] as Doc };
  }
  return undefined;
};

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const needsAll = (definition: Doc): boolean =>
  (definition["pipeline"] as unknown[]).some(
    (stage) => isDoc(stage) && ["$group", "$sort"].some((name) => Object.hasOwn(stage, name)),
  );

/**
 * How a pipeline goes on from the checkpoint of another: with its windows as they are, or by reading again what is in them.
 * @throws PipelineRefused where Atlas answers HTTP 400: only `resumeFromCheckpoint: false` helps there
 */
export function continuation(from: readonly unknown[], to: readonly unknown[]): "as-it-is" | "recompute" {
  const refused = (what: string) =>
    new PipelineRefused(`Atlas refuses to go on from the checkpoint: ${what} (use resumeFromCheckpoint: false)`);
  if (!same(from[0], to[0])) throw refused("$source changed");
  const [before, after] = [windowOf(from), windowOf(to)];
  if (before === undefined || same(before, after)) return "as-it-is";
  if (after === undefined) throw refused(`${before.name} was removed`);
  if (before.name !== after.name) throw refused(`${before.name} became ${after.name}`);
  const timing = ["interval", "hopSize", "gap"].find(
    (field) => !same(before.definition[field], after.definition[field]),
  );
  if (timing !== undefined) throw refused(`the ${timing} of ${before.name} changed`);
  if (!needsAll(before.definition) || !needsAll(after.definition))
    throw refused(`the pipeline of ${before.name} changed, and has neither $group nor $sort`);
  return "recompute";
}
