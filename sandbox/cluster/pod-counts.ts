import type { Revision, WorkloadState } from "./state.ts";
import type { Step, Workload } from "./workload.ts";

/** Pods of one revision, and what they are for. */
export interface PodSet {
  revision: Revision;
  role: "stable" | "update" | "old";
  count: number;
}

/**
 * How many pods a canary and the stable revision get where pods alone split the traffic. Argo Rollouts makes a best effort: whole numbers
 * with the smallest distance to the weight, rounded up where two are as near, over the replicas or one pod more where maxSurge allows it,
 * and never none of either for a weight from 1 to 99.
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
export function canaryCounts(replicas: number, weight: number, maxSurge: number): { canary: number; stable: number } {
  if (weight <= 0 || replicas === 0) return { canary: 0, stable: replicas };
  if (weight >= 100) return { canary: replicas, stable: 0 };
  const totals = maxSurge > 0 ? [replicas, replicas + 1] : [replicas];
  const choices = totals.flatMap((total) => {
    const share = (total * weight) / 100;
    const pair = [Math.ceil(share), Math.floor(share)].filter((canary) => canary > 0 && canary < total);
    return pair.map((canary) => ({
      canary,
      stable: total - canary,
      distance: Math.abs(canary / total - weight / 100),
    }));
  });
  const nearest = choices.reduce<(typeof choices)[number] | undefined>(
    (best, each) => (best === undefined || each.distance < best.distance - 1e-9 ? each : best),
    undefined,
  );
  // One replica without a surge: there is nothing to split.
  return nearest === undefined ? { canary: replicas, stable: 0 } : { canary: nearest.canary, stable: nearest.stable };
}

/** The weight that stands at a step: the latest one set; without any, everything once the steps are over. */
export function weightAt(steps: readonly Step[], step: number): number {
  if (step >= steps.length) return 100;
  const set = steps.slice(0, step + 1).findLast((each) => each.kind === "setWeight");
  return set?.kind === "setWeight" ? set.weight : 0;
}

/** The pods that should be there now. */
export function podsOf(state: WorkloadState, workload: Workload): PodSet[] {
  const { stable, update, old } = state;
  const counts = splitCounts(state, workload);
  const sets: PodSet[] = [
    ...(stable === undefined ? [] : [{ revision: stable, role: "stable" as const, count: counts.stable }]),
    ...(update === undefined || state.aborted
      ? []
      : [{ revision: update, role: "update" as const, count: counts.update }]),
  ];
  const kept = old !== undefined && !sets.some(({ revision }) => revision.hash === old.revision.hash);
  if (kept) sets.push({ revision: old.revision, role: "old", count: workload.replicas });
  return sets.filter(({ count }) => count > 0);
}

function splitCounts({ stable, update, aborted, step }: WorkloadState, { strategy, replicas }: Workload) {
  if (strategy.kind !== "canary" || stable === undefined || update === undefined || aborted)
    return { stable: replicas, update: replicas };
  const { canary, stable: rest } = canaryCounts(replicas, weightAt(strategy.steps, step), strategy.maxSurge);
  return { stable: rest, update: canary };
}

/** Share of requests by template hash that a service hands to the pods of a workload; only ready pods are asked. */
export function trafficOf(
  state: WorkloadState,
  workload: Workload,
  service: string,
  ready: (hash: string) => boolean,
): { hash: string; weight: number }[] {
  const { strategy } = workload;
  const [first, second] = strategy.kind === "canary" ? [strategy.stableService, strategy.canaryService] : [];
  const [active, preview] = strategy.kind === "blueGreen" ? [strategy.activeService, strategy.previewService] : [];
  const sets = podsOf(state, workload).filter(({ role }) => role !== "old");
  const serving = strategy.kind === "blueGreen" && state.step > 0 && !state.aborted ? "update" : "stable";
  const wanted = (role: PodSet["role"]) => {
    const own = sets.filter((set) => set.role === role);
    return own.length > 0 ? own : sets;
  };
  const chosen =
    service === first || service === active
      ? wanted(serving)
      : service === second || service === preview
        ? wanted("update")
        : split(sets, strategy.kind);
  return chosen
    .filter(({ revision }) => ready(revision.hash))
    .map(({ revision, count }) => ({ hash: revision.hash, weight: count }));
}

/** A plain service finds the pods of every revision; blue-green has its own two services for that. */
function split(sets: PodSet[], kind: Workload["strategy"]["kind"]): PodSet[] {
  const stable = sets.filter(({ role }) => role === "stable");
  return kind === "blueGreen" && stable.length > 0 ? stable : sets;
}
