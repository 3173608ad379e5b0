import assert from "node:assert/strict";

import { allTypeSpecs, invokes, typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties, TypeContext } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith, resource } from "./context.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);
const outputsOf = (type: string, inputs: Properties, context = contextWith()) => {
  const { id, outputs } = spec(type);
  const own = id(inputs, context);
  return { id: own, ...outputs?.(inputs, own, context) } as Properties;
};

const vpc = resource(
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
const a = subnet("subnet-a", "10.0.0.0/24", "eu-west-1a");
const b = subnet("subnet-b", "10.0.1.0/24", "eu-west-1b");
const cluster = resource(
  "aws:eks/cluster:Cluster",
  "main",
  { name: "main" },
  { version: "1.35", accessConfig: { authenticationMode: "API" } },
);

describe("type tables: ids and outputs", () => {
  const expected: [type: string, inputs: Properties, outputs: Record<string, RegExp | string>][] = [
    [
      "aws:s3/bucket:Bucket",
      { bucket: "b" },
      { id: "b", arn: "arn:aws:s3:::b", bucketRegionalDomainName: "b.s3.eu-west-1.amazonaws.com" },
    ],
    [
      "aws:kms/key:Key",
      {},
      {
        id: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
        arn: /^arn:aws:kms:eu-west-1:111111111111:key\//,
      },
    ],
    [
      "aws:kms/alias:Alias",
      { name: "alias/x", targetKeyId: "k" },
      { id: "alias/x", targetKeyArn: `arn:aws:kms:eu-west-1:${account}:key/k` },
    ],
    [
      "aws:iam/role:Role",
      { name: "r", path: "/ci/" },
      { id: "r", arn: `arn:aws:iam::${account}:role/ci/r`, uniqueId: /^AROA[A-Z2-7]{17}$/ },
    ],
    ["aws:iam/policy:Policy", { name: "p" }, { id: `arn:aws:iam::${account}:policy/p`, policyId: /^ANPA/ }],
    ["aws:iam/rolePolicy:RolePolicy", { role: "r", name: "p" }, { id: "r:p" }],
    [
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
      { url: "https://token.actions.githubusercontent.com" },
      { arn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` },
    ],
    [
      "aws:ecr/repository:Repository",
      { name: "slipway/api" },
      { repositoryUrl: `${account}.dkr.ecr.eu-west-1.amazonaws.com/slipway/api`, registryId: account },
    ],
    ["aws:ec2/vpc:Vpc", {}, { id: /^vpc-0[0-9a-f]{16}$/, arn: /:vpc\/vpc-0/, ownerId: account }],
    ["aws:ec2/eip:Eip", {}, { id: /^eipalloc-0/, publicIp: /^203\.0\.113\.\d+$/ }],
    [
      "aws:eks/cluster:Cluster",
      { name: "c" },
      {
        arn: `arn:aws:eks:eu-west-1:${account}:cluster/c`,
        endpoint: /^https:\/\/[0-9A-F]{32}\.gr7\.eu-west-1\.eks/,
        status: "ACTIVE",
      },
    ],
    [
      "aws:eks/addon:Addon",
      { clusterName: "c", addonName: "coredns" },
      { id: "c:coredns", addonVersion: /^v1\..*-eksbuild\.\d+$/ },
    ],
    [
      "aws:eks/accessEntry:AccessEntry",
      { clusterName: "c", principalArn: "arn:aws:iam::1:role/a" },
      { id: "c:arn:aws:iam::1:role/a" },
    ],
    ["aws:cloudwatch/logGroup:LogGroup", { name: "/x" }, { arn: `arn:aws:logs:eu-west-1:${account}:log-group:/x` }],
    ["kubernetes:core/v1:ConfigMap", { metadata: { name: "c", namespace: "n" } }, { id: "n/c" }],
    ["kubernetes:core/v1:Namespace", { metadata: { name: "n" } }, { id: "n" }],
    ["github:index/repository:Repository", { name: "mlops-platform" }, { fullName: `${account}/mlops-platform` }],
    [
      "mongodbatlas:index/streamProcessor:StreamProcessor",
      { workspaceName: "w", projectId: "p", processorName: "n" },
      { id: "w-p-n" },
    ],
  ];
  for (const [type, inputs, outputs] of expected) {
    it(`${type} has the forms of the service`, () => {
      const found = outputsOf(type, inputs);
      for (const [property, form] of Object.entries(outputs)) {
        if (typeof form === "string") assert.equal(found[property], form, property);
        else assert.match(String(found[property]), form, property);
      }
    });
  }

  it("computes every output that it announces, and has each type once", () => {
    const types = allTypeSpecs().map(({ type }) => type);
    assert.equal(new Set(types).size, types.length);
    for (const { type, outputs, computed = [], fidelity } of allTypeSpecs()) {
      assert.ok(fidelity.length > 10, type);
      if (type.startsWith("kubernetes:")) continue;
      const found = outputs?.({ url: "https://x", name: "x" }, "id", contextWith()) ?? {};
      for (const name of computed) assert.ok(name in found, `${type} announces ${name}`);
    }
  });

  it("puts the provider's default tags under a resource's own and knows other partitions", () => {
    const context = contextWith([], {
      defaultTags: { owner: "ml", env: "dev" },
      partition: "aws-cn",
      region: "cn-north-1",
    });
    const found = outputsOf("aws:ecr/repository:Repository", { name: "r", tags: { env: "prod" } }, context);
    assert.deepEqual(found["tagsAll"], { owner: "ml", env: "prod" });
    assert.match(String(found["arn"]), /^arn:aws-cn:ecr:cn-north-1:/);
    assert.match(String(found["repositoryUrl"]), /amazonaws\.com\.cn\//);
  });

  it("reports an Argo CD application as synced with the images it was given", () => {
    const images = ["api=registry/api@sha256:1", "registry/web@sha256:2"];
    const inputs = { metadata: { name: "x" }, spec: { source: { targetRevision: "v1", kustomize: { images } } } };
    assert.deepEqual(outputsOf("kubernetes:argoproj.io/v1alpha1:Application", inputs)["status"], {
      health: { status: "Healthy" },
      sync: { status: "Synced", revision: "v1" },
      summary: { images: ["registry/api@sha256:1", "registry/web@sha256:2"] },
    });
  });

  it("counts versions of a launch template, but not for tags", () => {
    const type = "aws:ec2/launchTemplate:LaunchTemplate";
    const before = { ...resource(type, "lt-1", { imageId: "a" }, { latestVersion: 3 }), urn: contextWith().urn };
    const versionOf = (inputs: Properties) => outputsOf(type, inputs, contextWith([before]))["latestVersion"];
    assert.equal(versionOf({ imageId: "b" }), 4);
    assert.equal(versionOf({ imageId: "a", tags: { x: "y" } }), 3);
    assert.equal(outputsOf(type, { imageId: "a" })["latestVersion"], 1);
  });
});

describe("type tables: replacement, creation, deletion", () => {
  const replaced: [type: string, properties: string[]][] = [
    ["aws:s3/bucket:Bucket", ["bucket"]],
    ["aws:iam/role:Role", ["name", "path"]],
    ["aws:ec2/subnet:Subnet", ["cidrBlock", "vpcId", "availabilityZone"]],
    [
      "aws:eks/cluster:Cluster",
      ["name", "roleArn", "encryptionConfig", "accessConfig.bootstrapClusterCreatorAdminPermissions"],
    ],
    ["aws:ecr/repository:Repository", ["name", "encryptionConfigurations"]],
    ["aws:kms/alias:Alias", ["name"]],
    ["kubernetes:apps/v1:Deployment", ["metadata.name", "metadata.namespace", "spec.selector"]],
  ];
  for (const [type, properties] of replaced) {
    it(`${type} is replaced when ${properties.join(", ")} change`, () => {
      const { replaceOn = [] } = spec(type);
      for (const property of properties) assert.ok(replaceOn.includes(property), property);
      assert.ok(!replaceOn.includes("tags"));
    });
  }

  const refused: [type: string, inputs: Properties, there: CloudResource[], expected: RegExp | undefined][] = [
    ["aws:ec2/subnet:Subnet", { vpcId: "vpc-1", cidrBlock: "10.0.2.0/24" }, [vpc, a], undefined],
    ["aws:ec2/subnet:Subnet", { vpcId: "vpc-1", cidrBlock: "10.0.0.128/25" }, [vpc, a], /InvalidSubnet\.Conflict/],
    ["aws:ec2/subnet:Subnet", { vpcId: "vpc-1", cidrBlock: "10.1.0.0/24" }, [vpc], /InvalidSubnet\.Range/],
    [
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      { policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
      [],
      undefined,
    ],
    [
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      { policyArn: "arn:aws:iam::1:policy/own" },
      [],
      /NoSuchEntity/,
    ],
    ["aws:eks/cluster:Cluster", { vpcConfig: { subnetIds: ["subnet-a", "subnet-b"] } }, [a, b], undefined],
    ["aws:eks/cluster:Cluster", { vpcConfig: { subnetIds: ["subnet-a"] } }, [a, b], /at least two different AZs/],
    [
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
      { clusterName: "main", principalArn: "p" },
      [cluster],
      /create an access entry/,
    ],
    ["kubernetes:core/v1:ConfigMap", { metadata: { name: "x", namespace: "none" } }, [], /namespaces "none" not found/],
    ["kubernetes:core/v1:ConfigMap", { metadata: { name: "x" } }, [], undefined],
    [
      "kubernetes:argoproj.io/v1alpha1:Application",
      { metadata: { name: "x" }, spec: { project: "gone" } },
      [],
      /project gone/,
    ],
    [
      "mongodbatlas:index/streamConnection:StreamConnection",
      { projectId: "p", workspaceName: "w" },
      [],
      /STREAM_TENANT_NOT_FOUND/,
    ],
  ];
  for (const [type, inputs, there, expected] of refused) {
    it(`${type} ${expected === undefined ? "is created" : `fails with ${expected.source}`} for ${JSON.stringify(inputs)}`, () => {
      const reason = spec(type).refuseCreate?.(inputs, contextWith(there));
      if (expected === undefined) assert.equal(reason, undefined);
      else assert.match(String(reason), expected);
    });
  }

  const used: [resource: CloudResource, user: CloudResource, expected: RegExp][] = [
    [vpc, a, /DependencyViolation: The vpc 'vpc-1' has dependencies.*subnet-a/],
    [
      a,
      resource("aws:ec2/natGateway:NatGateway", "nat-1", { subnetId: "subnet-a" }),
      /DependencyViolation: The subnet/,
    ],
    [cluster, resource("aws:eks/nodeGroup:NodeGroup", "main:n", { clusterName: "main" }), /nodegroups attached/],
    [
      resource("aws:iam/role:Role", "r", {}),
      resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "x", { role: "r" }),
      /must detach all policies/,
    ],
    [
      resource("aws:ec2/eip:Eip", "eip-1", {}),
      resource("aws:ec2/natGateway:NatGateway", "nat-1", { allocationId: "eip-1" }),
      /InvalidIPAddress\.InUse/,
    ],
  ];
  for (const [subject, user, expected] of used) {
    it(`${subject.type} is not deleted while ${user.type} needs it`, () => {
      const { inUse } = spec(subject.type);
      assert.match(String(inUse?.(subject, contextWith([subject, user]))), expected);
      assert.equal(inUse?.(subject, contextWith([subject])), undefined);
    });
  }

  it("keeps a cluster with deletion protection", () => {
    const kept = resource("aws:eks/cluster:Cluster", "main", { deletionProtection: true });
    assert.match(String(spec("aws:eks/cluster:Cluster").inUse?.(kept, contextWith())), /Deletion protection/);
  });
});

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
