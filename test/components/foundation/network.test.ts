import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  Network,
  type NetworkArgs,
  type NatStrategy,
  validateNetwork,
  vpcArgs,
} from "../../../components/foundation/network.ts";
import { policyOf, run } from "../../support/harness.ts";

const args: NetworkArgs = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  cidr: "10.10.0.0/16",
  azCount: 2,
  nat: "single",
  keyArn: "arn:key",
  logRetentionDays: 7,
  removal: "destroy",
};

const base = [
  "aws:cloudwatch/logGroup:LogGroup network-flow-group",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network-default",
  "aws:ec2/flowLog:FlowLog network-flow-log",
  "aws:iam/role:Role network-flow-role",
  "aws:iam/rolePolicy:RolePolicy network-flow-policy",
  "awsx:ec2:Vpc network",
  "slipway:index:FlowLogs network-flow",
  "slipway:index:Network network",
];

describe("components/foundation/Network", () => {
  it("makes a VPC with flow logs and a default security group that opens nothing", async () => {
    const { list, get } = await run(() => void new Network("network", args));
    assert.deepEqual(list(), base);
    assert.deepEqual(get("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "network-default").inputs, {
      vpcId: "vpc-network",
      ingress: [],
      egress: [],
    });
    assert.deepEqual(get("aws:ec2/flowLog:FlowLog", "network-flow-log").inputs, {
      vpcId: "vpc-network",
      trafficType: "ALL",
      logDestination: "arn:aws:logs:us-east-1:111111111111:log-group:/slipway/dev/flow-logs",
      iamRoleArn: "arn:aws:iam::111111111111:role/network-flow-role",
      maxAggregationInterval: 60,
    });
    assert.deepEqual(get("aws:cloudwatch/logGroup:LogGroup", "network-flow-group").inputs, {
      name: "/slipway/dev/flow-logs",
      retentionInDays: 7,
      kmsKeyId: "arn:key",
    });
    assert.equal(get("awsx:ec2:Vpc", "network").transforms, 1);
  });

  it("lets the flow-log service of this account write to its one group and nowhere else", async () => {
    const { get } = await run(() => void new Network("network", args));
    const group = "arn:aws:logs:us-east-1:111111111111:log-group:/slipway/dev/flow-logs";
    assert.deepEqual(policyOf(get("aws:iam/rolePolicy:RolePolicy", "network-flow-policy")).Statement, [
      {
        Sid: "WriteFlowLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
        Resource: [group, `${group}:log-stream:*`],
      },
    ]);
    const trust = policyOf(get("aws:iam/role:Role", "network-flow-role"), "assumeRolePolicy").Statement;
    assert.deepEqual(
      trust.map(({ Principal, Condition }) => [Principal, Condition]),
      [[{ Service: ["vpc-flow-logs.amazonaws.com"] }, { StringEquals: { "aws:SourceAccount": "222222222222" } }]],
    );
  });

  it("adds interface endpoints that only the VPC reaches", async () => {
    const interfaceEndpoints = ["ecr.api", "sts"];
    const { list, get } = await run(() => void new Network("network", { ...args, interfaceEndpoints }));
    assert.deepEqual(
      list().filter((entry) => !base.includes(entry)),
      [
        "aws:ec2/securityGroup:SecurityGroup network-endpoints-access",
        "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-ecr-api",
        "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-sts",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-endpoints-https",
        "slipway:index:PrivateEndpoints network-endpoints",
      ],
    );
    assert.deepEqual(get("aws:ec2/vpcEndpoint:VpcEndpoint", "network-endpoints-ecr-api").inputs, {
      vpcId: "vpc-network",
      serviceName: "com.amazonaws.us-east-1.ecr.api",
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: ["subnet-private-1", "subnet-private-2"],
      securityGroupIds: ["network-endpoints-access-id"],
    });
    const rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    assert.deepEqual(get(rule, "network-endpoints-https").inputs, {
      securityGroupId: "network-endpoints-access-id",
      cidrIpv4: "10.10.0.0/16",
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
    });
  });

  const strategies: [NatStrategy, string][] = [
    ["none", "None"],
    ["single", "Single"],
    ["perAz", "OnePerAz"],
  ];
  for (const [nat, strategy] of strategies) {
    it(`asks awsx for ${strategy} where the stack says ${nat}`, () => {
      const vpc = vpcArgs({ ...args, nat });
      assert.deepEqual(vpc.natGateways, { strategy });
      assert.deepEqual(vpc.vpcEndpointSpecs, [
        { serviceName: "com.amazonaws.us-east-1.s3", vpcEndpointType: "Gateway" },
      ]);
    });
  }

  it("finds every problem of its arguments", () => {
    assert.deepEqual(validateNetwork({ cidr: "10.0.0.0/24", azCount: 1 }), [
      '`cidr`: got "10.0.0.0/24", expected a block between /16 and /20. Choose a larger or smaller block.',
      "`azCount`: got 1, expected 2 to 4 zones. Set network.azCount.",
    ]);
    assert.deepEqual(validateNetwork({ cidr: "10.0.0.0/20", azCount: 4 }), []);
  });
});
