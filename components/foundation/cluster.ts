import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { managedPolicy } from "../shared/iam.ts";
import { logGroup } from "../shared/log-group.ts";
import { controlPlaneLogGroup } from "../shared/naming.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { assertValid } from "../shared/validation.ts";
import { type ClusterSettings, accessPolicyArn, clusterArgs, connectionOf, validateCluster } from "./cluster-args.ts";
import { clusterCorrections, correct } from "./corrections.ts";
import { NodeGroup, type NodeGroupArgs } from "./node-group.ts";
import { PodIdentity } from "./pod-identity.ts";

export interface ClusterArgs extends ClusterSettings {
  account: string;
  region: string;
  logRetentionDays: number;
  nodes: Pick<NodeGroupArgs, "capacity" | "instanceTypes" | "min" | "desired" | "max">;
  /** Defaults to `retain`. */
  removal?: Removal;
}

/** Kubernetes on EKS: access by entries only, encrypted secrets, logged control plane, managed add-ons, Pod Identity. */
export class Cluster extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly certificateAuthority: pulumi.Output<string>;
  /** Tells clients how to reach the cluster; it names the AWS CLI for tokens and holds none. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Cluster", name, opts);
    assertValid(this, name, validateCluster(args));
    const removal = args.removal ?? "retain";
    const { protect } = protectionOf("control-plane", removal);
    const logs = logGroup(
      `${name}-logs`,
      {
        name: controlPlaneLogGroup(args.clusterName),
        keyArn: args.keyArn,
        retentionDays: args.logRetentionDays,
        removal,
      },
      this,
    );
    const cluster = new eks.Cluster(name, clusterArgs(args), {
      parent: this,
      // EKS makes the log group itself, unencrypted and kept for ever, when it is not there yet.
      dependsOn: [logs],
      transforms: [correct(clusterCorrections(protect, args.endpoint.public))],
    });
    this.admit(name, args, cluster);
    this.addNodesAndAddons(name, args, cluster);
    const connection = cluster.kubeconfigJson.apply(connectionOf);
    this.name = pulumi.output(args.clusterName);
    this.kubeconfig = cluster.kubeconfigJson;
    this.endpoint = pulumi.unsecret(connection.endpoint);
    this.certificateAuthority = pulumi.unsecret(connection.certificateAuthority);
    this.registerOutputs({ name: this.name, endpoint: this.endpoint });
  }

  /** Access entries instead of the creator's silent administration and the aws-auth map. */
  private admit(name: string, args: ClusterArgs, cluster: eks.Cluster): void {
    for (const principalArn of args.administrators) {
      const key = principalArn.split("/").at(-1) ?? principalArn;
      const entry = new aws.eks.AccessEntry(
        `${name}-${key}`,
        { clusterName: args.clusterName, principalArn, type: "STANDARD" },
        childOf(this, { dependsOn: [cluster] }),
      );
      new aws.eks.AccessPolicyAssociation(
        `${name}-${key}-admin`,
        {
          clusterName: args.clusterName,
          principalArn,
          policyArn: accessPolicyArn("AmazonEKSClusterAdminPolicy", args.region),
          accessScope: { type: "cluster" },
        },
        childOf(this, { dependsOn: [entry] }),
      );
    }
  }

  private addNodesAndAddons(name: string, args: ClusterArgs, cluster: eks.Cluster): void {
    const { clusterName, account, region } = args;
    const identityAgent = this.addon(name, clusterName, "eks-pod-identity-agent", [cluster]);
    const networkIdentity = new PodIdentity(
      `${name}-vpc-cni-identity`,
      {
        account,
        clusterName,
        namespace: "kube-system",
        serviceAccount: "aws-node",
        managedPolicies: { cni: managedPolicy("AmazonEKS_CNI_Policy", region) },
      },
      childOf(this, { dependsOn: [cluster] }),
    );
    // Nodes become ready only once networking is there; coredns in turn needs nodes to run on.
    const networking = [
      identityAgent,
      this.addon(name, clusterName, "kube-proxy", [cluster]),
      this.addon(name, clusterName, "vpc-cni", [networkIdentity], { enableNetworkPolicy: "true" }),
    ];
    const nodes = new NodeGroup(
      `${name}-nodes`,
      { ...args.nodes, region, clusterName, subnetIds: args.privateSubnetIds },
      childOf(this, { dependsOn: networking }),
    );
    this.addon(name, clusterName, "coredns", [nodes]);
  }

  private addon(
    name: string,
    clusterName: string,
    addonName: string,
    dependsOn: pulumi.Resource[],
    configuration?: Record<string, unknown>,
  ): aws.eks.Addon {
    return new aws.eks.Addon(
      `${name}-${addonName}`,
      {
        clusterName,
        addonName,
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
        ...(configuration && { configurationValues: pulumi.jsonStringify(configuration) }),
      },
      childOf(this, { dependsOn }),
    );
  }
}
