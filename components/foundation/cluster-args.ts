import * as eks from "@pulumi/eks";
import type * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../shared/naming.ts";
import { problem } from "../shared/validation.ts";

export interface ClusterSettings {
  /** Physical name; log group, kubeconfig and add-ons have to know it. */
  clusterName: string;
  /** Kubernetes version, e.g. `1.35`. */
  version: string;
  vpcId: pulumi.Input<string>;
  privateSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  publicSubnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Who reaches the API server from outside the VPC. */
  endpoint: { public: boolean; cidrs: readonly string[] };
  /** Key that encrypts Kubernetes secrets and control-plane logs. */
  keyArn: pulumi.Input<string>;
  logTypes: readonly string[];
  deletionProtection: boolean;
  /** ARNs of the roles that administer the cluster. */
  administrators: readonly string[];
  /** Role that kubectl and Pulumi take on to talk to the cluster. Defaults to the caller's own. */
  clientRoleArn?: string;
}

/** Problems of the arguments, one line each. */
export function validateCluster(args: ClusterSettings): string[] {
  const problems: string[] = [];
  if (args.administrators.length === 0) {
    problems.push(
      problem("administrators", [], "at least one role ARN", "Nobody else is let in: the creator gets no rights."),
    );
  }
  if (args.endpoint.public && args.endpoint.cidrs.length === 0) {
    problems.push(problem("endpoint.cidrs", [], "the blocks that may reach the public endpoint", "Name them."));
  }
  if (args.endpoint.cidrs.some((cidr) => cidr.endsWith("/0"))) {
    problems.push(
      problem("endpoint.cidrs", args.endpoint.cidrs, "blocks that are not the whole internet", "Name your own."),
    );
  }
  return problems;
}

/** Arguments of `eks.Cluster`: the control plane alone. Nodes and add-ons are resources of their own that tests can see. */
export function clusterArgs(args: ClusterSettings): eks.ClusterArgs {
  return {
    name: args.clusterName,
    version: args.version,
    vpcId: args.vpcId,
    privateSubnetIds: args.privateSubnetIds,
    publicSubnetIds: args.publicSubnetIds,
    authenticationMode: eks.AuthenticationMode.Api,
    endpointPrivateAccess: true,
    endpointPublicAccess: args.endpoint.public,
    ...(args.endpoint.public && { publicAccessCidrs: [...args.endpoint.cidrs] }),
    encryptionConfigKeyArn: args.keyArn,
    enabledClusterLogTypes: [...args.logTypes],
    deletionProtection: args.deletionProtection,
    // Extended support costs six times as much and hides that an upgrade is due.
    upgradePolicy: { supportType: "STANDARD" },
    skipDefaultNodeGroup: true,
    skipDefaultSecurityGroups: true,
    createOidcProvider: false,
    bootstrapSelfManagedAddons: false,
    useDefaultVpcCni: true,
    corednsAddonOptions: { enabled: false },
    kubeProxyAddonOptions: { enabled: false },
    ...(args.clientRoleArn !== undefined && { providerCredentialOpts: { roleArn: args.clientRoleArn } }),
  };
}

/** ARN of one of the access policies that EKS keeps. */
export function accessPolicyArn(policy: string, region: string): string {
  return `arn:${partitionOf(region)}:eks::aws:cluster-access-policy/${policy}`;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
}

/**
 * Endpoint and certificate authority as the kubeconfig states them.
 * @throws TypeError when the kubeconfig names no cluster.
 */
export function connectionOf(kubeconfig: string): { endpoint: string; certificateAuthority: string } {
  const [first] = (JSON.parse(kubeconfig) as Kubeconfig).clusters;
  if (first === undefined) throw new TypeError("the kubeconfig of the cluster names no cluster");
  return { endpoint: first.cluster.server, certificateAuthority: first.cluster["certificate-authority-data"] };
}
