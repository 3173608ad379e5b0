import assert from "node:assert/strict";

import { previewOutputs, withComputed } from "../../sandbox/operations/properties.ts";
import { behaviourOf } from "../../sandbox/operations/registry.ts";
import { typeSpec } from "../../sandbox/types/index.ts";
import { valueAt } from "../../sandbox/types/path.ts";
import { isUnknown, unknown } from "../../sandbox/unknown.ts";

const type = "aws:eks/cluster:Cluster";
const cluster = behaviourOf(type, typeSpec(type));
const made = { ...cluster, computed: ["arn", "net.id", "net.deep.id"], defaults: { mode: "a" } };

describe("sandbox preview of a create", () => {
  it("does not know the security group that EKS will make, and knows what the program gave", () => {
    const outputs = previewOutputs(cluster, {
      name: "c",
      vpcConfig: { subnetIds: ["s"], publicAccessCidrs: ["0.0.0.0/0"] },
    });
    assert.ok(isUnknown(valueAt(outputs, "vpcConfig.clusterSecurityGroupId")));
    assert.deepEqual(valueAt(outputs, "vpcConfig.subnetIds"), ["s"]);
    assert.deepEqual(valueAt(outputs, "vpcConfig.publicAccessCidrs"), ["0.0.0.0/0"]);
    assert.ok(isUnknown(outputs["accessConfig"]), "of a block that the program leaves out nothing is known");
  });

  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["an absent block", {}, { net: unknown }],
    ["a missing member", { net: { x: 1 } }, { net: { x: 1, id: unknown, deep: unknown } }],
    ["a member below a member", { net: { id: 1, deep: {} } }, { net: { id: 1, deep: { id: unknown } } }],
    ["nothing inside an unknown block", { net: unknown }, { net: unknown }],
    ["nothing inside a list", { net: [{ x: 1 }] }, { net: [{ x: 1 }] }],
    ["nothing that is given", { net: { id: 1, deep: { id: 2 } } }, { net: { id: 1, deep: { id: 2 } } }],
  ];
  for (const [name, inputs, expected] of cases) {
    it(`fills in ${name}`, () => {
      const before = structuredClone(Object.values(inputs).includes(unknown) ? {} : inputs);
      assert.deepEqual(previewOutputs(made, inputs), { mode: "a", arn: unknown, ...expected });
      if (!Object.values(inputs).includes(unknown)) assert.deepEqual(inputs, before, "inputs are left alone");
    });
  }

  it("keeps what the resource has when an update's inputs are not known yet", () => {
    const before = { arn: "arn", net: { id: "i", deep: { id: "d" } } };
    assert.deepEqual(withComputed(made, { net: { x: unknown } }, before), {
      arn: "arn",
      net: { x: unknown, id: "i", deep: { id: "d" } },
    });
  });
});
