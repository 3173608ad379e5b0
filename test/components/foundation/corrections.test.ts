import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { clusterCorrections, correct, networkCorrections } from "../../../components/foundation/corrections.ts";
import { promised } from "../../support/harness.ts";

type Result = pulumi.ResourceTransformResult | undefined;

async function corrected(transform: pulumi.ResourceTransform, type: string, props: pulumi.Inputs): Promise<Result> {
  return await transform({ custom: true, type, name: "child", props, opts: { retainOnDelete: true } });
}

const cluster = "aws:eks/cluster:Cluster";

describe("components/foundation/corrections", () => {
  const cases: [title: string, transform: pulumi.ResourceTransform, type: string, before: object, after: object][] = [
    [
      "takes the creator's administration away and keeps the rest",
      correct(clusterCorrections(false, true)),
      cluster,
      {
        name: "c",
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
        vpcConfig: { endpointPublicAccess: true },
      },
      {
        name: "c",
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        vpcConfig: { endpointPublicAccess: true },
      },
    ],
    [
      "closes the public endpoint where it is not wanted",
      correct(clusterCorrections(false, false)),
      cluster,
      { vpcConfig: { subnetIds: ["s"] } },
      {
        accessConfig: { bootstrapClusterCreatorAdminPermissions: false },
        vpcConfig: { subnetIds: ["s"], endpointPublicAccess: false, endpointPrivateAccess: true },
      },
    ],
    [
      "asks for a session token of instance metadata, one hop far",
      correct(clusterCorrections(false, true)),
      "aws:ec2/launchTemplate:LaunchTemplate",
      { metadataOptions: { httpTokens: "optional", httpEndpoint: "enabled" } },
      { metadataOptions: { httpTokens: "required", httpEndpoint: "enabled", httpPutResponseHopLimit: 1 } },
    ],
    [
      "gives no instance a public address by accident",
      correct(networkCorrections(false)),
      "aws:ec2/subnet:Subnet",
      { cidrBlock: "10.0.0.0/24", mapPublicIpOnLaunch: true },
      { cidrBlock: "10.0.0.0/24", mapPublicIpOnLaunch: false },
    ],
    ["leaves the VPC's inputs alone", correct(networkCorrections(true)), "aws:ec2/vpc:Vpc", { a: 1 }, { a: 1 }],
  ];
  for (const [title, transform, type, before, after] of cases) {
    it(title, async () => {
      const copy = structuredClone(before);
      assert.deepEqual((await corrected(transform, type, before))?.props, after);
      assert.deepEqual(before, copy, "the child's own inputs must not be changed in place");
    });
  }

  it("corrects inputs that are still on their way", async () => {
    const props = { accessConfig: pulumi.output({ authenticationMode: "API" }) };
    const result = await corrected(correct(clusterCorrections(false, true)), cluster, props);
    assert.deepEqual(await promised(result?.props.accessConfig), {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: false,
    });
  });

  for (const protect of [true, false]) {
    it(`protects cluster and VPC themselves (${protect}) and keeps their other options`, async () => {
      for (const [transform, type] of [
        [correct(clusterCorrections(protect, true)), cluster],
        [correct(networkCorrections(protect)), "aws:ec2/vpc:Vpc"],
      ] as const) {
        assert.deepEqual((await corrected(transform, type, {}))?.opts, { retainOnDelete: true, protect });
      }
    });
  }

  it("passes every other type unchanged", async () => {
    assert.equal(await corrected(correct(clusterCorrections(true, false)), "aws:iam/role:Role", { a: 1 }), undefined);
  });
});
