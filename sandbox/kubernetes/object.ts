import type { Behaviour } from "../operations/behaviours.ts";
import { isUnknown } from "../unknown.ts";
import { valueAt } from "../types/path.ts";
import type { CloudResource, Properties, TypeContext } from "../types/type-spec.ts";

/** Kinds that belong to the cluster rather than to a namespace. */
export const clusterKinds: ReadonlySet<string> = new Set([
  "APIService",
  "CSIDriver",
  "ClusterRole",
  "ClusterRoleBinding",
  "ClusterSecretStore",
  "ClusterIssuer",
  "CustomResourceDefinition",
  "EC2NodeClass",
  "GatewayClass",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "NodeClass",
  "NodePool",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/** Namespaces that every cluster is born with. */
export const builtInNamespaces: ReadonlySet<string> = new Set([
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
]);

export const namespaceType = "kubernetes:core/v1:Namespace";
export const releaseType = "kubernetes:helm.sh/v3:Release";

/** What all objects of a cluster have in common: names unique per kind and namespace, and the namespace must exist. */
export function kubernetesObject(type: string): Behaviour {
  const kind = type.split(":").pop() ?? "";
  const namespaced = !clusterKinds.has(kind);
  return {
    type,
    echoed: false,
    fidelity: "object semantics of an API server: names, namespaces, immutable metadata; no controllers",
    autoName: { property: "metadata.name", maxLength: 63 },
    unique: {
      properties: namespaced ? ["metadata.namespace", "metadata.name"] : ["metadata.name"],
      error: (inputs) => `${kind.toLowerCase()} "${String(valueAt(inputs, "metadata.name"))}" already exists`,
    },
    replaceOn: ["apiVersion", "kind", "metadata.name", "metadata.namespace"],
    id: (inputs) => objectId(inputs, namespaced),
    outputs: (inputs, _id, context) => ({ metadata: metadataOf(inputs, namespaced, context) }),
    computed: ["status"],
    refuseCreate: (inputs, context) => (namespaced ? missingNamespace(inputs, context) : undefined),
  };
}

function objectId(inputs: Properties, namespaced: boolean): string {
  const name = String(valueAt(inputs, "metadata.name"));
  return namespaced ? `${namespaceOf(inputs)}/${name}` : name;
}

export function namespaceOf(inputs: Properties): string {
  const namespace = valueAt(inputs, "metadata.namespace");
  return typeof namespace === "string" && namespace !== "" ? namespace : "default";
}

function metadataOf(inputs: Properties, namespaced: boolean, context: TypeContext): Properties {
  const given = (inputs["metadata"] ?? {}) as Properties;
  return {
    ...given,
    ...(namespaced ? { namespace: namespaceOf(inputs) } : {}),
    uid: context.suffix(32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
    creationTimestamp: context.now(),
  };
}

function missingNamespace(inputs: Properties, context: TypeContext): string | undefined {
  const namespace = namespaceOf(inputs);
  if (isUnknown(namespace) || namespaceExists(namespace, context)) return undefined;
  return `namespaces "${namespace}" not found`;
}

/** Namespaces are objects of their own, or come with a Helm release that may create its one. */
export function namespaceExists(namespace: string, context: TypeContext): boolean {
  if (builtInNamespaces.has(namespace)) return true;
  if (context.find(namespaceType).some((found) => valueAt(found.inputs, "metadata.name") === namespace)) return true;
  return context.find(releaseType).some((release) => createsNamespace(release, namespace));
}

function createsNamespace({ inputs }: CloudResource, namespace: string): boolean {
  return inputs["createNamespace"] === true && inputs["namespace"] === namespace;
}
