import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import type { IService, IServiceAccount } from "kubernetes-models/v1";
import { analysisOf } from "../settings.ts";
import { type ServiceContext, metadata, selectorLabels } from "./service.ts";
import { sideService } from "./workload.ts";

type Rules = NonNullable<INetworkPolicy["spec"]>;
type Ingress = NonNullable<Rules["ingress"]>[number];
type Egress = NonNullable<Rules["egress"]>[number];

function service(context: ServiceContext, name: string): IService {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(context, name),
    spec: {
      selector: selectorLabels(context.name),
      ports: [{ name: "http", port: context.settings.port, targetPort: "http" }],
    },
  };
}

/**
 * The service's address, and beside it the new version's own while there is one. Argo Rollouts narrows the selectors that its
 * strategy names: a canary's address keeps picking old and new pods alike, and so the weights are those of the pods.
 */
export function servicesOf(context: ServiceContext): IService[] {
  const side = sideService(context.name, context.settings.delivery);
  return [service(context, context.name), ...(side === undefined ? [] : [service(context, side)])];
}

/** An identity in the cluster without a token of the cluster: services do not talk to the API server. */
export function serviceAccount(context: ServiceContext): IServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(context),
    automountServiceAccountToken: false,
  };
}

const podsOf = (name: string) => ({ podSelector: { matchLabels: selectorLabels(name) } });

function ingress({ name, settings, services, metrics }: ServiceContext): Ingress[] {
  const ports = [{ port: "http" }];
  // The API server's proxy and load balancers come from addresses that no selector picks.
  if (settings.exposed) return [{ ports }];
  const callers = Object.keys(services).filter((other) => services[other]?.calls.includes(name));
  const collector = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": metrics.namespace } } };
  const from = [...callers.map(podsOf), ...(analysisOf(settings.delivery) ? [collector] : [])];
  return from.length === 0 ? [] : [{ from, ports }];
}

/** The agent of EKS Pod Identity on the node, and AWS itself. */
const identityEgress: Egress[] = [
  { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ port: 80 }] },
  { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] },
];

function egress({ settings, services, hasIdentity }: ServiceContext): Egress[] {
  const calls = settings.calls.map((callee) => ({
    to: [podsOf(callee)],
    ports: [{ port: services[callee]?.port ?? 80 }],
  }));
  return [...calls, ...(hasIdentity ? identityEgress : [])];
}

/** Who may ask the service and whom it may ask. The namespace denies everything else but DNS. */
export function networkPolicy(context: ServiceContext): INetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(context),
    spec: {
      podSelector: { matchLabels: selectorLabels(context.name) },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingress(context),
      egress: egress(context),
    },
  };
}
