import type * as pulumi from "@pulumi/pulumi";

export interface GitSource {
  /** Git URL that Argo CD reads. */
  repository: string;
  /** Folder that holds one folder per service. */
  path: string;
  /** Branch, tag or commit. */
  revision: string;
}

export interface ApplicationSpecArgs {
  service: string;
  project: string;
  environment: string;
  namespace: string;
  git: GitSource;
  /** `<repository>@sha256:…` */
  image: string;
  /** Left out where the overlay or an autoscaler decides. */
  replicas?: number;
}

/** Kinds that a service brings. Anything else, cluster-wide kinds above all, is refused by Argo CD. */
const allowedKinds = [
  { group: "", kind: "ConfigMap" },
  { group: "", kind: "Service" },
  { group: "", kind: "ServiceAccount" },
  { group: "apps", kind: "Deployment" },
  { group: "autoscaling", kind: "HorizontalPodAutoscaler" },
  { group: "networking.k8s.io", kind: "NetworkPolicy" },
  { group: "policy", kind: "PodDisruptionBudget" },
];

/** What Argo CD lets the services do: one repository, one namespace of this cluster, no cluster-wide objects. */
export function projectSpec(namespace: pulumi.Input<string>, git: GitSource): Record<string, unknown> {
  return {
    description: "Services that Slipway delivers",
    sourceRepos: [git.repository],
    destinations: [{ server: "https://kubernetes.default.svc", namespace }],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: allowedKinds,
    orphanedResources: { warn: true },
  };
}

/** One service: its overlay in git, with the image of the release by digest. */
export function applicationSpec(args: ApplicationSpecArgs): Record<string, unknown> {
  const { service, git, environment, replicas } = args;
  return {
    project: args.project,
    source: {
      repoURL: git.repository,
      targetRevision: git.revision,
      path: `${git.path}/${service}/deploy/overlays/${environment}`,
      kustomize: {
        images: [`${service}=${args.image}`],
        ...(replicas !== undefined && { replicas: [{ name: service, count: replicas }] }),
      },
    },
    destination: { server: "https://kubernetes.default.svc", namespace: args.namespace },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
    },
  };
}
