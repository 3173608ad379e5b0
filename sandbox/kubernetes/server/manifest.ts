import { text } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { namespaceOf, releaseType } from "../object.ts";

/** An object as the API server takes it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  name: string;
  /** Where it is, should its kind belong to namespaces. */
  namespace: string;
  object: Properties;
  /** Whose fields they are, where it is not the program. */
  manager?: string;
  /** False for what stays when the resource goes. */
  deletable: boolean;
}

/** Modules of the SDK that are not groups of an API server. */
const foreignModules = /^(helm\.sh|yaml|kustomize)\b/;

/** What a resource is to an API server; undefined for what is nothing to it: charts, lists, and patches of what others made. */
export function manifestOf(type: string, inputs: Properties): Manifest | undefined {
  if (type === releaseType) return releaseNamespace(inputs);
  const [packageName, module = "", token = ""] = type.split(":");
  if (packageName !== "kubernetes" || foreignModules.test(module) || /(Patch|List)$/.test(token)) return undefined;
  const apiVersion = text(inputs["apiVersion"]) ?? module.replace(/^core\//, "");
  const kind = text(inputs["kind"]) ?? token;
  const name = text((inputs["metadata"] as Properties | undefined)?.["name"]);
  if (name === undefined) return undefined;
  return {
    apiVersion,
    kind,
    name,
    namespace: namespaceOf(inputs),
    object: { ...inputs, apiVersion, kind },
    deletable: true,
  };
}

/** Helm makes the namespace where it is missing, leaves one that is there as it is, and never deletes it. */
function releaseNamespace(inputs: Properties): Manifest | undefined {
  const name = text(inputs["namespace"]);
  if (inputs["createNamespace"] !== true || name === undefined) return undefined;
  const head = { apiVersion: "v1", kind: "Namespace" };
  return { ...head, name, namespace: "", object: { ...head, metadata: { name } }, manager: "helm", deletable: false };
}

/** Namespaces and new kinds before what needs them, else in the order given. */
export function inOrder(manifests: readonly Manifest[]): Manifest[] {
  const rank = ({ kind }: Manifest) => (kind === "Namespace" ? 0 : kind === "CustomResourceDefinition" ? 1 : 2);
  return [...manifests].sort((a, b) => rank(a) - rank(b));
}

/** How a server serves a kind. */
export interface ServedKind {
  kind: string;
  /** Plural; parts of an object, such as its status, have a slash. */
  name: string;
  namespaced: boolean;
}

/** The path of the list of kinds in one version of a group. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The address of one object. */
export function objectPath({ apiVersion, namespace, name }: Manifest, served: ServedKind): string {
  const place = served.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${groupPath(apiVersion)}${place}/${served.name}/${encodeURIComponent(name)}`;
}
