import type { Attempt } from "./attempts.ts";

/** A commit as git tells it. */
export interface CommitNode {
  /** Milliseconds since 1970 of the committer's clock. */
  time: number;
  parents: readonly string[];
}

export type CommitGraph = ReadonlyMap<string, CommitNode>;

/** A change that has arrived. */
export interface DeliveredChange {
  commit: string;
  /** From the commit to the verification that passed; 0 where a clock says it was before. */
  seconds: number;
  /** Time of the verification. */
  at: number;
}

export interface Deliveries {
  changes: DeliveredChange[];
  /** Verified commits that this clone does not have: their changes are not counted. */
  unknown: string[];
}

/**
 * Lead time for changes: for every commit the time from the commit to the first verified deployment that contains it. A merge holds no change of its
 * own. The first deployment of an environment brings the whole history, which waited for nothing: only its own commit counts. Each commit
 * is visited once, so the walk is linear in the history.
 */
export function deliveriesOf(attempts: readonly Attempt[], graph: CommitGraph): Deliveries {
  const delivered = new Set<string>();
  const changes: DeliveredChange[] = [];
  const unknown = new Set<string>();
  for (const { commit, verifiedAt } of attempts) {
    if (commit === undefined || verifiedAt === undefined) continue;
    if (!graph.has(commit)) {
      unknown.add(commit);
      continue;
    }
    const isFirst = delivered.size === 0;
    for (const one of newCommits(commit, graph, delivered)) {
      const node = graph.get(one);
      if (node === undefined || (isFirst ? one !== commit : node.parents.length > 1)) continue;
      changes.push({ commit: one, seconds: Math.max(verifiedAt - node.time, 0) / 1000, at: verifiedAt });
    }
  }
  return { changes, unknown: [...unknown] };
}

function newCommits(commit: string, graph: CommitGraph, delivered: Set<string>): string[] {
  if (delivered.has(commit)) return [];
  delivered.add(commit);
  const found = [commit];
  for (const one of found)
    for (const parent of graph.get(one)?.parents ?? []) {
      if (delivered.has(parent)) continue;
      delivered.add(parent);
      found.push(parent);
    }
  return found;
}
