import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { ProcessorSpec } from "../../../components/streams/definition.ts";
import type { StreamsPipelineArgs } from "../../../components/streams/streams-pipeline.ts";
import { args, dlq, made, pipeline, processor, projectId, types } from "./fixture.ts";

/** The processor as it is registered. */
async function registered(change: Partial<ProcessorSpec> = {}, more: Partial<StreamsPipelineArgs> = {}) {
  const [, done] = await made({ processors: { orders: { ...processor, ...change } }, ...more });
  return done.get(types.processor, "streams-processor-orders");
}

describe("components/streams: processors", () => {
  it("are declared with everything that the provider would otherwise guess", async () => {
    const { inputs } = await registered();
    assert.deepEqual(inputs, {
      projectId,
      ...{ workspaceName: "dev-streams", processorName: "orders", pipeline, state: "STARTED", tier: "SP5" },
      timeouts: { create: "30m" },
    });
  });

  it("keep the keys of their pipelines as they were written", async () => {
    assert.equal((await registered()).inputs.pipeline, pipeline);
    assert.notEqual(JSON.stringify(JSON.parse(pipeline)), pipeline, "reading and writing would have moved keys");
  });

  for (const state of ["STARTED", "STOPPED", "CREATED"] as const)
    it(`say that they are ${state}: a FAILED one would stay so without`, async () => {
      assert.equal((await registered({ state })).inputs.state, state);
    });

  const options: [title: string, change: Partial<ProcessorSpec>, restart: string[], expected: unknown][] = [
    ["none where there is nothing to say, as empty ones are refused", {}, [], undefined],
    ["a dead letter queue", { dlq }, [], { dlq }],
    [
      "bounds of autoscaling",
      { autoscaling: { minTier: "SP2", maxTier: "SP10" } },
      [],
      { autoscaling: { minTier: "SP2", maxTier: "SP10" } },
    ],
    [
      "a start without the checkpoint, where this deployment asks for it",
      {},
      ["orders"],
      { resumeFromCheckpoint: false },
    ],
    ["nothing of checkpoints where it asks for another's", { dlq }, ["other"], { dlq }],
  ];
  for (const [title, change, restart, expected] of options)
    it(`have options: ${title}`, async () => {
      assert.deepEqual((await registered(change, { restart })).inputs.options, expected);
    });

  it("take part in failover where their policy says so", async () => {
    assert.equal((await registered({ failover: true })).inputs.failoverEnabled, true);
    assert.ok(!("failoverEnabled" in (await registered()).inputs));
  });

  it("are made anew under another name, place or project, which the provider would change in place", async () => {
    const { replaceOnChanges } = await registered();
    assert.deepEqual(replaceOnChanges, ["processorName", "workspaceName", "projectId"]);
  });

  it("do not change with figures of what runs", async () => {
    assert.deepEqual((await registered()).ignoreChanges, ["stats", "effectiveTier"]);
  });

  it("come after all connections", async () => {
    const { dependsOn } = await registered();
    for (const { value } of args.connections)
      assert.ok(dependsOn.includes(`${types.connection} streams-connection-${value.name}`), value.name);
  });

  for (const [removal, kept] of [
    ["retain", true],
    ["destroy", false],
  ] as const)
    it(`${kept ? "keep their checkpoints" : "may go"} where removal is ${removal}`, async () => {
      const { protect, retainOnDelete } = await registered({}, { removal });
      assert.deepEqual({ protect, retainOnDelete }, { protect: kept, retainOnDelete: kept });
    });

  for (const rollout of ["blue-green", "canary"] as const)
    it(`are no resources where they take over by ${rollout}`, async () => {
      const [streams, done] = await made({ processors: { orders: { ...processor, rollout } } });
      assert.deepEqual(done.ofType(types.processor), []);
      assert.deepEqual(
        streams.checks.map((check) => [check.processor, check.rollout]),
        [["orders", rollout]],
      );
    });
});
