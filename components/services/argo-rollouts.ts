import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent } from "../shared/component.ts";
import type { Transform } from "../shared/transform.ts";
import { argoCharts, platformRelease } from "./helm.ts";

export interface ArgoRolloutsArgs {
  /** Version of the argo-rollouts chart. Defaults to the one this component is made for. */
  chartVersion?: string;
  /** Two controllers, one of which waits. Defaults to false. */
  highlyAvailable?: boolean;
  transform?: { release?: Transform<k8s.helm.v3.ReleaseArgs> };
}

/** Traffic routers whose objects the controller could change. None is used: weights are those of the pods. */
const routers = [
  "istio",
  "smi",
  "ambassador",
  "awsLoadBalancerController",
  "awsAppMesh",
  "traefik",
  "apisix",
  "contour",
  "glooPlatform",
  "gatewayAPI",
];

/** Values of the chart: the controller alone, restricted, without rights over objects that no strategy here uses. */
export function argoRolloutsValues(highlyAvailable: boolean): Record<string, unknown> {
  return {
    // Taking the definitions away would take every Rollout with them, and with it the services.
    keepCRDs: true,
    dashboard: { enabled: false },
    providerRBAC: { enabled: false, providers: Object.fromEntries(routers.map((router) => [router, false])) },
    podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    controller: {
      replicas: highlyAvailable ? 2 : 1,
      pdb: { enabled: highlyAvailable, maxUnavailable: 1 },
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    },
  };
}

/** Argo Rollouts, which takes services through canary and blue-green and stops them when an analysis fails. */
export class ArgoRollouts extends SlipwayComponent {
  readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: ArgoRolloutsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ArgoRollouts", name, opts);
    this.release = platformRelease(this, name, {
      namespace: "argo-rollouts",
      level: "restricted",
      chart: "argo-rollouts",
      version: args.chartVersion ?? "2.40.9",
      repository: argoCharts,
      values: argoRolloutsValues(args.highlyAvailable ?? false),
      change: args.transform?.release,
    });
    this.registerOutputs({});
  }
}
