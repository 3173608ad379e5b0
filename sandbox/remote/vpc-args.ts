import type * as pulumi from "@pulumi/pulumi";

import type { SubnetSpec } from "./subnet-layout.ts";
import { assertSupported, plain, refuse } from "./supported.ts";

export interface EndpointSpec {
  serviceName: string;
  vpcEndpointType?: pulumi.Input<string>;
  [property: string]: unknown;
}

/** Arguments of `awsx.ec2.Vpc` that decide which resources there are. */
export interface VpcPlan {
  cidrBlock: string;
  zoneNames: readonly string[] | undefined;
  zoneCount: number;
  zoneMask: number | undefined;
  nat: "none" | "single" | "oneperaz";
  allocationIds: readonly pulumi.Input<string>[];
  exact: boolean;
  specs: readonly SubnetSpec[] | undefined;
  zoneNameTags: boolean;
  endpoints: readonly EndpointSpec[];
  /** Endpoints without route tables get those of all subnets. */
  attachEndpoints: boolean;
}

const forwarded = [
  "assignGeneratedIpv6CidrBlock",
  "enableDnsHostnames",
  "enableDnsSupport",
  "enableNetworkAddressUsageMetrics",
  "instanceTenancy",
  "tags",
];
const supported = [
  ...forwarded,
  "availabilityZoneCidrMask",
  "availabilityZoneNames",
  "cidrBlock",
  "natGateways",
  "numberOfAvailabilityZones",
  "subnetNameTagStrategy",
  "subnetSpecs",
  "subnetStrategy",
  "vpcEndpointSpecs",
  "vpcEndpointStrategy",
];

/**
 * Reads the arguments.
 * @throws InputPropertyError for arguments that the sandbox does not simulate and for those awsx refuses itself.
 */
export function readVpcArgs(inputs: pulumi.Inputs): VpcPlan {
  assertSupported("awsx.ec2.Vpc", inputs, supported);
  const strategy = plain<string>(inputs, "subnetStrategy") ?? "Legacy";
  if (strategy !== "Auto" && strategy !== "Exact")
    refuse("subnetStrategy", `the sandbox simulates "Auto" and "Exact", not "${strategy}"`);
  const zoneNames = plain<string[]>(inputs, "availabilityZoneNames");
  const zoneCount = plain<number>(inputs, "numberOfAvailabilityZones");
  if (zoneNames !== undefined && zoneCount !== undefined) {
    refuse("numberOfAvailabilityZones", "excludes availabilityZoneNames");
  }
  const gateways = plain<{ strategy?: string; elasticIpAllocationIds?: pulumi.Input<string>[] }>(inputs, "natGateways");
  return {
    cidrBlock: plain<string>(inputs, "cidrBlock") ?? "10.0.0.0/16",
    zoneNames,
    zoneCount: zoneNames?.length ?? zoneCount ?? 3,
    zoneMask: plain<number>(inputs, "availabilityZoneCidrMask"),
    nat: natStrategy(gateways?.strategy ?? "OnePerAz"),
    allocationIds: gateways?.elasticIpAllocationIds ?? [],
    exact: strategy === "Exact",
    specs: plain<SubnetSpec[]>(inputs, "subnetSpecs"),
    zoneNameTags: plain<string>(inputs, "subnetNameTagStrategy") === "AvailabilityZone",
    ...endpointPlan(inputs),
  };
}

function natStrategy(value: string): VpcPlan["nat"] {
  const strategy = value.toLowerCase();
  if (strategy === "none" || strategy === "single" || strategy === "oneperaz") return strategy;
  return refuse("natGateways.strategy", `unknown NAT gateway strategy "${value}"`);
}

function endpointPlan(inputs: pulumi.Inputs): Pick<VpcPlan, "endpoints" | "attachEndpoints"> {
  const endpoints = plain<EndpointSpec[]>(inputs, "vpcEndpointSpecs") ?? [];
  const attachEndpoints = plain<string>(inputs, "vpcEndpointStrategy") === "Auto";
  for (const [index, spec] of endpoints.entries()) {
    if (!attachEndpoints || (spec.vpcEndpointType ?? "Gateway") === "Gateway") continue;
    refuse(`vpcEndpointSpecs[${index}]`, 'the sandbox simulates vpcEndpointStrategy "Auto" for Gateway endpoints only');
  }
  return { endpoints, attachEndpoints };
}

/** Checks the number of addresses and the kinds of subnets against the NAT strategy. */
export function assertNat(plan: VpcPlan, types: ReadonlySet<string>): void {
  const given = plan.allocationIds.length;
  const wanted = { none: 0, single: 1, oneperaz: plan.zoneCount }[plan.nat];
  if (given > 0 && given !== wanted) {
    refuse("natGateways.elasticIpAllocationIds", `strategy ${plan.nat} takes ${wanted} addresses, got ${given}`);
  }
  if (plan.nat !== "none" && !(types.has("Public") && types.has("Private"))) {
    refuse(
      "natGateways.strategy",
      "a NAT gateway stands in a public subnet and serves private ones: declare both or use None",
    );
  }
}

/** Arguments that go to the VPC itself as they are. */
export function forwardedArgs(inputs: pulumi.Inputs): pulumi.Inputs {
  return Object.fromEntries(
    forwarded.filter((key) => key in inputs && key !== "tags").map((key) => [key, inputs[key]]),
  );
}
