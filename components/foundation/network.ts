import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { correct, networkCorrections } from "./corrections.ts";
import { FlowLogs } from "./flow-logs.ts";
import { PrivateEndpoints } from "./private-endpoints.ts";

/** How private subnets reach the internet: not at all, through one gateway, or through one per zone. */
export type NatStrategy = "none" | "single" | "perAz";

export interface NetworkArgs {
  environment: string;
  account: string;
  region: string;
  cidr: string;
  azCount: number;
  nat: NatStrategy;
  /** Key of the flow logs. */
  keyArn: pulumi.Input<string>;
  logRetentionDays: number;
  /** AWS services reached without leaving the VPC, without region. Defaults to none. */
  interfaceEndpoints?: readonly string[];
  /** Defaults to `retain`. */
  removal?: Removal;
}

const natStrategies = {
  none: awsx.types.enums.ec2.NatGatewayStrategy.None,
  single: awsx.types.enums.ec2.NatGatewayStrategy.Single,
  perAz: awsx.types.enums.ec2.NatGatewayStrategy.OnePerAz,
} as const;

/** Problems of the arguments, one line each. */
export function validateNetwork(args: Pick<NetworkArgs, "cidr" | "azCount">): string[] {
  const problems: string[] = [];
  const mask = Number(args.cidr.split("/")[1]);
  if (!(mask >= 16 && mask <= 20)) {
    problems.push(problem("cidr", args.cidr, "a block between /16 and /20", "Choose a larger or smaller block."));
  }
  if (!Number.isInteger(args.azCount) || args.azCount < 2 || args.azCount > 4) {
    // EKS refuses a cluster whose subnets lie in one zone.
    problems.push(problem("azCount", args.azCount, "2 to 4 zones", "Set network.azCount."));
  }
  return problems;
}

/** Arguments of the VPC: one public and one private subnet per zone, S3 reached without a NAT gateway. */
export function vpcArgs(args: NetworkArgs): awsx.ec2.VpcArgs {
  return {
    cidrBlock: args.cidr,
    numberOfAvailabilityZones: args.azCount,
    natGateways: { strategy: natStrategies[args.nat] },
    enableDnsHostnames: true,
    enableDnsSupport: true,
    subnetStrategy: awsx.types.enums.ec2.SubnetAllocationStrategy.Auto,
    subnetSpecs: [
      { type: awsx.types.enums.ec2.SubnetType.Private, tags: { "kubernetes.io/role/internal-elb": "1" } },
      { type: awsx.types.enums.ec2.SubnetType.Public, tags: { "kubernetes.io/role/elb": "1" } },
    ],
    vpcEndpointStrategy: awsx.types.enums.ec2.VpcEndpointStrategy.Auto,
    vpcEndpointSpecs: [{ serviceName: `com.amazonaws.${args.region}.s3`, vpcEndpointType: "Gateway" }],
  };
}

/** VPC with flow logs, a closed default security group and, where it pays, private endpoints. */
export class Network extends SlipwayComponent {
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  readonly publicSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Network", name, opts);
    assertValid(this, name, validateNetwork(args));
    const removal = args.removal ?? "retain";
    const { protect } = protectionOf("network", removal);
    const vpc = new awsx.ec2.Vpc(name, vpcArgs(args), {
      parent: this,
      transforms: [correct(networkCorrections(protect))],
    });
    this.vpcId = vpc.vpcId;
    this.privateSubnetIds = vpc.privateSubnetIds;
    this.publicSubnetIds = vpc.publicSubnetIds;
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default`,
      // Everything that names no group of its own lands in this one, so it must open nothing.
      { vpcId: vpc.vpcId, ingress: [], egress: [] },
      childOf(this),
    );
    new FlowLogs(
      `${name}-flow`,
      {
        environment: args.environment,
        account: args.account,
        vpcId: vpc.vpcId,
        keyArn: args.keyArn,
        retentionDays: args.logRetentionDays,
        removal,
      },
      childOf(this),
    );
    this.addPrivateEndpoints(name, args);
    this.registerOutputs({ vpcId: this.vpcId, privateSubnetIds: this.privateSubnetIds });
  }

  private addPrivateEndpoints(name: string, args: NetworkArgs): void {
    const services = args.interfaceEndpoints ?? [];
    if (services.length === 0) return;
    new PrivateEndpoints(
      `${name}-endpoints`,
      { region: args.region, vpcId: this.vpcId, cidr: args.cidr, subnetIds: this.privateSubnetIds, services },
      childOf(this),
    );
  }
}
