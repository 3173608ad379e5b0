import { compressionNote } from "./time.ts";

export const applicationType = "kubernetes:argoproj.io/v1alpha1:Application";

/** What delivers and runs the services in production, and what takes its place here. */
export const clusterServices = {
  argocd: {
    production: "Argo CD",
    sandbox:
      "reads the manifests branch of the sandbox's own origin, checks kinds, namespaces and names against the project, and applies it as a whole",
  },
  rollouts: {
    production: "Argo Rollouts",
    sandbox:
      `the steps of the manifests, where ${compressionNote}; pods split the traffic; an analysis judges the error rate of requests that the ` +
      "sandbox itself sends, Prometheus is not asked",
  },
  pods: {
    production: "pods of services on Amazon EKS",
    sandbox:
      "one local process per revision stands for all its pods, from the source in the release's image, with the packages of the sandbox; " +
      "limits, autoscaling, network policies and identities are not enforced",
  },
} as const;
