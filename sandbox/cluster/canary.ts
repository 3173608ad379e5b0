import { enough, measured, type Metric } from "./analysis.ts";
import { compressed } from "./time.ts";
import type { Observations, WorkloadState } from "./state.ts";
import type { Step, Strategy } from "./workload.ts";

type Canary = Extract<Strategy, { kind: "canary" }>;

export interface StepResult {
  outcome: "running" | "waiting" | "stopped" | "done";
  state: WorkloadState;
}

/** The metrics that are measured while the canary is at its step, by the name they are kept under. */
export function activeMetrics(strategy: Strategy, step: number): { prefix: string; metrics: Metric[] }[] {
  if (strategy.kind === "blueGreen")
    return [step === 0 ? { prefix: "", metrics: strategy.analysis } : { prefix: "after/", metrics: strategy.after }];
  if (strategy.kind !== "canary") return [];
  const here = strategy.steps[step];
  return [
    { prefix: "", metrics: step >= strategy.backgroundFrom ? strategy.background : [] },
    { prefix: `${step}/`, metrics: here?.kind === "analysis" ? here.metrics : [] },
  ].filter(({ metrics }) => metrics.length > 0);
}

/** Takes the canary as far as it may go by now; its pods are ready. */
export function canaryStep(before: WorkloadState, strategy: Canary, seen: Observations): StepResult {
  let state = before;
  for (const { prefix, metrics } of activeMetrics(strategy, state.step)) {
    const judged = measure(state, metrics, prefix, seen);
    if (judged.outcome !== "running") return judged;
    state = judged.state;
  }
  for (let step = strategy.steps[state.step]; step !== undefined; step = strategy.steps[state.step]) {
    const why = holds(step, state, strategy, seen.now);
    if (why !== undefined) return { outcome: "waiting", state: { ...state, ...why } };
    state = { ...state, step: state.step + 1, since: seen.now, promote: false };
  }
  return { outcome: "done", state };
}

/** Why the rollout stays at a step, or undefined when it may go on. */
function holds(
  step: Step,
  state: WorkloadState,
  strategy: Canary,
  now: number,
): Pick<WorkloadState, "phase" | "message"> | undefined {
  if (step.kind === "setWeight") return undefined;
  if (step.kind === "unknown")
    return { phase: "Paused", message: `the sandbox does not know the step "${step.text}"; promote to go on` };
  if (step.kind === "analysis") return unfinished(step.metrics, state, `${state.step}/`);
  if (state.promote) return undefined;
  const { seconds } = step;
  if (seconds === undefined) return { phase: "Paused", message: "CanaryPauseStep: waits for its promotion" };
  const background = state.step >= strategy.backgroundFrom ? strategy.background : [];
  const behind = background.some((metric) => (state.metrics[metric.name]?.measured ?? 0) < enough(metric, seconds));
  if (now - state.since >= compressed(seconds) && !behind) return undefined;
  return { phase: "Paused", message: `CanaryPauseStep: step ${state.step + 1} of ${strategy.steps.length}` };
}

/** That an analysis of its own still runs, or undefined once it has been successful for long enough. */
export function unfinished(
  metrics: readonly Metric[],
  { metrics: progress }: WorkloadState,
  prefix: string,
): Pick<WorkloadState, "phase" | "message"> | undefined {
  const running = metrics.find((metric) => {
    const own = progress[prefix + metric.name];
    return own?.phase !== "Successful" && (own?.measured ?? 0) < (metric.count ?? metric.failureLimit + 1);
  });
  return running && { phase: "Progressing", message: `the analysis "${running.name}" runs` };
}

/** Takes the measurements of the update into account; a failed analysis ends the update, one that cannot be judged stops it. */
export function measure(
  state: WorkloadState,
  metrics: readonly Metric[],
  prefix: string,
  { measurements }: Observations,
): StepResult {
  const own = measurements.filter(({ hash }) => hash === state.update?.hash);
  const progress = { ...state.metrics };
  for (const metric of metrics) {
    const key = prefix + metric.name;
    for (const measurement of own) progress[key] = measured(progress[key], metric, measurement);
    const { phase, message = "" } = progress[key] ?? {};
    if (phase === "Failed") return { outcome: "stopped", state: aborted({ ...state, metrics: progress }, message) };
    if (phase === "Inconclusive" && !state.promote)
      return {
        outcome: "stopped",
        state: { ...state, metrics: progress, phase: "Paused", message: `InconclusiveAnalysisRun: ${message}` },
      };
  }
  return { outcome: "running", state: { ...state, metrics: progress } };
}

/** The step and its weight stay as they were, to be looked at; the traffic goes back to the stable revision. */
export function aborted(state: WorkloadState, why: string): WorkloadState {
  const message = `RolloutAborted: Rollout aborted update to revision ${state.update?.number ?? 0}: ${why}`;
  return { ...state, aborted: true, promote: false, phase: "Degraded", message };
}
