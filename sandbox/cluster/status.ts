import { block } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import { podsOf, weightAt } from "./pod-counts.ts";
import type { WorkloadState } from "./state.ts";
import type { Workload } from "./workload.ts";

/** Health as Argo CD gives it to an object or a whole Application. */
export interface Health {
  status: "Healthy" | "Suspended" | "Progressing" | "Missing" | "Degraded" | "Unknown";
  message?: string;
}

/** How to go on from a pause, for whoever reads the health of it. */
const promotionHint = (workload: Workload, cluster: string) =>
  `./slipway sandbox promote ${cluster} ${workload.namespace}/${workload.name}`;

/** Health of a workload, as Argo CD reads it from its status. */
export function healthOf(state: WorkloadState | undefined, workload: Workload, cluster: string): Health {
  if (state === undefined) return { status: "Progressing", message: "waiting for its controller" };
  const { phase, message } = state;
  if (phase !== "Paused") return message === "" ? { status: phase } : { status: phase, message };
  const hint = message.endsWith("waits for its promotion") ? `; ${promotionHint(workload, cluster)}` : "";
  return { status: "Suspended", message: `${message}${hint}` };
}

/** From the best to the worst: an Application is as healthy as the worst of its objects. */
const order: readonly Health["status"][] = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"];

export function worst(healths: readonly Health[]): Health {
  return healths.reduce<Health>(
    (found, each) => (order.indexOf(each.status) > order.indexOf(found.status) ? each : found),
    {
      status: "Healthy",
    },
  );
}

/** Status of a Deployment or Rollout, in the words of its API. */
export function workloadStatus(
  state: WorkloadState | undefined,
  workload: Workload,
  ready: (hash: string) => boolean,
): Properties {
  if (state === undefined) return { replicas: 0 };
  const sets = podsOf(state, workload);
  const count = (wanted: (set: (typeof sets)[number]) => boolean) =>
    sets.filter(wanted).reduce((sum, set) => sum + set.count, 0);
  const updated = (state.update ?? state.stable)?.hash;
  const replicas = {
    replicas: count(() => true),
    updatedReplicas: count(({ revision }) => revision.hash === updated),
    readyReplicas: count(({ revision }) => ready(revision.hash)),
    availableReplicas: count(({ revision }) => ready(revision.hash)),
  };
  if (workload.kind === "Deployment") return { ...replicas, conditions: deploymentConditions(state) };
  return { ...replicas, ...rolloutStatus(state, workload) };
}

function deploymentConditions({ phase, message }: WorkloadState): Properties[] {
  const overdue = phase === "Degraded";
  return [
    { type: "Available", status: phase === "Healthy" ? "True" : "False" },
    {
      type: "Progressing",
      status: overdue ? "False" : "True",
      reason: overdue ? "ProgressDeadlineExceeded" : "NewReplicaSetAvailable",
      message,
    },
  ];
}

function rolloutStatus(state: WorkloadState, workload: Workload): Properties {
  const { phase, message, stable, update, aborted } = state;
  const { strategy } = workload;
  const common = {
    phase,
    ...(message === "" ? {} : { message }),
    ...(aborted ? { abort: true } : {}),
    stableRS: stable?.hash ?? "",
    currentPodHash: (update ?? stable)?.hash ?? "",
    ...(phase === "Paused" ? { pauseConditions: [{ reason: message.split(":")[0] ?? message }] } : {}),
  };
  if (strategy.kind === "blueGreen")
    return {
      ...common,
      blueGreen: { activeSelector: stable?.hash ?? "", previewSelector: (update ?? stable)?.hash ?? "" },
    };
  if (strategy.kind !== "canary") return common;
  const step = update === undefined ? strategy.steps.length : state.step;
  const weight = weightAt(strategy.steps, step);
  const weights = {
    canary: { weight: update === undefined ? 0 : weight, podTemplateHash: (update ?? stable)?.hash ?? "" },
    stable: { weight: update === undefined ? 100 : 100 - weight, podTemplateHash: stable?.hash ?? "" },
  };
  const runs = Object.entries(state.metrics).map(([name, result]) => ({ name, ...result }));
  return { ...common, currentStepIndex: step, canary: { weights, ...(runs.length === 0 ? {} : { metrics: runs }) } };
}

/** An object with the status of its kind; what has none is taken as it is. */
export function withStatus(object: Properties, status: Properties): Properties {
  return { ...object, status: { ...block(object["status"]), ...status } };
}
