import { createHash } from "node:crypto";

import { block, list, text } from "../types/build.ts";
import { valueAt } from "../types/path.ts";
import type { Properties } from "../types/type-spec.ts";

/** A Kubernetes object as a manifest or the API server writes it. */
export type KubeObject = Properties;

export function nameOf(object: KubeObject): string {
  return text(valueAt(object, "metadata.name")) ?? "";
}

export function spaceOf(object: KubeObject): string {
  return text(valueAt(object, "metadata.namespace")) ?? "";
}

export function kindOf(object: KubeObject): string {
  return text(object["kind"]) ?? "";
}

/** `argoproj.io` of `argoproj.io/v1alpha1`; empty for the core group. */
export function groupOf(object: KubeObject): string {
  const version = text(object["apiVersion"]) ?? "";
  return version.includes("/") ? (version.split("/")[0] ?? "") : "";
}

export function specOf(object: KubeObject): Properties {
  return block(object["spec"]);
}

/** `services/Rollout/api`: one object of a cluster, whatever the version it is written in. */
export function keyOf(object: KubeObject): string {
  return [spaceOf(object), kindOf(object), nameOf(object)].join("/");
}

/** The same text for the same content, whatever the order of its keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const members = entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

/** Ten hexadecimal characters that stand for a pod template, as in the names of ReplicaSets. */
export function templateHash(template: Properties): string {
  return createHash("sha256").update(canonical(template)).digest("hex").slice(0, 10);
}

export function containersOf(template: Properties): Properties[] {
  return list(valueAt(template, "spec.containers")).map(block);
}

/** Images of every workload among the objects, each once, in order. */
export function imagesOf(objects: readonly KubeObject[]): string[] {
  const images = objects.flatMap((object) =>
    containersOf(block(specOf(object)["template"])).flatMap((container) => text(container["image"]) ?? []),
  );
  return [...new Set(images)].sort();
}
