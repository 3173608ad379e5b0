import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { a, b, cluster, vpc } from "./cloud.ts";
import { contextWith, resource } from "./context.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);

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
    ["aws:iam/role:Role", { permissionsBoundary: "arn:aws:iam::1:policy/own" }, [], /NoSuchEntity/],
    [
      "aws:iam/role:Role",
      { permissionsBoundary: "arn:aws:iam::1:policy/own" },
      [resource("aws:iam/policy:Policy", "arn:aws:iam::1:policy/own", {})],
      undefined,
    ],
    ["aws:iam/role:Role", {}, [], undefined],
    [
      "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable",
      { repository: "r", environment: "prod" },
      [],
      /404 Not Found: environment prod of r/,
    ],
    [
      "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
      { repository: "r", environment: "prod", branchPattern: "main" },
      [
        resource("github:index/repositoryEnvironment:RepositoryEnvironment", "r:prod", {
          repository: "r",
          environment: "prod",
        }),
      ],
      /no custom deployment branch policies/,
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
      resource("aws:iam/policy:Policy", "arn:aws:iam::1:policy/own", {}),
      resource("aws:iam/role:Role", "r", { permissionsBoundary: "arn:aws:iam::1:policy/own" }),
      /attached to entities/,
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
