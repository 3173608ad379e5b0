import { resource } from "./context.ts";

/** A VPC with two subnets and a cluster, for what depends on others. */
export const vpc = resource(
  "aws:ec2/vpc:Vpc",
  "vpc-1",
  { cidrBlock: "10.0.0.0/16" },
  { defaultSecurityGroupId: "sg-default" },
);
const subnet = (id: string, cidrBlock: string, zone: string) =>
  resource(
    "aws:ec2/subnet:Subnet",
    id,
    { vpcId: "vpc-1", cidrBlock },
    { availabilityZone: zone, vpcId: "vpc-1", tagsAll: { tier: id } },
  );
export const a = subnet("subnet-a", "10.0.0.0/24", "eu-west-1a");
export const b = subnet("subnet-b", "10.0.1.0/24", "eu-west-1b");
export const cluster = resource(
  "aws:eks/cluster:Cluster",
  "main",
  { name: "main" },
  { version: "1.35", accessConfig: { authenticationMode: "API" } },
);
