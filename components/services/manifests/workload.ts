import type { IRollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1";
import type { IDeployment } from "kubernetes-models/apps/v1";
import { type Delivery, analysisOf, isRollout } from "../settings.ts";
import { podTemplate } from "./pod.ts";
import { type ServiceContext, metadata, selectorLabels } from "./service.ts";

type Strategy = NonNullable<IRollout["spec"]["strategy"]>;

/** More at once than are to run, never fewer: whoever asks during a delivery is answered. */
const surge = { maxSurge: "25%", maxUnavailable: 0 };
const progressDeadlineSeconds = 300;
const revisions = 3;

/** Name of the service that leads to the new version alone, while there is one. */
export function sideService(name: string, delivery: Delivery): string | undefined {
  if (delivery.strategy === "canary") return `${name}-canary`;
  return delivery.strategy === "blue-green" ? `${name}-preview` : undefined;
}

function analysisRun({ name, settings }: ServiceContext) {
  if (!analysisOf(settings.delivery)) return undefined;
  return {
    templates: [{ templateName: name }],
    // Only the new version's pods are measured: the old one's would hide what it does wrong.
    args: [{ name: "pod-hash", valueFrom: { podTemplateHashValue: "Latest" as const } }],
  };
}

function canary(context: ServiceContext, steps: readonly { weight: number; pauseSeconds: number }[]): Strategy {
  const analysis = analysisRun(context);
  return {
    canary: {
      canaryService: `${context.name}-canary`,
      ...surge,
      // The first step makes the pods; there is nothing to measure before it.
      ...(analysis && { analysis: { ...analysis, startingStep: 1 } }),
      steps: steps.flatMap(({ weight, pauseSeconds }) => [
        { setWeight: weight },
        { pause: { duration: `${pauseSeconds}s` } },
      ]),
    },
  };
}

function blueGreen(context: ServiceContext, delivery: Extract<Delivery, { strategy: "blue-green" }>): Strategy {
  const analysis = analysisRun(context);
  return {
    blueGreen: {
      activeService: context.name,
      previewService: `${context.name}-preview`,
      autoPromotionEnabled: !delivery.approvalRequired,
      scaleDownDelaySeconds: delivery.keepOldSeconds,
      ...(analysis && { prePromotionAnalysis: analysis, postPromotionAnalysis: analysis }),
    },
  };
}

function strategyOf(context: ServiceContext): Strategy {
  const { delivery } = context.settings;
  if (delivery.strategy === "canary") return canary(context, delivery.steps);
  if (delivery.strategy === "blue-green") return blueGreen(context, delivery);
  throw new TypeError("a rolling update has no Rollout");
}

function rollout(context: ServiceContext): IRollout {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: metadata(context),
    spec: {
      replicas: context.settings.replicas,
      revisionHistoryLimit: revisions,
      progressDeadlineSeconds,
      // A version whose pods never become ready goes back as one does whose answers are wrong.
      progressDeadlineAbort: true,
      // The way back takes no steps: what ran before has been measured before.
      rollbackWindow: { revisions },
      selector: { matchLabels: selectorLabels(context.name) },
      strategy: strategyOf(context),
      template: podTemplate(context),
    },
  };
}

function deployment(context: ServiceContext): IDeployment {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(context),
    spec: {
      replicas: context.settings.replicas,
      revisionHistoryLimit: revisions,
      progressDeadlineSeconds,
      selector: { matchLabels: selectorLabels(context.name) },
      strategy: { type: "RollingUpdate", rollingUpdate: surge },
      template: podTemplate(context),
    },
  };
}

/** What runs the pods: a Rollout for canary and blue-green, a Deployment for a rolling update. */
export function workload(context: ServiceContext): IRollout | IDeployment {
  return isRollout(context.settings) ? rollout(context) : deployment(context);
}
