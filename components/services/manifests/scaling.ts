import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1";
import { isRollout } from "../settings.ts";
import { type ServiceContext, metadata, selectorLabels } from "./service.ts";

/** More pods under load, where the service has an autoscaler. */
export function autoscaler(context: ServiceContext): IHorizontalPodAutoscaler[] {
  const { name, settings } = context;
  if (!settings.autoscaling) return [];
  const target = isRollout(settings)
    ? { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" }
    : { apiVersion: "apps/v1", kind: "Deployment" };
  return [
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: metadata(context),
      spec: {
        scaleTargetRef: { ...target, name },
        minReplicas: settings.replicas,
        maxReplicas: settings.autoscaling.max,
        metrics: [
          {
            type: "Resource",
            resource: {
              name: "cpu",
              target: { type: "Utilization", averageUtilization: settings.autoscaling.cpuPercent },
            },
          },
        ],
      },
    },
  ];
}

/** Nodes are emptied one pod at a time. A single pod gets none: it would keep its node from ever being emptied, or mean nothing. */
export function disruptionBudget(context: ServiceContext): IPodDisruptionBudget[] {
  if (context.settings.replicas < 2) return [];
  return [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: metadata(context),
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(context.name) } },
    },
  ];
}
