import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent } from "../shared/component.ts";
import type { Transform } from "../shared/transform.ts";
import { argoCharts, platformRelease } from "./helm.ts";

export interface ArgoCdArgs {
  /** Version of the argo-cd chart. Defaults to the one this component is tested with. */
  chartVersion?: string;
  /** Two of everything and a highly available cache. Defaults to false. */
  highlyAvailable?: boolean;
  transform?: { release?: Transform<k8s.helm.v3.ReleaseArgs> };
}

/** An application is as healthy as its parts; Argo CD leaves this out by default and waves of applications then overtake. */
const applicationHealth = [
  'hs = { status = "Progressing", message = "" }',
  "if obj.status ~= nil and obj.status.health ~= nil then",
  "  hs.status = obj.status.health.status",
  "  if obj.status.health.message ~= nil then hs.message = obj.status.health.message end",
  "end",
  "return hs",
].join("\n");

/** Values of the chart: no local administrator, no shell into pods, nothing that is not used. */
export function argoCdValues(highlyAvailable: boolean): Record<string, unknown> {
  const replicas = highlyAvailable ? 2 : 1;
  return {
    global: { networkPolicy: { create: true, defaultDenyIngress: true } },
    configs: {
      cm: {
        "admin.enabled": "false",
        "exec.enabled": "false",
        "resource.customizations.health.argoproj.io_Application": applicationHealth,
      },
    },
    dex: { enabled: false },
    notifications: { enabled: false },
    "redis-ha": { enabled: highlyAvailable },
    server: { replicas },
    repoServer: { replicas },
    applicationSet: { replicas },
  };
}

/** Argo CD, which pulls the services' manifests from git; nothing outside the cluster ever pushes to it. */
export class ArgoCd extends SlipwayComponent {
  readonly namespace: string = "argocd";
  readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: ArgoCdArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ArgoCd", name, opts);
    this.release = platformRelease(this, name, {
      namespace: this.namespace,
      // The chart's own pods meet "restricted"; its highly available cache only "baseline".
      level: "baseline",
      chart: "argo-cd",
      version: args.chartVersion ?? "8.3.0",
      repository: argoCharts,
      values: argoCdValues(args.highlyAvailable ?? false),
      change: args.transform?.release,
    });
    this.registerOutputs({ namespace: this.namespace });
  }
}
