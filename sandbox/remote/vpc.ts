import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import { layOutSubnets, type PlannedSubnet } from "./subnet-layout.ts";
import { mergeTags, refuse } from "./supported.ts";
import { assertNat, forwardedArgs, readVpcArgs, type VpcPlan } from "./vpc-args.ts";

/** One subnet with its own route table. */
interface Placed {
  planned: PlannedSubnet;
  subnet: aws.ec2.Subnet;
  routeTable: aws.ec2.RouteTable;
  association: aws.ec2.RouteTableAssociation;
}

interface Children {
  name: string;
  plan: VpcPlan;
  tags: unknown;
  vpc: aws.ec2.Vpc;
  internetGateway: aws.ec2.InternetGateway;
  placed: Placed[];
  routes: aws.ec2.Route[];
  natGateways: aws.ec2.NatGateway[];
  eips: aws.ec2.Eip[];
}

const order = ["Public", "Private", "Isolated"];

/** Registers what `awsx:ec2:Vpc` consists of and returns the component's outputs. */
export async function buildVpc(
  name: string,
  inputs: pulumi.Inputs,
  parent: pulumi.ComponentResource,
): Promise<pulumi.Inputs> {
  const plan = readVpcArgs(inputs);
  const zones = plan.zoneNames ?? (await defaultZones(plan.zoneCount, parent));
  const layout = subnetsOf(name, plan, zones);
  assertNat(plan, new Set(layout.map((subnet) => subnet.type)));
  const tags: unknown = inputs["tags"];
  const shared = mergeTags({ Name: name }, tags);
  const vpc = new aws.ec2.Vpc(name, { ...forwardedArgs(inputs), cidrBlock: plan.cidrBlock, tags: shared }, { parent });
  const below = { parent: vpc, dependsOn: [vpc] };
  const internetGateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id, tags: shared }, below);
  const children: Children = {
    ...{ name, plan, tags, vpc, internetGateway },
    ...{ placed: [], routes: [], natGateways: [], eips: [] },
  };
  for (const planned of inCreationOrder(layout, zones)) addSubnet(children, planned);
  const vpcEndpoints = plan.endpoints.map((spec) => addEndpoint(children, spec));
  return outputsOf(children, layout, vpcEndpoints);
}

async function defaultZones(count: number, parent: pulumi.ComponentResource): Promise<string[]> {
  const { names } = await aws.getAvailabilityZones({}, { parent });
  if (names.length < count) refuse("numberOfAvailabilityZones", `the region has ${names.length} zones, not ${count}`);
  return names.slice(0, count);
}

function subnetsOf(name: string, plan: VpcPlan, zones: readonly string[]): PlannedSubnet[] {
  const { cidrBlock, specs, zoneMask, exact } = plan;
  try {
    return layOutSubnets({ vpcName: name, cidrBlock, zones, specs, zoneMask, exact });
  } catch (error) {
    return refuse("subnetSpecs", (error as Error).message);
  }
}

/** Zone by zone, public subnets first: the NAT gateways in them must exist before private routes use them. */
function inCreationOrder(layout: readonly PlannedSubnet[], zones: readonly string[]): PlannedSubnet[] {
  const real = layout.filter((planned) => planned.type !== "Unused");
  return zones.flatMap((zone) =>
    real.filter((planned) => planned.zone === zone).sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type)),
  );
}

/** The `Name` tag: the logical name, or with the zone's own suffix (`1a`) in place of its number. */
function nameTag(plan: VpcPlan, planned: PlannedSubnet): string {
  if (!plan.zoneNameTags) return planned.name;
  return planned.name.replace(/\d+$/, planned.zone.replace(/^[a-z]{2}(-[a-z]+)+-/, ""));
}

function addSubnet(children: Children, planned: PlannedSubnet): void {
  const { vpc, plan, tags } = children;
  const { name, type } = planned;
  const own = { Name: nameTag(plan, planned), SubnetType: type };
  const subnet = new aws.ec2.Subnet(
    name,
    {
      vpcId: vpc.id,
      availabilityZone: planned.zone,
      mapPublicIpOnLaunch: type === "Public",
      cidrBlock: planned.cidrBlock,
      tags: mergeTags(tags, planned.spec.tags, own),
    },
    { parent: vpc, dependsOn: [vpc] },
  );
  const routeTable = new aws.ec2.RouteTable(
    name,
    { vpcId: vpc.id, tags: mergeTags(tags, own) },
    { parent: subnet, dependsOn: [subnet] },
  );
  const association = new aws.ec2.RouteTableAssociation(
    name,
    { routeTableId: routeTable.id, subnetId: subnet.id },
    { parent: routeTable, dependsOn: [routeTable] },
  );
  const placed = { planned, subnet, routeTable, association };
  children.placed.push(placed);
  if (type === "Public") addNatGateway(children, placed);
  addRoute(children, placed);
}

function addNatGateway(children: Children, { planned, subnet }: Placed): void {
  const { name, plan, tags, natGateways } = children;
  const wanted = { none: 0, single: 1, oneperaz: planned.zoneNumber }[plan.nat];
  if (natGateways.length >= wanted) return;
  const gatewayName = `${name}-${planned.zoneNumber}`;
  const options = { parent: subnet, dependsOn: [subnet] };
  const named = mergeTags(tags, { Name: gatewayName });
  let allocationId = plan.allocationIds[planned.zoneNumber - 1];
  if (allocationId === undefined) {
    const eip = new aws.ec2.Eip(gatewayName, { tags: named }, options);
    children.eips.push(eip);
    allocationId = eip.allocationId;
  }
  natGateways.push(new aws.ec2.NatGateway(gatewayName, { subnetId: subnet.id, allocationId, tags: named }, options));
}

/** Public subnets go out through the internet gateway, private ones through a NAT gateway, isolated ones not at all. */
function addRoute(children: Children, { planned, routeTable }: Placed): void {
  const { plan, natGateways, internetGateway } = children;
  const gateway = plan.nat === "single" ? natGateways[0] : natGateways[planned.zoneNumber - 1];
  const target =
    planned.type === "Public"
      ? { gatewayId: internetGateway.id }
      : planned.type === "Private" && gateway !== undefined
        ? { natGatewayId: gateway.id }
        : undefined;
  if (target === undefined) return;
  const args = { routeTableId: routeTable.id, destinationCidrBlock: "0.0.0.0/0", ...target };
  children.routes.push(new aws.ec2.Route(planned.name, args, { parent: routeTable, dependsOn: [routeTable] }));
}

function addEndpoint(children: Children, spec: VpcPlan["endpoints"][number]): aws.ec2.VpcEndpoint {
  const { vpc, plan, placed } = children;
  const attached = plan.attachEndpoints && spec["routeTableIds"] === undefined;
  const routeTableIds = placed.map(({ routeTable }) => routeTable.id);
  const args = { ...spec, vpcId: vpc.id, ...(attached ? { routeTableIds } : {}) };
  return new aws.ec2.VpcEndpoint(spec.serviceName, args, { parent: vpc, dependsOn: [vpc] });
}

function outputsOf(
  children: Children,
  layout: readonly PlannedSubnet[],
  vpcEndpoints: readonly aws.ec2.VpcEndpoint[],
): pulumi.Inputs {
  const { vpc, internetGateway, placed, routes, natGateways, eips } = children;
  const ofType = (type: string): aws.ec2.Subnet[] =>
    placed.filter(({ planned }) => planned.type === type).map(({ subnet }) => subnet);
  const ids = (subnets: readonly aws.ec2.Subnet[]): pulumi.Output<string>[] => subnets.map((subnet) => subnet.id);
  return {
    vpc,
    vpcId: vpc.id,
    internetGateway,
    subnets: placed.map(({ subnet }) => subnet),
    publicSubnets: ofType("Public"),
    privateSubnets: ofType("Private"),
    isolatedSubnets: ofType("Isolated"),
    publicSubnetIds: ids(ofType("Public")),
    privateSubnetIds: ids(ofType("Private")),
    isolatedSubnetIds: ids(ofType("Isolated")),
    routeTables: placed.map(({ routeTable }) => routeTable),
    routeTableAssociations: placed.map(({ association }) => association),
    routes,
    natGateways,
    eips,
    vpcEndpoints,
    subnetLayout: layout.filter((planned) => planned.zoneNumber === 1).map(resolvedSpec),
  };
}

/** The spec with what the layout decided for it, as a program could write it down. */
function resolvedSpec({ spec, cidrBlock }: PlannedSubnet): pulumi.Inputs {
  const cidrMask = Number(cidrBlock.split("/")[1]);
  const named = spec.name === undefined ? {} : { name: spec.name };
  const blocks = spec.cidrBlocks === undefined ? {} : { cidrBlocks: spec.cidrBlocks };
  return { type: spec.type, ...named, ...blocks, cidrMask, size: 2 ** (32 - cidrMask) };
}
