import type { IAnalysisTemplate } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1";
import { analysisOf } from "../settings.ts";
import { type ServiceContext, metadata } from "./service.ts";

/** Shorter ones would hold fewer than the samples that a rate needs: pods are asked every 15 seconds. */
const shortestWindow = 60;

/**
 * Share of the new version's answers that are errors, over one interval. Probes count too, so that a pod that is measured at all has
 * answers; `or vector(0)` is for a version that never answered with an error and so has no such series.
 */
function errorRate(service: string, namespace: string, intervalSeconds: number): string {
  const pods = `namespace="${namespace}",service="${service}",pod_template_hash="{{args.pod-hash}}"`;
  const per = `[${Math.max(intervalSeconds, shortestWindow)}s]`;
  return [
    `(sum(rate(http_requests_total{${pods},status=~"5.."}${per})) or vector(0))`,
    `/ sum(rate(http_requests_total{${pods}}${per}))`,
  ].join("\n");
}

/**
 * When a new version counts as bad. Without answers the rate is NaN (0/0) or there is none at all, and every comparison with NaN is false:
 * `result <= max` alone would call silence a failure and `!(result > max)` a success. Here silence is neither. It is inconclusive, and after
 * as many such measurements as failures would be allowed the delivery stops and waits, which the driver ends by going back.
 */
export function analysisTemplate(context: ServiceContext): IAnalysisTemplate[] {
  const { name, namespace, settings, metrics } = context;
  const analysis = analysisOf(settings.delivery);
  if (!analysis) return [];
  const { maxErrorRate, intervalSeconds, failures } = analysis;
  const measured = "len(result) > 0 && !isNaN(result[0])";
  return [
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "AnalysisTemplate",
      metadata: metadata(context),
      spec: {
        args: [{ name: "pod-hash" }],
        metrics: [
          {
            name: "error-rate",
            interval: `${intervalSeconds}s`,
            // A rate needs two samples: what is asked at once is always silence.
            initialDelay: `${shortestWindow}s`,
            // Beside a canary it runs for as long as that does; before and after a switch it has to end by itself.
            ...(settings.delivery.strategy === "blue-green" && { count: failures }),
            successCondition: `${measured} && result[0] <= ${maxErrorRate}`,
            failureCondition: `${measured} && result[0] > ${maxErrorRate}`,
            // Limits say how many are still borne.
            failureLimit: failures - 1,
            inconclusiveLimit: failures - 1,
            provider: {
              prometheus: { address: metrics.address, query: errorRate(name, namespace, intervalSeconds) },
            },
          },
        ],
      },
    },
  ];
}
