import type { Processor, Stage } from "../files/project.ts";
import { type ValueChange, valueChanges } from "./values.ts";

/** What became of one stage. Places count from 0. */
export interface StageChange {
  kind: "added" | "removed" | "changed";
  stage: string;
  from?: number;
  to?: number;
  changes: ValueChange[];
}

const nameOf = (stage: Stage | undefined) => Object.keys(stage ?? {}).join("+");

/**
 * Stages that differ. Two versions are laid side by side by the longest common sequence of kinds of stages, where stages that are the same
 * weigh more than those that are only of the same kind.
 */
export function stageChanges(before: Processor, after: Processor): StageChange[] {
  const pairs = aligned(before, after);
  const changes: StageChange[] = [];
  let [from, to] = [0, 0];
  for (const [old, now] of [...pairs, [before.pipeline.length, after.pipeline.length] as const]) {
    for (; from < old; from += 1)
      changes.push({ kind: "removed", stage: nameOf(before.pipeline[from]), from, changes: [] });
    for (; to < now; to += 1) changes.push({ kind: "added", stage: nameOf(after.pipeline[to]), to, changes: [] });
    if (old < before.pipeline.length) {
      const inside = valueChanges(part(before, old), part(after, now));
      if (inside.length > 0)
        changes.push({ kind: "changed", stage: nameOf(after.pipeline[now]), from, to, changes: inside });
    }
    [from, to] = [old + 1, now + 1];
  }
  return changes;
}

function part({ document, pipeline }: Processor, index: number) {
  const name = nameOf(pipeline[index]);
  return { document, path: ["pipeline", index, name], value: pipeline[index]?.[name] };
}

/** Pairs of stages of the same kind, in order, that weigh the most together. */
function aligned(before: Processor, after: Processor): (readonly [number, number])[] {
  const [old, now] = [before, after].map((processor) =>
    processor.pipeline.map((stage, index) => ({
      name: nameOf(stage),
      text: processor.document.source(["pipeline", index]),
    })),
  ) as [Named[], Named[]];
  const best = weights(old, now);
  const pairs: (readonly [number, number])[] = [];
  let [row, column] = [0, 0];
  while (row < old.length && column < now.length) {
    const weight = weigh(old[row], now[column]);
    const here = best[row]?.[column] ?? 0;
    if (weight > 0 && here === weight + (best[row + 1]?.[column + 1] ?? 0)) pairs.push([row++, column++]);
    else if (here === (best[row + 1]?.[column] ?? 0)) row += 1;
    else column += 1;
  }
  return pairs;
}

interface Named {
  name: string;
  text: string | undefined;
}

const weigh = (a: Named | undefined, b: Named | undefined) => (a?.name !== b?.name ? 0 : a?.text === b?.text ? 3 : 2);

/** The most that the rest of both can weigh, from each pair of places on. */
function weights(old: readonly Named[], now: readonly Named[]): number[][] {
  const best = Array.from({ length: old.length + 1 }, () => Array.from({ length: now.length + 1 }, () => 0));
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = now.length - 1; column >= 0; column -= 1) {
      const weight = weigh(old[row], now[column]);
      const paired = weight > 0 ? weight + (best[row + 1]?.[column + 1] ?? 0) : 0;
      const current = best[row];
      if (current !== undefined)
        current[column] = Math.max(paired, best[row + 1]?.[column] ?? 0, current[column + 1] ?? 0);
    }
  return best;
}
