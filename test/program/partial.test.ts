import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { rawSettings } from "../../config/load.ts";
import { parseStackOutputs } from "../../config/outputs.ts";
import { parseSettings } from "../../config/schema.ts";
import program from "../../index.ts";
import { run } from "../support/harness.ts";
import { siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig } from "../support/stack-files.ts";
import { dataResources } from "./expected-data.ts";
import { modelResources, registryReaders } from "./expected-model.ts";
import { observedOf } from "./expected-observability.ts";
import { processorsInPlace, streamResources } from "./expected-streams.ts";
import { expectedResources } from "./expected.ts";

describe("program without its pipelines", function () {
  this.timeout(60_000);
  const off = JSON.stringify({ enabled: false });

  /** The rest of dev, where nothing is there to give pods an identity. */
  async function runWithout(config: Record<string, string>) {
    const all = { ...stackConfig("dev"), ...config };
    return await run(program, { stack: "dev", config: all, stacks: siblingStacks });
  }

  it("registers everything but models, and says so in its outputs", async () => {
    const { list, outputs } = await runWithout({ "slipway:model": off });
    const gone = [...modelResources, ...registryReaders, ...observedOf.model];
    const rest = expectedResources("dev").filter((resource) => !gone.includes(resource));
    assert.deepEqual(list(), rest);
    const read = parseStackOutputs(outputs, "dev");
    assert.ok(read.kind === "environment");
    assert.deepEqual([read.model, read.ApiEndpoint], [undefined, undefined]);
    assert.ok(!read.checks.some(({ kind }) => kind === "sagemaker-endpoint" || kind === "lambda"));
    assert.ok(!JSON.stringify(read.manifests).includes("MODEL_REGISTRY"));
  });

  it("registers everything but data and models, and says so in its outputs", async () => {
    const { list, outputs } = await runWithout({ "slipway:data": off, "slipway:model": off });
    const observed = [...observedOf.data, ...observedOf.model];
    const gone = [...dataResources, ...modelResources, ...registryReaders, ...observed];
    const rest = expectedResources("dev").filter((resource) => !gone.includes(resource));
    assert.deepEqual(list(), rest);
    const read = parseStackOutputs(outputs, "dev");
    assert.ok(read.kind === "environment");
    assert.deepEqual([read.data, read.StepFunctionsArn], [undefined, undefined]);
    assert.deepEqual(
      [...new Set(read.checks.map(({ kind }) => kind))],
      ["argo-application", "http", "stream-processor"],
    );
  });

  it("has no streams where the stack file has none", async () => {
    const { "slipway:streams": _, ...config } = stackConfig("dev");
    const { list, outputs } = await run(program, { stack: "dev", config, stacks: siblingStacks });
    const gone = [...streamResources, ...processorsInPlace, ...observedOf.streams];
    assert.deepEqual(
      list(),
      expectedResources("dev").filter((resource) => !gone.includes(resource)),
    );
    const read = parseStackOutputs(outputs, "dev");
    assert.ok(read.kind === "environment");
    assert.equal(read.streams, undefined);
    assert.ok(!read.checks.some(({ kind }) => kind === "stream-processor"));
  });

  it("refuses models without data to learn from", async () => {
    const settings = { ...stackConfig("dev"), "slipway:data": off };
    assert.throws(() => parseSettings(rawSettings(settings)), /slipway:model\.enabled: .* false, or a data pipeline/u);
  });
});
