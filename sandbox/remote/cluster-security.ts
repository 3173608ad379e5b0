import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import { mergeTags } from "./supported.ts";

const everything = { fromPort: 0, toPort: 0, protocol: "-1" };
const internet = { ...everything, description: "Allow internet access.", type: "egress", cidrBlocks: ["0.0.0.0/0"] };

/** The security group that the package puts the control plane's network interfaces in. */
export function clusterSecurityGroup(
  name: string,
  inputs: pulumi.Inputs,
  parent: pulumi.Resource,
): aws.ec2.SecurityGroup {
  const groupName = `${name}-eksClusterSecurityGroup`;
  const tags = mergeTags({ Name: groupName }, inputs["clusterSecurityGroupTags"], inputs["tags"]);
  const vpcId = inputs["vpcId"] as pulumi.Input<string>;
  const group = new aws.ec2.SecurityGroup(groupName, { vpcId, revokeRulesOnDelete: true, tags }, { parent });
  const rule = { ...internet, securityGroupId: group.id };
  new aws.ec2.SecurityGroupRule(`${name}-eksClusterInternetEgressRule`, rule, { parent });
  return group;
}

export interface NodeSecurity {
  group: aws.ec2.SecurityGroup;
  clusterIngressRule: aws.ec2.SecurityGroupRule;
}

/** The security group for nodes, with what nodes and control plane need of each other. */
export function nodeSecurityGroup(
  name: string,
  inputs: pulumi.Inputs,
  cluster: aws.eks.Cluster,
  clusterGroup: aws.ec2.SecurityGroup,
  parent: pulumi.Resource,
): NodeSecurity {
  const groupName = `${name}-nodeSecurityGroup`;
  const owned = cluster.name.apply((clusterName) => ({
    Name: groupName,
    [`kubernetes.io/cluster/${clusterName}`]: "owned",
  }));
  const tags = mergeTags(owned, inputs["nodeSecurityGroupTags"], inputs["tags"]);
  const vpcId = inputs["vpcId"] as pulumi.Input<string>;
  const group = new aws.ec2.SecurityGroup(groupName, { vpcId, revokeRulesOnDelete: true, tags }, { parent });
  const rule = (suffix: string, args: aws.ec2.SecurityGroupRuleArgs): aws.ec2.SecurityGroupRule =>
    new aws.ec2.SecurityGroupRule(`${name}-${suffix}`, args, { parent });
  const onNodes = { securityGroupId: group.id };
  const fromCluster = { ...onNodes, type: "ingress", protocol: "tcp", sourceSecurityGroupId: clusterGroup.id };
  rule("eksNodeIngressRule", {
    ...{ ...everything, ...onNodes, type: "ingress", self: true },
    description: "Allow nodes to communicate with each other",
  });
  rule("eksNodeClusterIngressRule", {
    ...{ ...fromCluster, fromPort: 1025, toPort: 65535 },
    description: "Allow worker Kubelets and pods to receive communication from the cluster control plane",
  });
  rule("eksExtApiServerClusterIngressRule", {
    ...{ ...fromCluster, fromPort: 443, toPort: 443 },
    description:
      "Allow pods running extension API servers on port 443 to receive communication from cluster control plane",
  });
  rule("eksNodeInternetEgressRule", { ...internet, ...onNodes });
  const clusterIngressRule = rule("eksClusterIngressRule", {
    ...{ type: "ingress", protocol: "tcp", fromPort: 443, toPort: 443 },
    ...{ securityGroupId: clusterGroup.id, sourceSecurityGroupId: group.id },
    description: "Allow pods to communicate with the cluster API Server",
  });
  return { group, clusterIngressRule };
}
