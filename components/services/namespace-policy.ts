import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";

export type PodSecurityLevel = "baseline" | "restricted";

/** Labels by which Kubernetes refuses pods below a level, and warns of and logs what misses the strictest. */
export function podSecurityLabels(level: PodSecurityLevel): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/enforce-version": "latest",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
  };
}

export interface RestrictedNamespaceArgs {
  /** Physical name; manifests in git and network policies have to know it. */
  namespace: string;
}

/** A namespace whose pods run restricted and talk to nobody but the cluster's DNS until a policy of their own says more. */
export class RestrictedNamespace extends SlipwayComponent {
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: RestrictedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("RestrictedNamespace", name, opts);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace, labels: podSecurityLabels("restricted") } },
      childOf(this),
    );
    this.namespace = namespace.metadata.name;
    new k8s.networking.v1.NetworkPolicy(
      `${name}-default-deny`,
      {
        metadata: { name: "default-deny", namespace: this.namespace },
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      childOf(this),
    );
    new k8s.networking.v1.NetworkPolicy(
      `${name}-allow-dns`,
      {
        metadata: { name: "allow-dns", namespace: this.namespace },
        spec: {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
                },
              ],
              ports: [
                { protocol: "UDP", port: 53 },
                { protocol: "TCP", port: 53 },
              ],
            },
          ],
        },
      },
      childOf(this),
    );
    this.registerOutputs({ namespace: this.namespace });
  }
}
