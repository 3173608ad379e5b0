import type { Checkpoint } from "./checkpoint.ts";
import type { CompiledPipeline } from "./compile.ts";

/** Puts a processor where a checkpoint says, and tells from which offsets its source is read. */
export function goOn(
  { source, window }: CompiledPipeline,
  checkpoint: Checkpoint,
  how: "as-it-is" | "recompute",
  now: number,
): ReadonlyMap<string, number> {
  source.partitions.restore(checkpoint.source, now);
  const offsets = new Map(Object.entries(checkpoint.source.partitions).map(([name, { next }]) => [name, next]));
  if (window === undefined || checkpoint.windows === null) return offsets;
  if (how === "as-it-is") {
    window.restore(checkpoint.windows);
    return offsets;
  }
  window.recompute(checkpoint.windows, new Map(offsets));
  for (const { from } of checkpoint.windows.open)
    for (const [name, offset] of Object.entries(from)) offsets.set(name, Math.min(offsets.get(name) ?? 0, offset));
  source.partitions.rewind(offsets);
  return offsets;
}
