import { measure, unfinished } from "./canary.ts";
import { promoted, type Observations, type WorkloadState } from "./state.ts";
import { compressed } from "./time.ts";
import type { Strategy } from "./workload.ts";

type BlueGreen = Extract<Strategy, { kind: "blueGreen" }>;

/** Takes a blue-green update as far as it may go by now; its pods are ready and serve the preview. Step 0 is before the switch, 1 after it. */
export function blueGreen(before: WorkloadState, strategy: BlueGreen, seen: Observations): WorkloadState {
  const [metrics, prefix] = before.step === 0 ? [strategy.analysis, ""] : [strategy.after, "after/"];
  const judged = measure(before, metrics, prefix, seen);
  if (judged.outcome !== "running") return judged.state;
  const { state } = judged;
  const running = unfinished(metrics, state, prefix);
  if (running !== undefined) return { ...state, ...running };
  if (state.step > 0) return switched(state, strategy, seen.now);
  const { automatic, automaticAfter } = strategy;
  const due = automaticAfter === undefined ? automatic : seen.now - state.since >= compressed(automaticAfter);
  if (!due && !state.promote) return { ...state, phase: "Paused", message: "BlueGreenPause: waits for its promotion" };
  if (strategy.after.length === 0) return switched(state, strategy, seen.now);
  return {
    ...state,
    step: 1,
    since: seen.now,
    promote: false,
    phase: "Progressing",
    message: "the analysis after the switch runs",
  };
}

/** The new revision serves, and the old one stays for a while. */
function switched(state: WorkloadState, { keepOldSeconds }: BlueGreen, now: number): WorkloadState {
  const old = state.stable && { revision: state.stable, until: now + compressed(keepOldSeconds) };
  return { ...promoted(state, now), ...(old === undefined ? {} : { old }) };
}
