import assert from "node:assert/strict";

import { invokes } from "../../../sandbox/types/index.ts";
import type { Properties, TypeContext } from "../../../sandbox/types/type-spec.ts";
import { a, b, cluster, vpc } from "./cloud.ts";
import { account, contextWith } from "./context.ts";

describe("data sources", () => {
  const call = (token: string, args: Properties, context: TypeContext = contextWith([vpc, a, b, cluster])) =>
    (invokes[token] ?? assert.fail(token))(args, context);

  it("knows the caller, the region's zones and the partition", () => {
    assert.equal(call("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"], account);
    assert.deepEqual(call("aws:index/getAvailabilityZones:getAvailabilityZones", {})["names"], [
      "eu-west-1a",
      "eu-west-1b",
      "eu-west-1c",
    ]);
    assert.deepEqual(call("aws:index/getAvailabilityZones:getAvailabilityZones", {})["zoneIds"], [
      "euw1-az1",
      "euw1-az2",
      "euw1-az3",
    ]);
    assert.equal(call("aws:index/getPartition:getPartition", {})["reverseDnsPrefix"], "com.amazonaws");
  });

  it("assembles a policy document from blocks, sources and overrides", () => {
    const source = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Sid: "A", Effect: "Deny", Action: "s3:*", Resource: "*" }],
    });
    const statements = [
      { sid: "A", actions: ["s3:GetObject"], resources: ["b", "a"] },
      {
        ...{ effect: "Allow", actions: ["sts:AssumeRole"] },
        principals: [{ type: "Service", identifiers: ["ec2.amazonaws.com"] }],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] }],
      },
    ];
    const { json } = call("aws:iam/getPolicyDocument:getPolicyDocument", {
      statements,
      sourcePolicyDocuments: [source],
    });
    assert.deepEqual(JSON.parse(String(json)), {
      Version: "2012-10-17",
      Statement: [
        { Sid: "A", Effect: "Allow", Action: "s3:GetObject", Resource: ["b", "a"] },
        {
          ...{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
          Condition: { StringEquals: { "aws:SourceAccount": "1" } },
        },
      ],
    });
  });

  it("finds subnets by filter and tag and fails like EC2 where nothing or too much matches", () => {
    const filters = [{ name: "vpc-id", values: ["vpc-1"] }];
    assert.deepEqual(call("aws:ec2/getSubnets:getSubnets", { filters })["ids"], ["subnet-a", "subnet-b"]);
    assert.deepEqual(call("aws:ec2/getSubnets:getSubnets", { tags: { tier: "subnet-b" } })["ids"], ["subnet-b"]);
    assert.throws(() => call("aws:ec2/getSubnet:getSubnet", { vpcId: "vpc-1" }), /multiple EC2 Subnets matched/);
    assert.throws(() => call("aws:ec2/getVpc:getVpc", { id: "vpc-2" }), /no matching EC2 VPC found/);
    assert.throws(
      () => call("aws:ec2/getSubnets:getSubnets", { filters: [{ name: "owner-id", values: [] }] }),
      /does not simulate/,
    );
  });

  it("answers for clusters and published parameters only", () => {
    assert.equal(call("aws:eks/getCluster:getCluster", { name: "main" })["version"], "1.35");
    assert.throws(() => call("aws:eks/getCluster:getCluster", { name: "gone" }), /No cluster found for name: gone/);
    const name = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id";
    assert.match(String(call("aws:ssm/getParameter:getParameter", { name })["value"]), /^ami-0[0-9a-f]{16}$/);
    assert.throws(() => call("aws:ssm/getParameter:getParameter", { name: "/own" }), /couldn't find resource/);
  });
});
