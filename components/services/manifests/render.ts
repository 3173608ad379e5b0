import { Document, visit } from "yaml";
import { analysisTemplate } from "./analysis.ts";
import { networkPolicy, serviceAccount, servicesOf } from "./network.ts";
import { autoscaler, disruptionBudget } from "./scaling.ts";
import type { ServiceSettings } from "../settings.ts";
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

/** A text that only YAML 1.2 takes for a number. */
const octal = /^[-+]?0o[0-7]+$/;

/**
 * An object as YAML, keys in the order of the code. Readers in Go follow YAML 1.1, where `yes`, `on` and `1_000` are no texts, with some of
 * YAML 1.2: texts that look like something else in either version are quoted.
 */
export function toYaml(object: KubernetesObject): string {
  const document = new Document(object, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && octal.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  // Without the mark of a version, which not every reader takes.
  return document.toString({ lineWidth: 0, directives: false });
}

/** Services of an environment, and what all of them share. */
export interface ManifestArgs {
  environment: string;
  namespace: string;
  services: Readonly<Record<string, ServiceSettings>>;
  metrics: ServiceContext["metrics"];
  /** Services with an AWS identity of their own. */
  identities: readonly string[];
}

/** Files of one service by path below the root of the branch: `api/rollout.yaml`. */
export function serviceFiles(context: ServiceContext): Record<string, string> {
  const { name } = context;
  return Object.fromEntries(
    serviceObjects(context).map((object) => [`${name}/${fileName(name, object)}`, toYaml(object)]),
  );
}

/** What every service needs to be rendered. */
export function contexts({ identities, ...shared }: ManifestArgs): ServiceContext[] {
  return Object.entries(shared.services).map(([name, settings]) => ({
    ...shared,
    name,
    settings,
    hasIdentity: identities.includes(name),
  }));
}

/** Files of all services by path: the whole of the branch that Argo CD watches. */
export function manifestFiles(args: ManifestArgs): Record<string, string> {
  return Object.fromEntries(contexts(args).flatMap((context) => Object.entries(serviceFiles(context))));
}
