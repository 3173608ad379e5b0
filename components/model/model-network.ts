import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { ModelNetwork } from "./model-scope.ts";

export interface ModelSubnetsArgs {
  vpcId: pulumi.Input<string>;
  subnetIds: pulumi.Input<string[]>;
}

/** How jobs and endpoint stand in the environment's private subnets: nobody reaches them, and they reach HTTPS alone. */
export class ModelSubnets extends SlipwayComponent {
  readonly network: ModelNetwork;

  constructor(name: string, args: ModelSubnetsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelSubnets", name, opts);
    const group = new aws.ec2.SecurityGroup(
      `${name}-access`,
      { vpcId: args.vpcId, description: "Training jobs and endpoints of models", ingress: [], egress: [] },
      // Rules are resources of their own; the empty lists only say that nothing else is open at creation.
      childOf(this, { ignoreChanges: ["ingress", "egress"] }),
    );
    const rule = new aws.vpc.SecurityGroupEgressRule(
      `${name}-https`,
      {
        securityGroupId: group.id,
        description: "S3, which has no fixed addresses; containers are isolated and reach nothing",
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      },
      childOf(this),
    );
    // Through the rule, so that nothing starts in a group that nothing gets out of.
    this.network = { subnets: args.subnetIds, securityGroups: [rule.securityGroupId] };
    this.registerOutputs({});
  }
}
