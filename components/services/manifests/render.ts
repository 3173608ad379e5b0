import { stringify } from "yaml";
import { analysisTemplate } from "./analysis.ts";
import { networkPolicy, serviceAccount, servicesOf } from "./network.ts";
import { autoscaler, disruptionBudget } from "./scaling.ts";
import type { ServiceContext } from "./service.ts";
import { workload } from "./workload.ts";

/** Anything that Kubernetes keeps. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string };
}

/** All objects of one service, always in the same order. */
export function serviceObjects(context: ServiceContext): KubernetesObject[] {
  return [
    serviceAccount(context),
    networkPolicy(context),
    ...servicesOf(context),
    ...analysisTemplate(context),
    workload(context),
    ...autoscaler(context),
    ...disruptionBudget(context),
  ];
}

/** `rollout.yaml`; an object that is not called as its service is has the rest of its name in its file's: `service-canary.yaml`. */
export function fileName(service: string, { kind, metadata }: KubernetesObject): string {
  const rest = (metadata?.name ?? service).slice(service.length);
  return `${kind.toLowerCase()}${rest}.yaml`;
}

/**
 * An object as YAML, keys in the order of the code. Readers in Go follow YAML 1.1, where `yes`, `on` and `0o7` are no texts, so texts that
 * look like something else in either version are quoted.
 */
export function toYaml(object: KubernetesObject): string {
  return stringify(object, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

/** Files of one service by path below the root of the branch: `api/rollout.yaml`. */
export function serviceFiles(context: ServiceContext): Record<string, string> {
  const { name } = context;
  return Object.fromEntries(
    serviceObjects(context).map((object) => [`${name}/${fileName(name, object)}`, toYaml(object)]),
  );
}
