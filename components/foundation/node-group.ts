import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, managedPolicy, policyDocument } from "../shared/iam.ts";

export interface NodeGroupArgs {
  region: string;
  clusterName: pulumi.Input<string>;
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  capacity: "ON_DEMAND" | "SPOT";
  instanceTypes: readonly string[];
  min: number;
  desired: number;
  max: number;
}

/** What EKS asks of a node's role; the network add-on gets its own rights by Pod Identity and is not among them. */
export const nodePolicies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"] as const;

/** EC2 names no source account when it takes on the role of an instance profile, so the trust has no condition on it. */
export const nodeTrust: Statement = {
  sid: "AssumedByNodes",
  principals: { Service: "ec2.amazonaws.com" },
  actions: ["sts:AssumeRole"],
};

/** Launch template of the nodes: metadata by session only, encrypted disks, no key pair. */
export function launchTemplateArgs(): aws.ec2.LaunchTemplateArgs {
  return {
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeSize: 50, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    updateDefaultVersion: true,
  };
}

/** Managed nodes in private subnets. */
export class NodeGroup extends SlipwayComponent {
  readonly roleArn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: NodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("NodeGroup", name, opts);
    const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy: policyDocument([nodeTrust]) }, childOf(this));
    const attachments = nodePolicies.map(
      (policy) =>
        new aws.iam.RolePolicyAttachment(
          `${name}-${policy}`,
          { role: role.name, policyArn: managedPolicy(policy, args.region) },
          childOf(this),
        ),
    );
    const template = new aws.ec2.LaunchTemplate(`${name}-template`, launchTemplateArgs(), childOf(this));
    const group = new aws.eks.NodeGroup(
      `${name}-group`,
      {
        clusterName: args.clusterName,
        nodeRoleArn: role.arn,
        subnetIds: args.subnetIds,
        amiType: "AL2023_x86_64_STANDARD",
        capacityType: args.capacity,
        instanceTypes: [...args.instanceTypes],
        scalingConfig: { minSize: args.min, desiredSize: args.desired, maxSize: args.max },
        updateConfig: { maxUnavailable: 1 },
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      },
      // The autoscaler owns the size once the group is up. Nodes without their policies never join.
      childOf(this, { ignoreChanges: ["scalingConfig.desiredSize"], dependsOn: attachments }),
    );
    this.roleArn = role.arn;
    this.name = group.nodeGroupName;
    this.registerOutputs({ roleArn: this.roleArn, name: this.name });
  }
}
