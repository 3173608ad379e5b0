import assert from "node:assert/strict";

import { openLab, type Lab, type Run } from "../lab.ts";
import { childrenOf, nameOf, remote, stateOf } from "./children.ts";

const outputs = `["vpcId", "publicSubnetIds", "privateSubnetIds", "isolatedSubnetIds", "subnetLayout", "natGateways", "routeTables", "eips", "vpcEndpoints"]`;
const network = (args: string, options = "") => `${remote}
const p = aws("p", "111111111111");
const vpc = new Remote("awsx:ec2:Vpc", "network", ${args}, ${outputs}, { providers: { aws: p }, ${options} });
return { vpcId: vpc.vpcId, publicSubnetIds: vpc.publicSubnetIds, privateSubnetIds: vpc.privateSubnetIds,
  subnetLayout: vpc.subnetLayout, nat: vpc.natGateways.apply((all) => all.length), isolated: vpc.isolatedSubnetIds };`;
const twoZones = `{ cidrBlock: "10.1.0.0/16", numberOfAvailabilityZones: 2, natGateways: { strategy: "Single" },
  subnetStrategy: "Auto", enableDnsHostnames: true, vpcEndpointStrategy: "Auto", tags: { team: "ml" },
  vpcEndpointSpecs: [{ serviceName: "com.amazonaws.eu-west-1.s3", vpcEndpointType: "Gateway" }] }`;

describe("awsx.ec2.Vpc in the sandbox", function () {
  this.timeout(120_000);
  let lab: Lab;
  let first: Run;

  before(async () => {
    lab = await openLab();
    lab.program(network(twoZones));
    first = await lab.up();
  });
  after(() => lab.close());

  it("registers every child of the real component under the same parents", () => {
    assert.equal(first.code, 0, first.text);
    const zone = (kind: string, number: number) => {
      const name = `network-${kind}-${number}`;
      return [
        `aws:ec2/subnet:Subnet ${name} < network`,
        `aws:ec2/routeTable:RouteTable ${name} < ${name}`,
        `aws:ec2/routeTableAssociation:RouteTableAssociation ${name} < ${name}`,
        `aws:ec2/route:Route ${name} < ${name}`,
      ];
    };
    const expected = [
      "aws:ec2/vpc:Vpc network < network",
      "aws:ec2/internetGateway:InternetGateway network < network",
      "aws:ec2/vpcEndpoint:VpcEndpoint com.amazonaws.eu-west-1.s3 < network",
      "aws:ec2/eip:Eip network-1 < network-public-1",
      "aws:ec2/natGateway:NatGateway network-1 < network-public-1",
      ...[1, 2].flatMap((number) => [...zone("public", number), ...zone("private", number)]),
    ];
    assert.deepEqual(childrenOf(stateOf(lab), "awsx:ec2:Vpc"), expected.sort());
  });

  it("lays the subnets out, tags them and routes private ones through the one NAT gateway", () => {
    const resources = stateOf(lab);
    const inputs = (type: string) =>
      new Map(resources.filter((found) => found.type === type).map(({ urn, inputs: own }) => [nameOf(urn), own]));
    const subnets = inputs("aws:ec2/subnet:Subnet");
    assert.equal(subnets.get("network-private-1")?.["cidrBlock"], "10.1.0.0/18");
    assert.equal(subnets.get("network-public-2")?.["cidrBlock"], "10.1.192.0/19");
    assert.deepEqual(subnets.get("network-public-1")?.["tags"], {
      Name: "network-public-1",
      SubnetType: "Public",
      team: "ml",
    });
    assert.equal(subnets.get("network-public-1")?.["mapPublicIpOnLaunch"], true);
    const routes = inputs("aws:ec2/route:Route");
    assert.equal(routes.get("network-private-2")?.["natGatewayId"], routes.get("network-private-1")?.["natGatewayId"]);
    const endpoint = inputs("aws:ec2/vpcEndpoint:VpcEndpoint").get("com.amazonaws.eu-west-1.s3");
    assert.equal((endpoint?.["routeTableIds"] as string[]).length, 4);
  });

  it("returns the outputs that the package declares", () => {
    const { outputs: found } = first;
    assert.match(String(found["vpcId"]), /^vpc-0[0-9a-f]{16}$/);
    assert.equal((found["publicSubnetIds"] as string[]).length, 2);
    assert.equal((found["privateSubnetIds"] as string[]).length, 2);
    assert.deepEqual(found["isolated"], []);
    assert.equal(found["nat"], 1);
    assert.deepEqual(found["subnetLayout"], [
      { type: "Private", cidrMask: 18, size: 16384 },
      { type: "Public", cidrMask: 19, size: 8192 },
    ]);
  });

  it("changes nothing the second time, and a transform reaches the children", async () => {
    assert.deepEqual((await lab.up()).changes, []);
    const transform = `transforms: [({ type, props, opts }) => type === "aws:ec2/subnet:Subnet" ? { props: { ...props, mapPublicIpOnLaunch: false }, opts } : undefined]`;
    lab.program(network(twoZones, transform));
    const changed = await lab.up();
    assert.deepEqual(changed.changes, ["update network-public-1", "update network-public-2"], changed.text);
  });

  it("refuses what it does not simulate, naming the argument", async () => {
    lab.program(network(`{ numberOfAvailabilityZones: 2, ipv4IpamPoolId: "ipam-pool-1", subnetStrategy: "Auto" }`));
    const run = await lab.run("preview");
    assert.notEqual(run.code, 0);
    assert.match(run.text, /ipv4IpamPoolId/);
    assert.match(run.text, /does not simulate this argument of awsx\.ec2\.Vpc/);
  });

  it("destroys everything in an order that EC2 accepts", async () => {
    const run = await lab.run("destroy", "--yes", "--skip-preview");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(lab.resources(), []);
  });
});
