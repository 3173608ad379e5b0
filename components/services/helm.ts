import * as k8s from "@pulumi/kubernetes";
import { type SlipwayComponent, childOf } from "../shared/component.ts";
import { type Transform, transform } from "../shared/transform.ts";
import { type PodSecurityLevel, podSecurityLabels } from "./namespace-policy.ts";

export const argoCharts = "https://argoproj.github.io/argo-helm";

export interface PlatformRelease {
  namespace: string;
  /** What the chart's pods keep to. */
  level: PodSecurityLevel;
  chart: string;
  version: string;
  repository: string;
  values: Record<string, unknown>;
  change?: Transform<k8s.helm.v3.ReleaseArgs> | undefined;
}

/** A part of the platform that comes as a Helm chart: its namespace, and the release in it, all or nothing. */
export function platformRelease(parent: SlipwayComponent, name: string, args: PlatformRelease): k8s.helm.v3.Release {
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: args.namespace, labels: podSecurityLabels(args.level) } },
    childOf(parent),
  );
  return new k8s.helm.v3.Release(
    ...transform(
      args.change,
      `${name}-release`,
      {
        name: args.chart,
        chart: args.chart,
        version: args.version,
        repositoryOpts: { repo: args.repository },
        namespace: args.namespace,
        values: args.values,
        atomic: true,
        timeout: 600,
      },
      childOf(parent, { dependsOn: [namespace] }),
    ),
  );
}
