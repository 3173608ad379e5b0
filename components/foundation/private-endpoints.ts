import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";

export interface PrivateEndpointsArgs {
  region: string;
  vpcId: pulumi.Input<string>;
  cidr: string;
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** Service names without region, e.g. `ecr.api`. */
  services: readonly string[];
}

/** Interface endpoints of AWS services, reachable by HTTPS from inside the VPC only. */
export class PrivateEndpoints extends SlipwayComponent {
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: PrivateEndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("PrivateEndpoints", name, opts);
    const group = new aws.ec2.SecurityGroup(
      `${name}-access`,
      { vpcId: args.vpcId, description: "HTTPS from the VPC to interface endpoints", ingress: [], egress: [] },
      // Rules are resources of their own; the empty lists only say that nothing else is open at creation.
      childOf(this, { ignoreChanges: ["ingress", "egress"] }),
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-https`,
      { securityGroupId: group.id, cidrIpv4: args.cidr, ipProtocol: "tcp", fromPort: 443, toPort: 443 },
      childOf(this),
    );
    for (const service of args.services) {
      new aws.ec2.VpcEndpoint(
        `${name}-${service.replaceAll(".", "-")}`,
        {
          vpcId: args.vpcId,
          serviceName: `com.amazonaws.${args.region}.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: args.subnetIds,
          securityGroupIds: [group.id],
        },
        childOf(this),
      );
    }
    this.securityGroupId = group.id;
    this.registerOutputs({ securityGroupId: this.securityGroupId });
  }
}
