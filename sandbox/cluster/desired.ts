import { parseAllDocuments } from "yaml";

import { clusterKinds } from "../kubernetes/object.ts";
import { block, list, text } from "../types/build.ts";
import type { Properties } from "../types/type-spec.ts";
import { groupOf, keyOf, kindOf, nameOf, spaceOf, type KubeObject } from "./objects.ts";

/** What an Application's source says it should be, or why that cannot be told (`ComparisonError`) or applied (`SyncError`). */
export interface Desired {
  objects: KubeObject[];
  problem?: { type: "ComparisonError" | "SyncError" | "InvalidSpecError"; message: string };
}

/** Reads manifests as Argo CD does for a plain directory, then asks the project whether each may be applied. */
export function desiredObjects(
  application: Properties,
  project: Properties | undefined,
  files: Readonly<Record<string, string>>,
): Desired {
  const spec = block(application["spec"]);
  const namespace = text(block(spec["destination"])["namespace"]) ?? "default";
  const parsed = parseFiles(files, namespace);
  if (typeof parsed === "string") return { objects: [], problem: { type: "ComparisonError", message: parsed } };
  const duplicate = firstDuplicate(parsed);
  if (duplicate !== undefined)
    return {
      objects: [],
      problem: { type: "ComparisonError", message: `${duplicate} appeared 2 times among application resources` },
    };
  const refused = refusals(application, project, parsed);
  return refused.length === 0
    ? { objects: parsed }
    : { objects: parsed, problem: { type: "SyncError", message: refused.join("; ") } };
}

function parseFiles(files: Readonly<Record<string, string>>, namespace: string): KubeObject[] | string {
  const objects: KubeObject[] = [];
  for (const [file, content] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const document of parseAllDocuments(content, { uniqueKeys: true })) {
      const [error] = document.errors;
      if (error !== undefined) return `${file}: ${error.message.split("\n")[0] ?? "not YAML"}`;
      const value = contentOf(document);
      if (value === undefined) return `${file}: its aliases grow without end`;
      if (value === null) continue;
      const object = block(value);
      if (kindOf(object) === "" || text(object["apiVersion"]) === undefined || nameOf(object) === "")
        return `${file}: not a Kubernetes object: apiVersion, kind and metadata.name are required`;
      objects.push(inNamespace(object, namespace));
    }
  }
  return objects;
}

/** Null for an empty document; undefined where its aliases would make too much of it. */
function contentOf(document: { toJS(options: { maxAliasCount: number }): unknown }): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 }) ?? null;
  } catch {
    return undefined;
  }
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  if (clusterKinds.has(kindOf(object))) return object;
  const metadata = block(object["metadata"]);
  return { ...object, metadata: { ...metadata, namespace: text(metadata["namespace"]) ?? namespace } };
}

function firstDuplicate(objects: readonly KubeObject[]): string | undefined {
  const seen = new Set<string>();
  return objects.map((object) => `${groupOf(object)}/${keyOf(object)}`).find((key) => seen.has(key) || !seen.add(key));
}

/** Why a project does not permit what its Application wants, in Argo CD's words. */
function refusals(application: Properties, project: Properties | undefined, objects: readonly KubeObject[]): string[] {
  const spec = block(application["spec"]);
  const name = text(spec["project"]) ?? "default";
  if (project === undefined)
    return name === "default" ? [] : [`application references project ${name} which does not exist`];
  const rules = block(project["spec"]);
  const repository = text(block(spec["source"])["repoURL"]) ?? "";
  if (!list(rules["sourceRepos"]).some((pattern) => fits(pattern, repository)))
    return [`application repo ${repository} is not permitted in project '${name}'`];
  const server = text(block(spec["destination"])["server"]);
  return objects.flatMap((object) => {
    const shown = `${groupOf(object)}:${kindOf(object)}`;
    if (!kindAllowed(rules, object)) return [`resource ${shown} is not permitted in project ${name}`];
    if (spaceOf(object) === "") return [];
    const allowed = list(rules["destinations"]).map(block);
    return allowed.some(
      (to) => fits(to["namespace"], spaceOf(object)) && (server === undefined || fits(to["server"] ?? "*", server)),
    )
      ? []
      : [`namespace ${spaceOf(object)} is not permitted in project '${name}'`];
  });
}

function kindAllowed(rules: Properties, object: KubeObject): boolean {
  const clusterWide = clusterKinds.has(kindOf(object));
  const allowed = rules[clusterWide ? "clusterResourceWhitelist" : "namespaceResourceWhitelist"];
  const denied = rules[clusterWide ? "clusterResourceBlacklist" : "namespaceResourceBlacklist"];
  const among = (rule: unknown) =>
    list(rule)
      .map(block)
      .some(({ group, kind }) => fits(group, groupOf(object)) && fits(kind, kindOf(object)));
  // Namespaced kinds are all allowed where the project lists none; cluster-wide ones are all refused.
  return !among(denied) && (among(allowed) || (!clusterWide && allowed === undefined));
}

function fits(pattern: unknown, value: string): boolean {
  if (typeof pattern !== "string") return false;
  const expression = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${expression.join(".*")}$`).test(value);
}
