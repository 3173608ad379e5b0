import type { Model, Status } from "./api.ts";

/** Everything that the page shows. */
export interface State {
  /** Whether an answer is being waited for. */
  loading: boolean;
  models: Model[] | undefined;
  status: Status | undefined;
  /** When `models` came. */
  updated: Date | undefined;
  /** Why the last list did not come; the list before it stays. */
  problem: string | undefined;
  /** Why there is no status. */
  statusProblem: string | undefined;
}

export type Event =
  { type: "asked" } | { type: "answered"; models: Outcome<Model[]>; status: Outcome<Status>; at: Date };

/** An answer, or why there is none. */
export type Outcome<T> = { value: T } | { problem: string };

export const initial: State = {
  loading: false,
  models: undefined,
  status: undefined,
  updated: undefined,
  problem: undefined,
  statusProblem: undefined,
};

/** The next state of the page. */
export function reduce(state: State, event: Event): State {
  if (event.type === "asked") return { ...state, loading: true };
  const list =
    "value" in event.models
      ? { models: event.models.value, updated: event.at, problem: undefined }
      : { problem: event.models.problem };
  // Old figures beside a new list would be taken for new ones.
  const status =
    "value" in event.status
      ? { status: event.status.value, statusProblem: undefined }
      : { status: undefined, statusProblem: event.status.problem };
  return { ...state, ...list, ...status, loading: false };
}

/** One sentence for people who do not see the page change. */
export function announcement(state: State): string {
  if (state.problem !== undefined) return state.problem;
  if (state.models === undefined) return state.loading ? "Loading models." : "";
  const { length } = state.models;
  return length === 0
    ? "No models are registered."
    : `${length} model ${length === 1 ? "version" : "versions"} listed.`;
}
