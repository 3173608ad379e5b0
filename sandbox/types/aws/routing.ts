import { arn, ec2Id, failures, oneOf, required, text } from "../build.ts";
import { formatCidr, parseCidr } from "../cidr.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import {
  associationType,
  dependencyViolation,
  eipType,
  natType,
  routeTableType,
  subnetType,
  validCidr,
  vpcType,
} from "./vpc.ts";

const routeTable = awsType({
  type: routeTableType,
  taggable: true,
  validate: (inputs) => required(inputs, "vpcId"),
  id: ec2Id("rtb"),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "ec2", `route-table/${id}`),
    ownerId: context.account,
    routes: inputs["routes"] ?? [],
    propagatingVgws: inputs["propagatingVgws"] ?? [],
  }),
  computed: ["arn", "ownerId"],
  replaceOn: ["vpcId"],
  references: { vpcId: vpcType },
  inUse: dependencyViolation("routeTable", [[associationType, "routeTableId"]]),
  fidelity: "dependencies as in EC2",
});

const targets = [
  "gatewayId",
  "natGatewayId",
  "vpcEndpointId",
  "transitGatewayId",
  "networkInterfaceId",
  "vpcPeeringConnectionId",
  "egressOnlyGatewayId",
  "carrierGatewayId",
  "localGatewayId",
  "coreNetworkArn",
];
const destinations = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"];

function exactlyOne(inputs: Properties, properties: readonly string[], what: string): Failure | undefined {
  const set = properties.filter((property) => inputs[property] !== undefined && inputs[property] !== null);
  if (set.length === 1) return undefined;
  return {
    property: properties[0] ?? "",
    reason: `a route has exactly one ${what} (one of ${properties.join(", ")}), got ${set.length}`,
  };
}

function destinationOf(inputs: Properties): string {
  return destinations.map((property) => text(inputs[property])).find((value) => value !== undefined) ?? "";
}

/** The checksum Terraform-based providers put into ids made of strings (CRC-32 of the text). */
function checksum(value: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(value)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const route = awsType({
  type: "aws:ec2/route:Route",
  validate: (inputs) =>
    failures(
      required(inputs, "routeTableId"),
      exactlyOne(inputs, destinations, "destination"),
      exactlyOne(inputs, targets, "target"),
      validCidr(inputs, "destinationCidrBlock", 0, 32),
    ),
  id: (inputs) => `r-${String(inputs["routeTableId"])}${checksum(destinationOf(inputs))}`,
  outputs: () => ({ origin: "CreateRoute", state: "active", instanceId: "", instanceOwnerId: "" }),
  computed: ["origin", "state", "instanceId", "instanceOwnerId"],
  replaceOn: ["routeTableId", ...destinations],
  references: { routeTableId: routeTableType, natGatewayId: natType },
  unique: {
    properties: ["routeTableId", ...destinations],
    error: (inputs) => `RouteAlreadyExists: The route identified by ${destinationOf(inputs)} already exists.`,
  },
  fidelity: "one route per destination; destination and target checked",
});

const association = awsType({
  type: associationType,
  validate: (inputs) => required(inputs, "routeTableId"),
  id: ec2Id("rtbassoc"),
  replaceOn: ["subnetId", "gatewayId"],
  references: { routeTableId: routeTableType, subnetId: subnetType },
  unique: {
    properties: ["subnetId", "gatewayId"],
    error: (inputs) =>
      `Resource.AlreadyAssociated: the specified association for route table ${String(inputs["routeTableId"])} conflicts ` +
      `with an existing association of ${String(inputs["subnetId"] ?? inputs["gatewayId"])}`,
  },
  fidelity: "one route table per subnet",
});

/** An address of the ranges that are reserved for documentation, so that it never belongs to anyone. */
function documentationAddress(context: TypeContext): string {
  return `203.0.113.${1 + (parseInt(context.suffix(4), 16) % 254)}`;
}

const eip = awsType({
  type: eipType,
  taggable: true,
  id: (_inputs, context) => `eipalloc-0${context.suffix(16)}`,
  outputs: (inputs, id, context) => {
    const address = documentationAddress(context);
    return {
      allocationId: id,
      arn: arn(context, "ec2", `elastic-ip/${id}`),
      domain: text(inputs["domain"]) ?? "vpc",
      publicIp: address,
      publicDns: `ec2-${address.replaceAll(".", "-")}.${context.region}.compute.amazonaws.com`,
      publicIpv4Pool: "amazon",
      networkBorderGroup: context.region,
    };
  },
  computed: ["allocationId", "arn", "publicIp", "publicDns", "publicIpv4Pool", "networkBorderGroup", "domain"],
  replaceOn: ["domain", "networkBorderGroup", "publicIpv4Pool", "address"],
  inUse: (resource, context) => {
    const user = context.find(natType).find((nat) => nat.inputs["allocationId"] === resource.id);
    if (user === undefined) return undefined;
    return `InvalidIPAddress.InUse: Address ${String(resource.outputs["publicIp"])} is in use by ${user.id}`;
  },
  fidelity: "addresses come from the documentation range 203.0.113.0/24",
});

/** The first address of a subnet that EC2 hands out; it keeps the four before it to itself. */
function firstAddress(subnetId: unknown, context: TypeContext): string {
  const subnet = context.find(subnetType).find((other) => other.id === subnetId);
  const block = parseCidr(subnet?.inputs["cidrBlock"]);
  return block === undefined ? "" : formatCidr({ base: block.base + 4, prefix: 32 }).replace("/32", "");
}

const natGateway = awsType({
  type: natType,
  taggable: true,
  defaults: { connectivityType: "public" },
  validate: (inputs) => {
    const publicWithoutAddress = inputs["connectivityType"] !== "private" && inputs["allocationId"] === undefined;
    const regional = inputs["availabilityMode"] === "regional";
    const missing = { property: "allocationId", reason: "a public NAT gateway needs an allocationId" };
    return failures(
      oneOf(inputs, "connectivityType", ["public", "private"]),
      regional ? [] : required(inputs, "subnetId"),
      publicWithoutAddress && !regional ? missing : undefined,
    );
  },
  id: ec2Id("nat"),
  outputs: (inputs, _id, context) => {
    const address = context.find(eipType).find((other) => other.id === inputs["allocationId"]);
    return {
      associationId: `eipassoc-0${context.suffix(16)}`,
      networkInterfaceId: `eni-0${context.suffix(16)}`,
      privateIp: text(inputs["privateIp"]) ?? firstAddress(inputs["subnetId"], context),
      publicIp: address?.outputs["publicIp"] ?? "",
    };
  },
  computed: ["associationId", "networkInterfaceId", "privateIp", "publicIp"],
  replaceOn: ["subnetId", "allocationId", "connectivityType", "privateIp", "availabilityMode", "vpcId"],
  references: { subnetId: subnetType, allocationId: eipType },
  fidelity: "subnet and address must exist; carries no traffic",
});

export const routingTypes: readonly TypeSpec[] = [routeTable, route, association, eip, natGateway];
