import { block } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Measurement } from "./analysis.ts";
import { activeMetrics } from "./canary.ts";
import { readJson, statusOf } from "./http.ts";
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

/** Paths to ask a pod for: those of its annotation, else what its own OpenAPI document offers to anybody, else its readiness. */
export async function pathsOf(pod: Pick<Pod, "container" | "port">): Promise<readonly string[]> {
  const { probePaths, readinessPath = "/" } = pod.container;
  if (probePaths.length > 0 || pod.port === undefined) return probePaths;
  const document = await readJson(pod.port, "/openapi.json");
  const offered = Object.entries(block(block(document)["paths"])).filter(([path, methods]) =>
    isOpen(path, block(methods)),
  );
  return offered.length > 0 ? offered.map(([path]) => path) : [readinessPath];
}

/** A GET that needs nothing to be known; metrics are for machines. */
function isOpen(path: string, methods: Properties): boolean {
  const parameters = [methods["parameters"], block(methods["get"])["parameters"]].flat();
  const needsMore = parameters.some((parameter) => block(parameter)["required"] === true);
  return methods["get"] !== undefined && !path.includes("{") && path !== "/metrics" && !needsMore;
}

/** Asks a revision by these paths in turn, and adds what its services saw meanwhile. */
export async function measureRevision(pod: Pod, hash: string, seen: () => Traffic): Promise<Measurement> {
  const paths = await pathsOf(pod);
  let errors = 0;
  for (let at = 0; at < requestsPerMeasurement; at += 1) {
    const { port } = pod;
    const status = port === undefined ? undefined : await statusOf(port, paths[at % paths.length] ?? "/");
    if (status === undefined || status >= 500) errors += 1;
  }
  const others = seen();
  return { hash, requests: requestsPerMeasurement + others.requests, errors: errors + others.errors };
}
