import type { ServiceSettings } from "../settings.ts";

/** One service in its environment, among the services it may talk to. */
export interface ServiceContext {
  name: string;
  environment: string;
  namespace: string;
  settings: ServiceSettings;
  /** All services of the environment, this one among them. */
  services: Readonly<Record<string, ServiceSettings>>;
  /** Where analyses ask for metrics, and the namespace of who collects them. */
  metrics: { address: string; namespace: string };
  /** Whether the service has an AWS identity of its own. */
  hasIdentity: boolean;
}

/** Labels that pick the pods of a service. They never change: a selector cannot. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

/** Labels of every object of a service. */
export function labels(name: string): Record<string, string> {
  return {
    ...selectorLabels(name),
    "app.kubernetes.io/part-of": "slipway",
    "app.kubernetes.io/managed-by": "argocd",
  };
}

/** `metadata` of an object of a service. */
export function metadata({ name, namespace }: ServiceContext, objectName = name) {
  return { name: objectName, namespace, labels: labels(name) };
}
