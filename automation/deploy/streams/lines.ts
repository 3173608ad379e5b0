import type { Wanted } from "./decide.ts";
import type { Shown } from "./handover.ts";
import { ownName } from "./names.ts";

/** A verdict in words, between the names of trial and version. */
export const judged = {
  better: "better than",
  same: "as good as",
  worse: "worse than",
  inconclusive: "not to be told from",
};

/** Versions of a processor that run in their own place. */
export const runningOf = (seen: readonly Shown[], { processor }: Wanted): string[] =>
  seen
    .filter(({ state, aside }) => state === "STARTED" && aside !== true)
    .filter(({ name }) => ownName(processor, name)?.role === "version")
    .map(({ name }) => name);

/** Pure: what of a processor runs, in words. */
export function standing(seen: readonly Shown[], wanted: Wanted): string {
  const running = runningOf(seen, wanted);
  return running.length === 0 ? `nothing of ${wanted.processor} runs` : `${running.join(" and ")} runs`;
}
