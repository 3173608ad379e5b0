import type { IApplication, IAppProject } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1";
import type * as pulumi from "@pulumi/pulumi";

export interface GitSource {
  /** Git URL that Argo CD reads. */
  repository: string;
  /** Branch that holds one folder of manifests per service, and nothing else. */
  branch: string;
}

/** Where objects go. */
export interface Destination {
  /** Address of a cluster, or its ARN where AWS runs Argo CD. */
  server: string;
  namespace: string;
}

export interface ApplicationSpecArgs {
  service: string;
  project: string;
  destination: Destination;
  git: GitSource;
  /** Whether an autoscaler decides how many pods there are. */
  autoscaled: boolean;
  /** Whether Argo Rollouts runs the pods; otherwise a Deployment does. */
  rollout: boolean;
}

/** The cluster that Argo CD itself runs in. */
export const thisCluster = "https://kubernetes.default.svc";

/** Kinds that a service brings. Anything else, cluster-wide kinds above all, is refused by Argo CD. */
const allowedKinds = [
  { group: "", kind: "Service" },
  { group: "", kind: "ServiceAccount" },
  { group: "apps", kind: "Deployment" },
  { group: "argoproj.io", kind: "AnalysisTemplate" },
  { group: "argoproj.io", kind: "Rollout" },
  { group: "autoscaling", kind: "HorizontalPodAutoscaler" },
  { group: "networking.k8s.io", kind: "NetworkPolicy" },
  { group: "policy", kind: "PodDisruptionBudget" },
];

/** What Argo CD lets the services do: one repository, one namespace of this cluster, no cluster-wide objects. */
export function projectSpec(destination: Destination, git: GitSource): IAppProject["spec"] {
  return {
    description: "Services that Slipway delivers",
    sourceRepos: [git.repository],
    destinations: [destination],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: allowedKinds,
    orphanedResources: { warn: true },
  };
}

/** One service: its folder of the manifests branch. Which image runs is said there and nowhere else. */
export function applicationSpec(args: ApplicationSpecArgs): IApplication["spec"] {
  const { service, git, autoscaled, rollout } = args;
  const kind = rollout ? { group: "argoproj.io", kind: "Rollout" } : { group: "apps", kind: "Deployment" };
  return {
    project: args.project,
    source: {
      repoURL: git.repository,
      targetRevision: git.branch,
      path: service,
      directory: { recurse: false },
    },
    destination: args.destination,
    // The number in the manifest is the one to begin with; from then on the autoscaler has it.
    ...(autoscaled && { ignoreDifferences: [{ ...kind, name: service, jsonPointers: ["/spec/replicas"] }] }),
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      syncOptions: ["ApplyOutOfSyncOnly=true", ...(autoscaled ? ["RespectIgnoreDifferences=true"] : [])],
      retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
    },
  };
}

/** Labels and finalizers of an Application. */
export function applicationMetadata(service: string, namespace: pulumi.Input<string>) {
  return {
    name: service,
    namespace,
    // Deleting the application deletes what it deployed, so no load balancer outlives the cluster.
    finalizers: ["resources-finalizer.argocd.argoproj.io"],
  };
}
