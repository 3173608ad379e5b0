import { block, dnsSuffix, list, text } from "../build.ts";
import type { CloudResource, Invoke, InvokeContext, Properties } from "../type-spec.ts";
import { addonVersion } from "./addon-version.ts";
import { clusterType, kubernetesVersions } from "./eks-cluster.ts";
import { policyDocument } from "./policy-data.ts";
import { subnetType, vpcType, zoneId } from "./vpc.ts";
import { zoneNames } from "./zones.ts";

const getCallerIdentity: Invoke = (_args, { account, partition }) => ({
  id: account,
  accountId: account,
  arn: `arn:${partition}:sts::${account}:assumed-role/sandbox/slipway`,
  userId: "AROASANDBOXSANDBOXSAN:slipway",
});

const getRegion: Invoke = (args, context) => {
  const region = text(args["region"]) ?? text(args["name"]) ?? context.region;
  return { id: region, region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
};

const getPartition: Invoke = (_args, { partition }) => {
  const suffix = dnsSuffix(partition);
  return { id: partition, partition, dnsSuffix: suffix, reverseDnsPrefix: suffix.split(".").reverse().join(".") };
};

const getAvailabilityZones: Invoke = (args, { region }) => {
  const excluded = list(args["excludeNames"]);
  const names = zoneNames(region).filter((name) => !excluded.includes(name));
  return { ...args, id: region, region, names, zoneIds: names.map(zoneId), groupNames: [region] };
};

function only(found: readonly CloudResource[], what: string): CloudResource {
  const [first] = found;
  if (first === undefined) throw new Error(`no matching ${what} found`);
  if (found.length > 1)
    throw new Error(`multiple ${what}s matched; use additional constraints to reduce matches to a single one`);
  return first;
}

/** Whether a resource carries the tags and passes the filters that EC2 and the sandbox have in common. */
function selected(resource: CloudResource, args: Properties): boolean {
  const tags = block(resource.outputs["tagsAll"]);
  const tagged = Object.entries(block(args["tags"])).every(([key, value]) => tags[key] === value);
  const filtered = list(args["filters"]).every((entry) => {
    const { name, values } = block(entry);
    return list(values).includes(filterValue(resource, String(name)));
  });
  return tagged && filtered;
}

function filterValue(resource: CloudResource, name: string): unknown {
  if (name.startsWith("tag:")) return block(resource.outputs["tagsAll"])[name.slice(4)];
  const property: Readonly<Record<string, string>> = {
    "vpc-id": "vpcId",
    "availability-zone": "availabilityZone",
    "cidr-block": "cidrBlock",
    cidr: "cidrBlock",
  };
  const key = property[name];
  if (key === undefined) throw new Error(`the sandbox does not simulate the filter "${name}"`);
  return resource.outputs[key] ?? (name === "vpc-id" ? resource.id : undefined);
}

function byId(args: Properties, resource: CloudResource): boolean {
  return args["id"] === undefined || resource.id === args["id"];
}

const getVpc: Invoke = (args, { find }) => {
  if (args["default"] === true)
    throw new Error("no matching EC2 VPC found: accounts of the sandbox have no default VPC");
  const vpc = only(
    find(vpcType).filter((found) => byId(args, found) && selected(found, args)),
    "EC2 VPC",
  );
  return { ...vpc.outputs, id: vpc.id, default: false, state: "available", tags: vpc.outputs["tagsAll"] ?? {} };
};

const getSubnet: Invoke = (args, { find }) => {
  const matches = find(subnetType).filter((found) => byId(args, found) && inVpc(args, found) && selected(found, args));
  const subnet = only(matches, "EC2 Subnet");
  return { ...subnet.outputs, id: subnet.id, state: "available", tags: subnet.outputs["tagsAll"] ?? {} };
};

function inVpc(args: Properties, subnet: CloudResource): boolean {
  return args["vpcId"] === undefined || subnet.inputs["vpcId"] === args["vpcId"];
}

const getSubnets: Invoke = (args, { find, region }) => ({
  ...args,
  id: region,
  ids: find(subnetType)
    .filter((found) => selected(found, args))
    .map((found) => found.id),
});

/** Parameters that AWS publishes; a made-up image is good enough, as nothing boots from it. */
const getParameter: Invoke = (args, { account, region, partition }) => {
  const name = String(args["name"]);
  const image = /^\/aws\/service\/(eks\/optimized-ami|ami-amazon-linux-latest|bottlerocket)\//.test(name);
  if (!image) throw new Error(`couldn't find resource: the sandbox has no SSM parameter ${name}`);
  const value = name.endsWith("release_version")
    ? `${kubernetesVersions.at(-1)}.0-20260101`
    : `ami-0${imageHash(name + region)}`;
  const owner = name.startsWith("/aws/") ? "" : account;
  return {
    ...args,
    id: name,
    arn: `arn:${partition}:ssm:${region}:${owner}:parameter${name}`,
    type: "String",
    value,
    insecureValue: value,
    version: 1,
  };
};

/** Sixteen hex digits that depend on nothing but the text (FNV-1a, twice). */
function imageHash(value: string): string {
  const hash = (seed: number): string => {
    let state = seed >>> 0;
    for (const byte of Buffer.from(value)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
    return state.toString(16).padStart(8, "0");
  };
  return hash(0x811c9dc5) + hash(0x01234567);
}

function clusterNamed(args: Properties, { find }: InvokeContext): CloudResource {
  const found = find(clusterType).find((cluster) => cluster.id === args["name"]);
  if (found === undefined)
    throw new Error(`ResourceNotFoundException: No cluster found for name: ${String(args["name"])}.`);
  return found;
}

const getCluster: Invoke = (args, context) => {
  const cluster = clusterNamed(args, context);
  const { certificateAuthority, vpcConfig, ...outputs } = cluster.outputs;
  return { ...outputs, id: cluster.id, name: cluster.id, certificateAuthorities: [certificateAuthority], vpcConfig };
};

/** Shaped like a token of `aws eks get-token`; it opens nothing. */
const getClusterAuth: Invoke = (args, context) => ({
  ...args,
  id: args["name"],
  token: `k8s-aws-v1.${Buffer.from(`sandbox:${context.account}:${String(args["name"])}`).toString("base64url")}`,
});

const getAddonVersion: Invoke = (args) => {
  const version = addonVersion(String(args["addonName"]), String(args["kubernetesVersion"]));
  return { ...args, id: args["addonName"], version };
};

export const awsInvokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": getCallerIdentity,
  "aws:index/getRegion:getRegion": getRegion,
  "aws:index/getPartition:getPartition": getPartition,
  "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones,
  "aws:ec2/getVpc:getVpc": getVpc,
  "aws:ec2/getSubnet:getSubnet": getSubnet,
  "aws:ec2/getSubnets:getSubnets": getSubnets,
  "aws:ssm/getParameter:getParameter": getParameter,
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
  "aws:eks/getCluster:getCluster": getCluster,
  "aws:eks/getClusterAuth:getClusterAuth": getClusterAuth,
  "aws:eks/getAddonVersion:getAddonVersion": getAddonVersion,
};
