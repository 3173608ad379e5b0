import { block, list, text } from "../types/build.ts";
import { valueAt } from "../types/path.ts";
import type { Properties } from "../types/type-spec.ts";
import { metricsOf, type Metric } from "./analysis.ts";
import { groupOf, keyOf, kindOf, nameOf, spaceOf, specOf, templateHash, type KubeObject } from "./objects.ts";
import { durationSeconds } from "./time.ts";

export type Step =
  | { kind: "setWeight"; weight: number }
  /** Without seconds it waits for somebody to promote. */
  | { kind: "pause"; seconds?: number }
  | { kind: "analysis"; metrics: Metric[] }
  | { kind: "unknown"; text: string };

export type Strategy =
  | { kind: "rolling" }
  | {
      kind: "canary";
      steps: Step[];
      background: Metric[];
      /** Step from which on the background analysis runs. */
      backgroundFrom: number;
      maxSurge: number;
      stableService?: string;
      canaryService?: string;
    }
  | {
      kind: "blueGreen";
      automatic: boolean;
      /** Promotes by itself after so many seconds of production. */
      automaticAfter?: number;
      keepOldSeconds: number;
      /** Before the switch, and after it. */
      analysis: Metric[];
      after: Metric[];
      activeService?: string;
      previewService?: string;
    };

/** A Rollout or Deployment as its controller reads it. */
export interface Workload {
  key: string;
  kind: string;
  name: string;
  namespace: string;
  replicas: number;
  template: Properties;
  hash: string;
  strategy: Strategy;
  progressDeadlineSeconds: number;
  /** An update whose pods do not get ready in time is given up, and not only reported. */
  abortsAtDeadline: boolean;
  /** Going back to one of so many revisions before takes no steps. */
  rollbackWindow: number;
}

/** The Rollouts and Deployments among a cluster's objects. */
export function workloadsOf(objects: readonly KubeObject[]): Workload[] {
  return objects.filter(isWorkload).map((object) => workloadOf(object, objects));
}

function isWorkload(object: KubeObject): boolean {
  const kind = `${groupOf(object)}/${kindOf(object)}`;
  return kind === "argoproj.io/Rollout" || kind === "apps/Deployment";
}

function workloadOf(object: KubeObject, objects: readonly KubeObject[]): Workload {
  const spec = specOf(object);
  const template = block(spec["template"]);
  const replicas = replicasOf(object, objects);
  const templates = objects.filter(
    (other) => kindOf(other) === "AnalysisTemplate" && spaceOf(other) === spaceOf(object),
  );
  return {
    key: keyOf(object),
    kind: kindOf(object),
    name: nameOf(object),
    namespace: spaceOf(object),
    replicas,
    template,
    hash: templateHash(template),
    strategy: strategyOf(block(spec["strategy"]), replicas, templates),
    progressDeadlineSeconds: durationSeconds(spec["progressDeadlineSeconds"]) ?? 600,
    abortsAtDeadline: spec["progressDeadlineAbort"] === true,
    rollbackWindow: Number(valueAt(spec, "rollbackWindow.revisions") ?? 0),
  };
}

/** What the workload says; where an autoscaler decides, its minimum, as nothing here is ever under load. */
function replicasOf(object: KubeObject, objects: readonly KubeObject[]): number {
  const own = specOf(object)["replicas"];
  if (typeof own === "number") return own;
  const scaler = objects.find((other) => {
    const target = block(specOf(other)["scaleTargetRef"]);
    return (
      kindOf(other) === "HorizontalPodAutoscaler" &&
      spaceOf(other) === spaceOf(object) &&
      target["name"] === nameOf(object)
    );
  });
  const minimum = scaler && specOf(scaler)["minReplicas"];
  return typeof minimum === "number" ? minimum : 1;
}

function strategyOf(strategy: Properties, replicas: number, templates: readonly KubeObject[]): Strategy {
  if (strategy["canary"] !== undefined) return canaryOf(block(strategy["canary"]), replicas, templates);
  if (strategy["blueGreen"] === undefined) return { kind: "rolling" };
  const given = block(strategy["blueGreen"]);
  const after = durationSeconds(given["autoPromotionSeconds"]);
  return {
    kind: "blueGreen",
    automatic: given["autoPromotionEnabled"] !== false,
    ...(after === undefined ? {} : { automaticAfter: after }),
    // The default of Argo Rollouts: https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/
    keepOldSeconds: durationSeconds(given["scaleDownDelaySeconds"]) ?? 30,
    analysis: metricsOf(given["prePromotionAnalysis"], templates),
    after: metricsOf(given["postPromotionAnalysis"], templates),
    ...named(given, "activeService"),
    ...named(given, "previewService"),
  };
}

function canaryOf(given: Properties, replicas: number, templates: readonly KubeObject[]): Strategy {
  const analysis = block(given["analysis"]);
  return {
    kind: "canary",
    steps: list(given["steps"]).map((step) => stepOf(block(step), templates)),
    background: metricsOf(analysis, templates),
    backgroundFrom: Number(analysis["startingStep"] ?? 0),
    maxSurge: surge(given["maxSurge"] ?? "25%", replicas),
    ...named(given, "stableService"),
    ...named(given, "canaryService"),
  };
}

function named<K extends string>(given: Properties, key: K): { [key in K]?: string } {
  const value = text(given[key]);
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: string });
}

function stepOf(step: Properties, templates: readonly KubeObject[]): Step {
  if (typeof step["setWeight"] === "number") return { kind: "setWeight", weight: step["setWeight"] };
  if ("pause" in step) {
    const seconds = durationSeconds(valueAt(step, "pause.duration"));
    return seconds === undefined ? { kind: "pause" } : { kind: "pause", seconds };
  }
  if (step["analysis"] !== undefined) return { kind: "analysis", metrics: metricsOf(step["analysis"], templates) };
  return { kind: "unknown", text: Object.keys(step).join(", ") };
}

function surge(value: unknown, replicas: number): number {
  if (typeof value === "number") return value;
  const share = /^(\d+)%$/.exec(text(value) ?? "");
  return share === null ? Number(value) || 0 : Math.ceil((Number(share[1]) / 100) * replicas);
}
