import assert from "node:assert/strict";
import type { DeployRequest, Session } from "../../../automation/deploy/session.ts";
import type { HandoverOutput } from "../../../automation/deploy/streams/making.ts";
import { paceFor } from "../../../automation/deploy/streams/pace.ts";
import { type Handovers, openHandovers } from "../../../automation/deploy/streams/streams.ts";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { append } from "../../../automation/promotion/ledger.ts";
import { historyOf } from "../../../automation/promotion/status.ts";
import type { StackOutputs } from "../../../config/outputs.ts";
import { cloneFixture, scratch } from "../../git/throw-away.ts";
import { FakeAtlas } from "../../support/fake-atlas.ts";
import { labAt, type Lab } from "../promotion-lab.ts";
import { nameOf, outputOf } from "./lab.ts";

const stackOutputs = (processors: Record<string, HandoverOutput> | undefined) =>
  ({
    ...{ kind: "environment", environment: "dev", region: "us-east-1" },
    ...(processors && { streams: { projectId: "p", workspace: "w", processors } }),
  }) as unknown as StackOutputs;

const pace = {
  ...paceFor(true),
  pollMs: 1,
  trial: { intervalMs: 2, warmUpMs: 2, durationMs: 20, leastDocuments: 3, patienceMs: 5_000, eventTimePace: 1 },
};

describe("the stream processors of a stack", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  const [one, two] = [outputOf(1), outputOf(2)];
  let lab: Lab;
  let atlas: FakeAtlas;
  let cancel: AbortController;

  beforeEach(() => {
    lab = labAt(clone.root, temporary.directory());
    [atlas, cancel] = [new FakeAtlas(), new AbortController()];
  });

  const session = (): Session => ({
    ...{ context: { ...lab.context, signal: cancel.signal }, workspace: lab.workspace },
    ...{ stack: "dev", by: "ada", onEngine: async () => {} },
    record: (entry) => append(lab.workspace.store, "dev", entry, lab.context.now),
  });
  const open = async (
    processors: Record<string, HandoverOutput> | undefined,
    changes: Partial<DeployRequest> = {},
  ): Promise<Handovers> => {
    const release = await lab.release(clone.first);
    const request = {
      verb: "promote",
      stack: "dev",
      workDir: clone.root,
      release,
      create: false,
      verify: true,
    } as const;
    return openHandovers(session(), { ...request, ...changes }, stackOutputs(processors), { open: () => atlas, pace });
  };
  const deploy = async (output: HandoverOutput, changes: Partial<DeployRequest> = {}) =>
    (await open({ orders: output }, changes)).handOver();
  const refusal = async (work: Promise<unknown>): Promise<SlipwayError> => {
    const error = await work.then(
      () => assert.fail("it went well"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof SlipwayError, String(error));
    return error;
  };

  it("are nobody's business where nothing is handed over", async () => {
    for (const processors of [undefined, {}, { orders: { ...one, rollout: "in-place" as const } }]) {
      const handovers = await open(processors);
      assert.equal(handovers.due, false);
      await handovers.handOver();
    }
    assert.equal(atlas.end, 0);
  });

  it("are handed over, and the ledger says from what to what, how it was judged and for which release", async () => {
    const handovers = await open({ orders: one });
    assert.equal(handovers.due, true);
    await handovers.handOver();
    await deploy(two);
    assert.equal((await open({ orders: two })).due, false);
    const [first, second] = await lab.records("dev");
    assert.ok(first?.kind === "processor-handed-over" && second?.kind === "processor-handed-over");
    assert.deepEqual([first.from, first.to, first.verdict], [null, nameOf(one), undefined]);
    assert.deepEqual([second.from, second.to, second.verdict], [nameOf(one), nameOf(two), "same"]);
    assert.equal(second.release, (await lab.release(clone.first)).id);
    assert.match(
      historyOf(await lab.records("dev"))[0]?.summary ?? "",
      new RegExp(`^processor orders handed over from ${nameOf(one)} to ${nameOf(two)} in `),
    );
  });

  it("that are worse than what runs are a verification that failed, with what runs and what to type", async () => {
    await deploy(one);
    atlas.latencyOf = (name) => (name.endsWith("__shadow") ? 90 : 10);
    const error = await refusal(deploy(two));
    assert.equal(error.code, ExitCode.verificationFailed);
    assert.match(
      error.message,
      new RegExp(`dev is deployed, but orders was not handed over to ${nameOf(two)}: latency`),
    );
    assert.equal(error.changed, `dev has its new infrastructure; ${nameOf(one)} runs`);
    assert.match(error.next ?? "", /slipway rollback dev/);
    const record = (await lab.records("dev")).at(-1);
    assert.ok(record?.kind === "failed" && record.stage === "verify");
    assert.deepEqual(
      record.checks?.map(({ name, kind, passed }) => ({ name, kind, passed })),
      [{ name: "orders", kind: "stream-handover", passed: false }],
    );
    // The way back finds the old one running.
    assert.equal((await open({ orders: one }, { verb: "rollback" })).due, false);
  });

  it("that changed in place until now and are as they should be stay what they are, under their own name", async () => {
    const { pipeline, dlq } = one;
    await atlas.createProcessor({ name: "orders", pipeline: JSON.parse(pipeline) as [], text: pipeline, dlq });
    await atlas.startProcessor("orders");
    await deploy(one);
    assert.deepEqual(atlas.states(), { orders: "STARTED" });
    await deploy(two);
    assert.deepEqual(atlas.states(), { orders: "STOPPED", [nameOf(two)]: "STARTED" });
    await deploy(one, { verb: "rollback" });
    assert.deepEqual(atlas.states(), { orders: "STARTED", [nameOf(two)]: "STOPPED" });
  });

  it("of a canary are tried on a share of the documents", async () => {
    await deploy({ ...one, rollout: "canary" });
    await deploy({ ...two, rollout: "canary" });
    assert.ok(atlas.calls.includes(`create ${nameOf(two)}__canary`));
    assert.ok(!atlas.calls.some((call) => call.includes("__shadow")));
    assert.deepEqual(atlas.states(), { [nameOf(one)]: "STOPPED", [nameOf(two)]: "STARTED" });
  });

  it("go back at once where a release is taken back", async () => {
    await deploy(one);
    await deploy(two);
    atlas.calls.length = 0;
    await deploy(one, { verb: "rollback" });
    assert.deepEqual(atlas.calls, [`stop ${nameOf(two)}`, `start ${nameOf(one)}`]);
  });

  it("of which one is worse end the trials of the others, and none is replaced", async () => {
    const both = (output: HandoverOutput) => ({ orders: output, visits: output });
    await (await open(both(one))).handOver();
    atlas.latencyOf = (name) => (name.startsWith("orders") && name.endsWith("__shadow") ? 90 : 10);
    const slow = { ...pace, trial: { ...pace.trial, leastDocuments: 1 } };
    const release = await lab.release(clone.first);
    const request = {
      verb: "promote",
      stack: "dev",
      workDir: clone.root,
      release,
      create: false,
      verify: true,
    } as const;
    const handovers = await openHandovers(session(), request, stackOutputs(both(two)), {
      open: () => atlas,
      pace: slow,
    });
    await refusal(handovers.handOver());
    assert.deepEqual(
      Object.keys(atlas.states()).filter((name) => /__(?:shadow|canary)$/.test(name)),
      [],
    );
    assert.equal(atlas.states()[nameOf(one)], "STARTED");
  });

  it("that a person stops are an interruption", async () => {
    await deploy(one);
    const handovers = await open({ orders: two });
    cancel.abort();
    const error = await refusal(handovers.handOver());
    assert.equal(error.code, ExitCode.cancelled);
    assert.equal((await lab.records("dev")).at(-1)?.kind, "interrupted");
    assert.deepEqual(atlas.states(), { [nameOf(one)]: "STARTED" });
  });

  it("that Atlas does not speak of fail the deployment before anything is said to be promoted", async () => {
    atlas.processors = () => Promise.reject(new Error("no way"));
    const error = await refusal(open({ orders: one }));
    assert.match(error.message, /orders could not be looked after: no way/);
    const record = (await lab.records("dev")).at(-1);
    assert.ok(record?.kind === "failed" && record.stage === "deploy");
  });

  it("that cannot be handed over fail it with the reason", async () => {
    await deploy(one);
    atlas.all.get(nameOf(one))!.text = JSON.stringify([{ $source: { connectionName: "k", stream: "s" } }]);
    const stream = outputOf(2, { source: { connectionName: "k", stream: "s" } });
    const error = await refusal(deploy(stream));
    assert.equal(error.code, ExitCode.policy);
    assert.match(error.message, /orders cannot be handed over: its \$source reads Kinesis/);
  });

  it("are stopped where their processor is gone, and where it is changed in place from now on", async () => {
    for (const processors of [{}, { orders: { ...one, rollout: "in-place" as const } }]) {
      await deploy(one);
      const handovers = await open(processors);
      assert.equal(handovers.due, true);
      await handovers.handOver();
      assert.deepEqual(atlas.states(), { [nameOf(one)]: "STOPPED" });
      assert.equal((await open(processors)).due, false);
    }
  });
});
