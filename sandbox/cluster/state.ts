import type { MetricProgress, Measurement } from "./analysis.ts";
import type { Properties } from "../types/type-spec.ts";

/** One pod template of a workload, with its number in the order of appearance. */
export interface Revision {
  hash: string;
  number: number;
  template: Properties;
}

export type Phase = "Healthy" | "Progressing" | "Paused" | "Degraded";

/** What the controller remembers of one Rollout or Deployment. */
export interface WorkloadState {
  /** Highest number a revision got. */
  revisions: number;
  /** What serves: absent until the first revision was ready. */
  stable?: Revision;
  /** What is being brought in. */
  update?: Revision;
  /** Of the canary's steps, the one it is at; for blue-green, 0 before the switch and 1 after it. */
  step: number;
  /** Milliseconds since the epoch: when the step, or the wait for the pods, began. */
  since: number;
  phase: Phase;
  message: string;
  /** The update was given up; it stays so until the manifests change. */
  aborted: boolean;
  /** Somebody asked to go on from the pause. */
  promote: boolean;
  /** By name, those of an inline analysis after the number of their step. */
  metrics: Readonly<Record<string, MetricProgress>>;
  /** Hashes that were stable before, the latest last. */
  history: readonly string[];
  /** What blue-green keeps for a quick way back. */
  old?: { revision: Revision; until: number };
}

/** What the pods of one revision are seen to do. */
export interface PodObservation {
  ready: boolean;
  /** When it was started, in milliseconds since the epoch. */
  since: number;
  /** Why it will not get ready, and since when that is known. */
  failure?: { reason: string; since: number };
}

/** Everything that an advance depends on besides state and manifests. */
export interface Observations {
  now: number;
  /** By template hash. */
  pods: Readonly<Record<string, PodObservation>>;
  measurements: readonly Measurement[];
  /** No processes here: whatever is wanted is there at once. */
  simulated: boolean;
}

export function initialState(now: number): WorkloadState {
  return {
    revisions: 0,
    step: 0,
    since: now,
    phase: "Progressing",
    message: "",
    aborted: false,
    promote: false,
    metrics: {},
    history: [],
  };
}

const remembered = 10;

/** The update becomes what serves. */
export function promoted(state: WorkloadState, now: number): WorkloadState {
  const { update, stable, ...rest } = state;
  if (update === undefined) return state;
  const history = stable === undefined ? state.history : [...state.history, stable.hash].slice(-remembered);
  return { ...rest, stable: update, history, step: 0, since: now, promote: false, phase: "Healthy", message: "" };
}
