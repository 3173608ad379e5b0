import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { ClusterPlan } from "./cluster-args.ts";
import { ServiceRole } from "./service-role.ts";
import { mergeTags, refuse } from "./supported.ts";

export interface ControlPlane {
  cluster: aws.eks.Cluster;
  role: ServiceRole;
  nodeRole: ServiceRole | undefined;
  subnetIds: pulumi.Output<string[]>;
}

const clusterPolicies = ["AmazonEKSClusterPolicy"];
const autoModePolicies = [
  "AmazonEKSComputePolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];
const nodePolicies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];

/** Registers the service roles and the cluster itself. */
export function controlPlane(
  name: string,
  inputs: pulumi.Inputs,
  plan: ClusterPlan,
  group: aws.ec2.SecurityGroup | undefined,
  parent: pulumi.ComponentResource,
): ControlPlane {
  const { partition, dnsSuffix } = aws.getPartitionOutput({}, { parent });
  const tags = inputs["tags"] as pulumi.Input<Record<string, string>> | undefined;
  const role = new ServiceRole(
    `${name}-eksRole`,
    {
      ...{ service: "eks.amazonaws.com", partition, tags },
      description: "Allows EKS to manage clusters on your behalf.",
      policies: plan.autoMode ? [...clusterPolicies, ...autoModePolicies] : clusterPolicies,
      actions: ["sts:AssumeRole", "sts:TagSession"],
    },
    { parent },
  );
  const service = pulumi.interpolate`ec2.${dnsSuffix}`;
  const nodeRole = plan.createNodeRole
    ? new ServiceRole(`${name}-nodeRole`, { service, partition, tags, policies: nodePolicies }, { parent })
    : undefined;
  const subnetIds = subnetIdsOf(inputs);
  const args: aws.eks.ClusterArgs = {
    ...clusterSettings(name, inputs, plan),
    ...autoModeArgs(inputs, plan, nodeRole),
    roleArn: role.role.arn,
    vpcConfig: vpcConfig(inputs, subnetIds, group),
  };
  const cluster = new aws.eks.Cluster(`${name}-eksCluster`, args, {
    parent,
    dependsOn: [...role.attachments, ...(nodeRole?.attachments ?? [])],
    // Both only mean something while the cluster is made.
    ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
  });
  return { cluster, role, nodeRole, subnetIds };
}

function subnetIdsOf(inputs: pulumi.Inputs): pulumi.Output<string[]> {
  if (inputs["subnetIds"] !== undefined) return pulumi.output(inputs["subnetIds"] as pulumi.Input<string[]>);
  const both = [inputs["publicSubnetIds"], inputs["privateSubnetIds"]] as pulumi.Input<string[] | undefined>[];
  return pulumi.all(both).apply((lists) => lists.flatMap((ids) => ids ?? []));
}

function vpcConfig(
  inputs: pulumi.Inputs,
  subnetIds: pulumi.Output<string[]>,
  group: aws.ec2.SecurityGroup | undefined,
): aws.types.input.eks.ClusterVpcConfig {
  const { endpointPrivateAccess, endpointPublicAccess, publicAccessCidrs } = inputs as Record<
    string,
    pulumi.Input<never>
  >;
  const cidrs = pulumi.all([publicAccessCidrs, endpointPublicAccess]).apply(([blocks, open]: [unknown, unknown]) => {
    if (open === false && blocks !== undefined)
      refuse("publicAccessCidrs", "can only be set when endpointPublicAccess is true");
    return blocks as string[];
  });
  return {
    subnetIds,
    ...(group === undefined ? {} : { securityGroupIds: [group.id] }),
    ...(endpointPrivateAccess === undefined ? {} : { endpointPrivateAccess }),
    ...(endpointPublicAccess === undefined ? {} : { endpointPublicAccess }),
    ...(publicAccessCidrs === undefined ? {} : { publicAccessCidrs: cidrs }),
  };
}

function clusterSettings(name: string, inputs: pulumi.Inputs, plan: ClusterPlan): pulumi.Inputs {
  const keyArn: unknown = inputs["encryptionConfigKeyArn"];
  const forwarded = ["name", "version", "enabledClusterLogTypes", "upgradePolicy", "deletionProtection"];
  return {
    ...Object.fromEntries(forwarded.filter((key) => inputs[key] !== undefined).map((key) => [key, inputs[key]])),
    // The package always lets the creator in; it installs charts into the cluster itself.
    accessConfig: { authenticationMode: plan.authenticationMode, bootstrapClusterCreatorAdminPermissions: true },
    bootstrapSelfManagedAddons: plan.autoMode ? false : ((inputs["bootstrapSelfManagedAddons"] as unknown) ?? true),
    tags: mergeTags({ Name: `${name}-eksCluster` }, inputs["clusterTags"], inputs["tags"]),
    ...(keyArn === undefined ? {} : { encryptionConfig: { provider: { keyArn }, resources: ["secrets"] } }),
  };
}

function autoModeArgs(inputs: pulumi.Inputs, plan: ClusterPlan, nodeRole: ServiceRole | undefined): pulumi.Inputs {
  const { kubernetesServiceIpAddressRange: range, ipFamily } = inputs as Record<
    string,
    pulumi.Input<string> | undefined
  >;
  const network = pulumi.all([range, ipFamily]).apply(([serviceIpv4Cidr, family = "ipv4"]) => ({
    ipFamily: family,
    ...(family === "ipv4" && serviceIpv4Cidr !== undefined ? { serviceIpv4Cidr } : {}),
    ...(plan.autoMode ? { elasticLoadBalancing: { enabled: true } } : {}),
  }));
  const named = range !== undefined || ipFamily !== undefined || plan.autoMode;
  const networkArgs = named ? { kubernetesNetworkConfig: network } : {};
  if (!plan.autoMode) return networkArgs;
  const computeConfig = pulumi.all([plan.computeConfig, nodeRole?.role.arn]).apply(([config, nodeRoleArn]) => ({
    enabled: true,
    ...(nodeRoleArn === undefined ? {} : { nodeRoleArn }),
    nodePools: ["general-purpose", "system"],
    ...config,
  }));
  return { ...networkArgs, computeConfig, storageConfig: { blockStorage: { enabled: true } } };
}
