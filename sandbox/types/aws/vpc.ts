import { arn, ec2Id, failures, list, oneOf, required, text } from "../build.ts";
import { contains, overlaps, parseCidr } from "../cidr.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

export const vpcType = "aws:ec2/vpc:Vpc";
export const subnetType = "aws:ec2/subnet:Subnet";
export const routeTableType = "aws:ec2/routeTable:RouteTable";
export const associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation";
export const gatewayType = "aws:ec2/internetGateway:InternetGateway";
export const natType = "aws:ec2/natGateway:NatGateway";
export const eipType = "aws:ec2/eip:Eip";

/** Resources of the types that hold the id in the property. */
function dependents(
  context: TypeContext,
  id: string,
  uses: readonly (readonly [type: string, property: string])[],
): string[] {
  return uses.flatMap(([type, property]) =>
    context
      .find(type)
      .filter((other) => other.inputs[property] === id || list(other.inputs[property]).includes(id))
      .map((other) => other.id),
  );
}

/** Refusal as EC2 words it while something still needs the resource. */
export function dependencyViolation(
  kind: string,
  uses: readonly (readonly [type: string, property: string])[],
): (resource: CloudResource, context: TypeContext) => string | undefined {
  return (resource, context) => {
    const found = dependents(context, resource.id, uses);
    if (found.length === 0) return undefined;
    return `DependencyViolation: The ${kind} '${resource.id}' has dependencies and cannot be deleted (${found.join(", ")})`;
  };
}

/** Fails an IPv4 block that is malformed, has host bits set or is outside the prefix lengths. */
export function validCidr(
  inputs: Properties,
  property: string,
  shortest: number,
  longest: number,
): Failure | undefined {
  const value = text(inputs[property]);
  if (value === undefined) return undefined;
  const cidr = parseCidr(value);
  if (cidr === undefined) return { property, reason: `"${value}" is not a valid IPv4 CIDR block` };
  if (cidr.prefix < shortest || cidr.prefix > longest) {
    return { property, reason: `expected a block between /${shortest} and /${longest}, got "${value}"` };
  }
  return undefined;
}

const vpc = awsType({
  type: vpcType,
  taggable: true,
  defaults: { instanceTenancy: "default", enableDnsSupport: true },
  validate: (inputs) =>
    failures(validCidr(inputs, "cidrBlock", 16, 28), oneOf(inputs, "instanceTenancy", ["default", "dedicated"])),
  id: ec2Id("vpc"),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "ec2", `vpc/${id}`),
    ownerId: context.account,
    enableDnsHostnames: inputs["enableDnsHostnames"] === true,
    enableNetworkAddressUsageMetrics: inputs["enableNetworkAddressUsageMetrics"] === true,
    assignGeneratedIpv6CidrBlock: inputs["assignGeneratedIpv6CidrBlock"] === true,
    mainRouteTableId: `rtb-0${context.suffix(16)}`,
    defaultRouteTableId: `rtb-0${context.suffix(16)}`,
    defaultNetworkAclId: `acl-0${context.suffix(16)}`,
    defaultSecurityGroupId: `sg-0${context.suffix(16)}`,
    dhcpOptionsId: `dopt-0${context.suffix(16)}`,
  }),
  computed: [
    "arn",
    "ownerId",
    "mainRouteTableId",
    "defaultRouteTableId",
    "defaultNetworkAclId",
    "defaultSecurityGroupId",
    "dhcpOptionsId",
  ],
  replaceOn: ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"],
  inUse: dependencyViolation("vpc", [
    [subnetType, "vpcId"],
    [gatewayType, "vpcId"],
    [routeTableType, "vpcId"],
    ["aws:ec2/securityGroup:SecurityGroup", "vpcId"],
    ["aws:ec2/vpcEndpoint:VpcEndpoint", "vpcId"],
  ]),
  fidelity: "ids, ARNs, defaults and dependencies as in EC2; carries no traffic",
});

/** EC2 checks a subnet's block against its VPC and the subnets that are already there. */
function subnetConflict(inputs: Properties, context: TypeContext): string | undefined {
  const wanted = parseCidr(inputs["cidrBlock"]);
  if (wanted === undefined) return undefined;
  const parent = context.find(vpcType).find((other) => other.id === inputs["vpcId"]);
  const outer = parseCidr(parent?.inputs["cidrBlock"]);
  if (outer !== undefined && !contains(outer, wanted)) {
    return `InvalidSubnet.Range: The CIDR '${String(inputs["cidrBlock"])}' is invalid.`;
  }
  const siblings = context.find(subnetType, { input: "vpcId", value: String(inputs["vpcId"]) });
  const clash = siblings.find((other) => {
    const taken = parseCidr(other.inputs["cidrBlock"]);
    return other.urn !== context.urn && taken !== undefined && overlaps(taken, wanted);
  });
  if (clash === undefined) return undefined;
  return `InvalidSubnet.Conflict: The CIDR '${String(inputs["cidrBlock"])}' conflicts with another subnet (${clash.id})`;
}

const subnet = awsType({
  type: subnetType,
  taggable: true,
  defaults: { mapPublicIpOnLaunch: false, assignIpv6AddressOnCreation: false },
  validate: (inputs, context) => {
    const zone = text(inputs["availabilityZone"]);
    const foreign = zone !== undefined && !zone.startsWith(context.region);
    const reason = `InvalidParameterValue: Value (${zone}) for parameter availabilityZone is invalid in ${context.region}`;
    const misplaced = foreign ? { property: "availabilityZone", reason } : undefined;
    return failures(required(inputs, "vpcId"), validCidr(inputs, "cidrBlock", 16, 28), misplaced);
  },
  id: ec2Id("subnet"),
  outputs: (inputs, id, context) => {
    const zone = text(inputs["availabilityZone"]) ?? `${context.region}a`;
    return {
      arn: arn(context, "ec2", `subnet/${id}`),
      ownerId: context.account,
      availabilityZone: zone,
      availabilityZoneId: zoneId(zone),
      privateDnsHostnameTypeOnLaunch: text(inputs["privateDnsHostnameTypeOnLaunch"]) ?? "ip-name",
    };
  },
  computed: ["arn", "ownerId", "availabilityZoneId"],
  replaceOn: ["vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native", "outpostArn"],
  references: { vpcId: vpcType },
  refuseCreate: subnetConflict,
  inUse: dependencyViolation("subnet", [
    [natType, "subnetId"],
    ["aws:ec2/vpcEndpoint:VpcEndpoint", "subnetIds"],
    ["aws:eks/nodeGroup:NodeGroup", "subnetIds"],
  ]),
  fidelity: "blocks checked against the VPC and its other subnets",
});

/** Zone ids (`euw1-az1`) name the same place in every account, zone names do not. */
export function zoneId(zone: string): string {
  const [continent = "", direction = "", number = ""] = zone.slice(0, -1).split("-");
  const short =
    { northeast: "ne", northwest: "nw", southeast: "se", southwest: "sw" }[direction] ?? direction.charAt(0);
  return `${continent}${short}${number}-az${zone.charCodeAt(zone.length - 1) - 96}`;
}

const internetGateway = awsType({
  type: gatewayType,
  taggable: true,
  id: ec2Id("igw"),
  outputs: (_inputs, id, context) => ({ arn: arn(context, "ec2", `internet-gateway/${id}`), ownerId: context.account }),
  computed: ["arn", "ownerId"],
  references: { vpcId: vpcType },
  unique: {
    properties: ["vpcId"],
    error: (inputs) =>
      `Resource.AlreadyAssociated: resource ${String(inputs["vpcId"])} is already attached to an internet gateway`,
  },
  fidelity: "one per VPC; carries no traffic",
});

export const vpcTypes: readonly TypeSpec[] = [vpc, subnet, internetGateway];
