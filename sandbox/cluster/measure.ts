import type { Measurement } from "./analysis.ts";
import { activeMetrics } from "./canary.ts";
import { statusOf } from "./http.ts";
import type { Pod } from "./pod.ts";
import type { Traffic } from "./router.ts";
import type { WorkloadState } from "./state.ts";
import { compressed } from "./time.ts";
import type { Workload } from "./workload.ts";

/** GET requests of one measurement. The sandbox has no users, so it asks itself. */
const requestsPerMeasurement = 12;
/** Rounds follow each other at least this far apart, however short the interval becomes. */
const shortestIntervalMs = 50;

/** Milliseconds between two measurements of the update; undefined where nothing is to be measured now. */
export function measuringInterval(state: WorkloadState, workload: Workload): number | undefined {
  if (state.update === undefined || state.stable === undefined || state.aborted) return undefined;
  const metrics = activeMetrics(workload.strategy, state.step).flatMap((active) => active.metrics);
  if (metrics.length === 0) return undefined;
  return Math.max(shortestIntervalMs, compressed(Math.min(...metrics.map(({ interval }) => interval))));
}

/** Asks a revision by its probe paths in turn, and adds what its services saw meanwhile. */
export async function measureRevision(pod: Pod, hash: string, seen: () => Traffic): Promise<Measurement> {
  const { probePaths } = pod.container;
  let errors = 0;
  for (let at = 0; at < requestsPerMeasurement; at += 1) {
    const { port } = pod;
    const status = port === undefined ? undefined : await statusOf(port, probePaths[at % probePaths.length] ?? "/");
    if (status === undefined || status >= 500) errors += 1;
  }
  const others = seen();
  return { hash, requests: requestsPerMeasurement + others.requests, errors: errors + others.errors };
}
