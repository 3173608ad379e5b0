import { blueGreen } from "./blue-green.ts";
import { aborted, canaryStep } from "./canary.ts";
import { podsOf } from "./pod-counts.ts";
import { initialState, promoted, type Observations, type WorkloadState } from "./state.ts";
import { compressed } from "./time.ts";
import type { Strategy, Workload } from "./workload.ts";

/** A process starts at its own speed, which is no shorter here than in production. */
export const startAllowanceMs = 40_000;

/**
 * What becomes of a workload by now. Pure: the same state, manifests and observations give the same answer, so every process that looks at
 * a cluster comes to the same one.
 */
export function advance(before: WorkloadState | undefined, workload: Workload, seen: Observations): WorkloadState {
  const state = withoutOld(aim(before ?? initialState(seen.now), workload, seen.now), seen.now);
  if (seen.simulated) return settled(state);
  if (state.aborted) return state;
  const pods = state.update ?? state.stable;
  if (pods === undefined) return state;
  const waiting = waitForPods(state, workload, pods.hash, seen);
  if (waiting !== undefined) return waiting;
  if (state.update === undefined) return { ...state, phase: "Healthy", message: "" };
  // The first revision has nothing beside it to be compared with.
  if (state.stable === undefined) return promoted(state, seen.now);
  const { strategy } = workload;
  if (strategy.kind === "rolling" || isWayBack(state, workload)) return promoted(state, seen.now);
  return strategy.kind === "canary" ? canary(state, strategy, seen) : blueGreen(state, strategy, seen);
}

/** Takes the manifests' template as the aim: the stable one ends whatever was under way, another one begins anew. */
function aim(state: WorkloadState, { hash, template }: Workload, now: number): WorkloadState {
  const { update: _update, ...rest } = state;
  if (hash === state.stable?.hash) {
    if (state.update === undefined) return state;
    return { ...rest, step: 0, since: now, aborted: false, promote: false, metrics: {}, message: "" };
  }
  if (hash === state.update?.hash) return state;
  const revisions = state.revisions + 1;
  const update = { hash, number: revisions, template };
  return { ...rest, update, revisions, step: 0, since: now, aborted: false, promote: false, metrics: {} };
}

/** What ran here not long ago has been watched before. */
function isWayBack({ history, update }: WorkloadState, { rollbackWindow }: Workload): boolean {
  return rollbackWindow > 0 && update !== undefined && history.slice(-rollbackWindow).includes(update.hash);
}

function withoutOld(state: WorkloadState, now: number): WorkloadState {
  const { old, ...rest } = state;
  return old !== undefined && (now >= old.until || old.revision.hash === state.stable?.hash) ? rest : state;
}

/** Undefined once the pods are ready; else that they are waited for, or that this took too long. */
function waitForPods(
  state: WorkloadState,
  workload: Workload,
  hash: string,
  { pods, now }: Observations,
): WorkloadState | undefined {
  const pod = pods[hash];
  if (pod?.ready || !podsOf(state, workload).some(({ revision }) => revision.hash === hash)) return undefined;
  const deadline = compressed(workload.progressDeadlineSeconds);
  const waited = now - Math.max(state.since, pod?.failure?.since ?? pod?.since ?? now);
  const why = pod?.failure?.reason;
  if (waited <= (why === undefined ? Math.max(deadline, startAllowanceMs) : deadline))
    return { ...state, phase: "Progressing", message: why ?? "waiting for its pods to be ready" };
  const shown = why ?? "its pods run and do not get ready";
  const message = `ProgressDeadlineExceeded: ${workload.kind} "${workload.name}" has timed out progressing: ${shown}`;
  const givesUp = workload.abortsAtDeadline && state.stable !== undefined && state.update !== undefined;
  return givesUp ? aborted(state, message) : { ...state, phase: "Degraded", message };
}

function settled(state: WorkloadState): WorkloadState {
  const { update, old: _old, ...rest } = state;
  const quiet = { ...rest, aborted: false, promote: false, phase: "Healthy" as const, message: "", metrics: {} };
  return update === undefined ? quiet : { ...quiet, stable: update, step: 0 };
}

function canary(
  state: WorkloadState,
  strategy: Extract<Strategy, { kind: "canary" }>,
  seen: Observations,
): WorkloadState {
  const result = canaryStep(state, strategy, seen);
  return result.outcome === "done" ? promoted(result.state, seen.now) : result.state;
}
