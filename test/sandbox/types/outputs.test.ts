import assert from "node:assert/strict";

import { allTypeSpecs, typeSpec } from "../../../sandbox/types/index.ts";
import { valueAt } from "../../../sandbox/types/path.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith, resource } from "./context.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);
const outputsOf = (type: string, inputs: Properties, context = contextWith()) => {
  const { id, outputs } = spec(type);
  const own = id(inputs, context);
  return { id: own, ...outputs?.(inputs, own, context) } as Properties;
};

/** Whether the last member of the path is there, whatever its value. */
function leadsSomewhere(outputs: Properties, path: string): boolean {
  const keys = path.split(".");
  const parent = keys.length === 1 ? outputs : valueAt(outputs, keys.slice(0, -1).join("."));
  return typeof parent === "object" && parent !== null && (keys.at(-1) ?? "") in parent;
}

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
      for (const path of computed) assert.ok(leadsSomewhere(found, path), `${type} announces ${path}`);
    }
  });

  it("knows other partitions", () => {
    const context = contextWith([], { partition: "aws-cn", region: "cn-north-1" });
    const found = outputsOf("aws:ecr/repository:Repository", { name: "r" }, context);
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
