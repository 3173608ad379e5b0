/** The sandbox as the driver sees it; `automation/engine` is its only importer in product code. */
import { Cloud } from "./cloud/cloud.ts";
import type { serveServices as ServeServices } from "./cluster/serve.ts";

export { alarmStates } from "./alarms.ts";
export { atlasApiVariables, atlasLines, startAtlasApi, type AtlasApi } from "./atlas/index.ts";
export { writtenDocuments } from "./atlas/look.ts";
export { simulatedProcessor } from "./atlas/table.ts";
export { missingStreamVariables } from "./atlas/variables.ts";
export { Cloud, type Address, type StoredResource } from "./cloud/cloud.ts";
export { listEvents, type CloudEvent, type Operation } from "./cloud/events.ts";
export type { Fault, FaultKind, NewFault } from "./cloud/faults.ts";
export { driftDelete, driftProperty, type DriftTarget } from "./drift.ts";
export { activeFaults, liftFaults, setFault } from "./faults.ts";
export { promoteRollout } from "./cluster/promote.ts";
export type { ServedServices, ServeOptions } from "./cluster/serve.ts";
export { startKubernetesApi, type KubernetesApi, type KubernetesApiOptions } from "./kubernetes-api.ts";
export {
  environmentOf,
  prepareSandbox,
  simulatedPackages,
  type PrepareOptions,
  type SandboxWorkspace,
} from "./prepare.ts";
export { connectLive, liveEndpoint, stopLive, type LiveCloud } from "./live/connect.ts";
export { ensureSandboxPython, pythonState, type PythonState } from "./live/install.ts";
export { serveLines } from "./live/serve.ts";
export { resetSandbox } from "./reset.ts";
export { posixQuote, shellLines, type ShellOptions } from "./shell.ts";
export { liveLocks, recordedResources, type RecordedResource, type StackLock } from "./state.ts";
export { sandboxStatus, type LiveStatus, type SandboxStatus, type SimulatedType } from "./status.ts";

/** Opens the sandbox's cloud for looking at it; the caller closes it. */
export function openCloud(directory: string): Cloud {
  return new Cloud(directory);
}

/** Runs the services of an environment until they are closed; what is needed for it is loaded only then. */
export async function serveServices(...request: Parameters<typeof ServeServices>) {
  const { servedLines, serveServices: serve } = await import("./cluster/serve.ts");
  const served = await serve(...request);
  return { ...served, lines: servedLines(served) };
}

/** Cluster that holds the Applications of a stack of the sandbox. */
export async function clusterOf(directory: string, stack: string): Promise<string | undefined> {
  const { clusterOf: find } = await import("./cluster/serve.ts");
  return find(directory, stack);
}
