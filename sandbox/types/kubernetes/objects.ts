import { kubernetesObject } from "../../kubernetes/object.ts";
import { block, failures, text } from "../build.ts";
import type { Failure, Properties, TypeSpec } from "../type-spec.ts";
import { applicationStatus, checkApplication, missingProject } from "./argo.ts";

function metadataOf(inputs: Properties): Properties {
  return block(inputs["metadata"]);
}

const subdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

function validName(inputs: Properties, type: string): Failure | undefined {
  const name = text(metadataOf(inputs)["name"]);
  const strict = type === "kubernetes:core/v1:Namespace" || type === "kubernetes:core/v1:Service";
  // Names of roles and bindings are free: `system:node` is one of them.
  if (name === undefined || type.includes(":rbac.") || (strict ? label : subdomain).test(name)) return undefined;
  const kind = strict ? "label" : "subdomain";
  return {
    property: "metadata.name",
    reason: `Invalid value: "${name}": a lowercase RFC 1123 ${kind} must consist of lower case alphanumeric characters or '-'`,
  };
}

function validLabels(inputs: Properties): Failure[] {
  const allowed = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;
  return Object.entries(block(metadataOf(inputs)["labels"]))
    .filter(([, value]) => typeof value === "string" && !allowed.test(value))
    .map(([key, value]) => ({
      property: "metadata.labels",
      reason: `Invalid value for label ${key}: "${String(value)}"`,
    }));
}

/** Selectors of workloads must pick the pods that the template makes. */
function validSelector(inputs: Properties): Failure | undefined {
  if (typeof inputs["spec"] === "symbol") return undefined;
  const spec = block(inputs["spec"]);
  const wanted = Object.entries(block(block(spec["selector"])["matchLabels"]));
  const labels = block(metadataOf(block(spec["template"]))["labels"]);
  const fits = wanted.every(([key, value]) => labels[key] === value || typeof labels[key] === "symbol");
  if (wanted.length > 0 && fits) return undefined;
  return { property: "spec", reason: "`selector` does not match template `labels`" };
}

function workloadStatus(inputs: Properties): Properties {
  const replicas = Number(block(inputs["spec"])["replicas"] ?? 1);
  return { replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas };
}

/** What a kind adds to the objects of an API server in general. */
interface Kind {
  /** Fields the API server never changes in place. */
  immutable?: readonly string[];
  validate?(inputs: Properties): Failure[];
  status?(inputs: Properties): Properties;
  refuseCreate?: TypeSpec["refuseCreate"];
  secretOutputs?: readonly string[];
  fidelity?: string;
}

function objectSpec(type: string, kind: Kind = {}): TypeSpec {
  const { echoed: _echoed, ...base } = kubernetesObject(type);
  return {
    ...base,
    validate: (inputs) => failures(validName(inputs, type), validLabels(inputs), kind.validate?.(inputs)),
    outputs: (inputs, id, context) => ({
      ...base.outputs?.(inputs, id, context),
      ...(kind.status === undefined ? {} : { status: kind.status(inputs) }),
    }),
    replaceOn: [...(base.replaceOn ?? []), ...(kind.immutable ?? [])],
    deleteBeforeReplace: true,
    refuseCreate: (inputs, context) => base.refuseCreate?.(inputs, context) ?? kind.refuseCreate?.(inputs, context),
    ...(kind.secretOutputs === undefined ? {} : { secretOutputs: kind.secretOutputs }),
    fidelity: kind.fidelity ?? base.fidelity,
  };
}

const workload: Kind = {
  immutable: ["spec.selector"],
  validate: (inputs) => failures(validSelector(inputs)),
  status: workloadStatus,
  fidelity: "selector and names checked; reported as ready at once, no pods run",
};

const application: Kind = {
  validate: checkApplication,
  status: applicationStatus,
  refuseCreate: missingProject,
  fidelity:
    "specification and project checked; on record as synced and healthy at once, while its cluster is being asked: as the manifests branch and the services' processes are",
};

export const objectTypes: readonly TypeSpec[] = [
  objectSpec("kubernetes:core/v1:Namespace", { status: () => ({ phase: "Active" }) }),
  objectSpec("kubernetes:core/v1:ConfigMap"),
  objectSpec("kubernetes:core/v1:Secret", { immutable: ["type"], secretOutputs: ["data", "stringData"] }),
  objectSpec("kubernetes:core/v1:Service", { status: () => ({ loadBalancer: {} }) }),
  objectSpec("kubernetes:core/v1:ServiceAccount"),
  objectSpec("kubernetes:apps/v1:Deployment", workload),
  objectSpec("kubernetes:apps/v1:StatefulSet", {
    ...workload,
    immutable: ["spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"],
  }),
  objectSpec("kubernetes:apps/v1:DaemonSet", { ...workload, status: () => ({ numberReady: 0 }) }),
  objectSpec("kubernetes:batch/v1:Job", { immutable: ["spec.selector", "spec.template", "spec.completions"] }),
  objectSpec("kubernetes:networking.k8s.io/v1:NetworkPolicy"),
  objectSpec("kubernetes:networking.k8s.io/v1:Ingress", { status: () => ({ loadBalancer: {} }) }),
  objectSpec("kubernetes:policy/v1:PodDisruptionBudget"),
  objectSpec("kubernetes:autoscaling/v2:HorizontalPodAutoscaler"),
  objectSpec("kubernetes:rbac.authorization.k8s.io/v1:Role"),
  objectSpec("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", { immutable: ["roleRef"] }),
  objectSpec("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"),
  objectSpec("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", { immutable: ["roleRef"] }),
  objectSpec("kubernetes:storage.k8s.io/v1:StorageClass", {
    immutable: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
  }),
  objectSpec("kubernetes:argoproj.io/v1alpha1:AppProject"),
  objectSpec("kubernetes:argoproj.io/v1alpha1:Application", application),
  objectSpec("kubernetes:argoproj.io/v1alpha1:ApplicationSet"),
  objectSpec("kubernetes:argoproj.io/v1alpha1:Rollout", workload),
];
