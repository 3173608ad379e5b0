import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { modelPipeline } from "../../model/pipeline/housing.ts";
import { takesKey } from "../../model/pipeline/machines.ts";
import { renderDefinition } from "../../model/pipeline/render.ts";
import { settings } from "./settings.ts";

describe("model/pipeline: machines", () => {
  const table: [type: string, takes: boolean][] = [
    ["ml.m5.large", true],
    ["ml.c7i.xlarge", true],
    ["ml.t2.medium", true],
    ["ml.p3.2xlarge", true],
    ["ml.m5d.large", false],
    ["ml.r6gd.large", false],
    ["ml.g4dn.xlarge", false],
    ["ml.g5.xlarge", false],
    ["ml.p4d.24xlarge", false],
    ["ml.trn1.2xlarge", false],
  ];
  for (const [type, takes] of table)
    it(`${type} ${takes ? "takes" : "refuses"} a key for its disks`, () => assert.equal(takesKey(type), takes));

  it("asks for no key on the disks of a machine that refuses one, and for it on what leaves the machine", () => {
    const keyArn = "arn:aws:kms:us-east-1:222222222222:key/1";
    const train = { instanceType: "ml.g5.xlarge", volumeGb: 10, timeoutMinutes: 60 };
    const compute = { ...settings.compute, train };
    const of = modelPipeline({ ...settings, compute, surroundings: { isolated: true, keyArn } });
    const { Steps } = renderDefinition(of) as { Steps: { Arguments: Record<string, Record<string, unknown>> }[] };
    const [preprocess, training] = Steps;
    assert.equal(
      (preprocess?.Arguments.ProcessingResources?.ClusterConfig as { VolumeKmsKeyId: string }).VolumeKmsKeyId,
      keyArn,
    );
    assert.equal(training?.Arguments.ResourceConfig?.VolumeKmsKeyId, undefined);
    assert.equal(training?.Arguments.OutputDataConfig?.KmsKeyId, keyArn);
  });
});
