import type { Fragment, Ground, PreviewModel, Run, StackPreview } from "./model.ts";
import { byUrgency, verdictOfStack, worstVerdict } from "./verdict.ts";

/** A stack whose job ended without a word. */
const missing = (stack: string): StackPreview => ({
  ...{ stack, outcome: "missing", exitCode: 1, counts: {}, changes: [], findings: [], warnings: [], seconds: 0 },
  failure: {
    message: "its job left no result: it was cancelled, ran out of time, or never began",
    changed: "nothing",
    pending: [],
    next: `./slipway preview ${stack}`,
  },
});

/**
 * One model out of what the jobs of a run left. Of a stack that was previewed twice the later attempt counts, so that jobs may be run again one
 * by one. A stack that is affected, or `expected`, and has no result is shown as failed: nobody takes silence for "no changes".
 */
export function mergeFragments(run: Run, fragments: readonly Fragment[], expected: readonly string[]): PreviewModel {
  const mine = fragments.filter((one) => one.run.id === run.id && one.run.head === run.head);
  const ordered = mine.filter((one) => one.run.attempt <= run.attempt).sort((a, b) => a.run.attempt - b.run.attempt);
  const found = new Map(ordered.flatMap(({ stacks }) => stacks.map((stack) => [stack.stack, stack] as const)));
  const ground = mergeGround(ordered.flatMap((one) => one.ground ?? []));
  const wanted = [...(ground.affected?.stacks.map(({ stack }) => stack) ?? []), ...expected];
  for (const stack of wanted) if (!found.has(stack)) found.set(stack, missing(stack));
  const stacks = byUrgency([...found.values()]);
  const simulated = ordered.some((one) => one.run.simulated === true) ? { simulated: true } : {};
  return {
    schema: 1,
    run: { ...run, ...simulated },
    verdict: worstVerdict(stacks.map(verdictOfStack)),
    stacks,
    ground,
  };
}

/** Every job looks at the same commit, so the last word of each kind is as good as any; notes are kept once each. */
function mergeGround(grounds: readonly Ground[]): Ground {
  const merged: Ground = { notes: [] };
  for (const { notes, ...rest } of grounds) Object.assign(merged, { notes: [...merged.notes, ...notes] }, rest);
  return { ...merged, notes: [...new Set(merged.notes)] };
}
