/** Newest builds of the common add-ons, without the part that follows the version of Kubernetes. */
const builds: Readonly<Record<string, string>> = {
  "vpc-cni": "v1.21.1-eksbuild.1",
  coredns: "v1.12.4-eksbuild.1",
  "eks-pod-identity-agent": "v1.3.10-eksbuild.1",
  "aws-ebs-csi-driver": "v1.54.0-eksbuild.1",
  "metrics-server": "v0.8.0-eksbuild.5",
  "amazon-cloudwatch-observability": "v4.7.0-eksbuild.1",
};

/** A plausible add-on version for a cluster; kube-proxy follows Kubernetes itself. */
export function addonVersion(name: string, kubernetesVersion: string): string {
  if (name === "kube-proxy") return `v${kubernetesVersion}.0-eksbuild.2`;
  return builds[name] ?? "v1.0.0-eksbuild.1";
}
