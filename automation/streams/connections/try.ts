import { probe, type Probed, type ProbeLimits } from "./probe.ts";
import type { Target } from "./targets.ts";

/** A connection with what was found out about it. */
export interface Tried extends Omit<Target, "endpoints"> {
  /** `partly`: some servers of several. `untested`: nobody asked, or nobody can from here. */
  state: "reached" | "partly" | "failed" | "untested" | "unknown";
  endpoints: readonly Probed[];
}

/** Addresses that are asked at a time. */
const AT_A_TIME = 8;

/** Tries every address of some connections, some at a time; each has the whole of its time for itself. */
export async function tryTargets(targets: readonly Target[], limits: ProbeLimits): Promise<Tried[]> {
  const tasks = targets.flatMap((target, index) => target.endpoints.map((endpoint) => ({ index, endpoint })));
  const found: Probed[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < tasks.length; at = next++) {
      const task = tasks[at];
      if (task !== undefined) found[at] = await probe(task.endpoint, limits);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, tasks.length) }, worker));
  return targets.map((target, index) => {
    const endpoints = found.filter((_, at) => tasks[at]?.index === index);
    return { ...target, endpoints, state: stateOf(target, endpoints) };
  });
}

/** Connections as they are when nobody asks. */
export function untried(targets: readonly Target[], why: string): Tried[] {
  return targets.map((target) => {
    const endpoints = target.endpoints.map(({ label }): Probed => ({
      endpoint: label,
      state: "untested",
      stage: null,
      message: why,
      milliseconds: 0,
      tls: null,
    }));
    return { ...target, endpoints, state: stateOf(target, endpoints) };
  });
}

function stateOf({ reach }: Target, endpoints: readonly Probed[]): Tried["state"] {
  if (reach !== "public") return reach === "atlas" ? "untested" : "unknown";
  const has = (state: Probed["state"]) => endpoints.some((one) => one.state === state);
  if (has("failed")) return has("reached") ? "partly" : "failed";
  return has("untested") ? "untested" : "reached";
}
