import assert from "node:assert/strict";
import { keptFor } from "../../../automation/deploy/streams/decide.ts";
import { NotHandedOver } from "../../../automation/deploy/streams/making.ts";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { scratch } from "../../git/throw-away.ts";
import { assertOnceEach, bad, changes, good, HandoverLab, nameOf, outputOf, topic } from "./lab.ts";

const [one, two, three, four] = [outputOf(1), outputOf(2), outputOf(3), outputOf(4)];

describe("the handover of a stream processor", () => {
  const temporary = scratch();
  let lab: HandoverLab;
  beforeEach(() => void (lab = new HandoverLab(temporary.directory())));
  const first = async () => assert.equal((await lab.handOver(one)).outcome, "handed-over");

  it("begins with the first version, which is compared with nothing", async () => {
    const result = await lab.handOver(one);
    assert.deepEqual(
      { ...result, seconds: 0 },
      {
        ...{ processor: "orders", from: null, to: nameOf(one), seconds: 0, outcome: "handed-over" },
        position: "where its own settings say, as it is the first version",
      },
    );
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
    assert.deepEqual(lab.compared, []);
    assert.equal((await lab.handOver(one)).outcome, "none");
  });

  for (const [kind, source] of [
    ["a change stream", changes],
    ["a topic", topic],
  ] as const)
    it(`of ${kind}: a trial beside it, then the new version from where the old one stopped, which stays`, async () => {
      const [before, after] = [outputOf(1, { source }), outputOf(2, { source })];
      await lab.handOver(before);
      const result = await lab.handOver(after);
      assert.deepEqual([result.outcome, result.from, result.to], ["handed-over", nameOf(before), nameOf(after)]);
      assert.deepEqual(result.judgement, good);
      assert.deepEqual(lab.atlas.states(), { [nameOf(before)]: "STOPPED", [nameOf(after)]: "STARTED" });
      assert.deepEqual(lab.compared, [`${nameOf(after)}__shadow with ${nameOf(before)}`]);
      await lab.atlas.processors();
      assertOnceEach(lab.atlas.written("orders"));
      const by = lab.atlas.writes.filter(({ sink }) => sink === "orders").map((write) => write.by);
      assert.deepEqual([...new Set(by)], [nameOf(before), nameOf(after)]);
      assert.ok(lab.atlas.written(`orders__${nameOf(after).slice(-8)}_shadow`).length > 0);
    });

  it("stops at a regression: the trial is gone, and the old version never stopped", async () => {
    await first();
    lab.judgement = bad;
    const result = await lab.handOver(two);
    assert.ok(result.outcome === "failed");
    assert.match(result.reason, /latencyP99Ms: 10 ms -> 90 ms/);
    assert.equal(result.stands, `${nameOf(one)} runs`);
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
    assert.ok(!lab.atlas.calls.includes(`stop ${nameOf(one)}`));
    // The way back has nothing to do, and a better day begins anew.
    assert.equal((await lab.handOver(one, { trial: false })).outcome, "none");
    lab.judgement = good;
    assert.equal((await lab.handOver(two)).outcome, "handed-over");
    assertOnceEach(lab.atlas.written("orders"));
  });

  it("takes a trial that fails for a regression", async () => {
    await first();
    lab.atlas.failing = "__shadow";
    const result = await lab.handOver(two);
    assert.ok(result.outcome === "failed");
    assert.match(result.reason, /the trial failed: broken on purpose/);
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
  });

  it("starts the old version again from its checkpoint where the new one fails", async () => {
    await first();
    lab.atlas.failing = nameOf(two);
    const result = await lab.handOver(two, { trial: false });
    assert.ok(result.outcome === "failed");
    assert.match(result.reason, /failed: broken on purpose/);
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED", [nameOf(two)]: "FAILED" });
    await lab.atlas.processors();
    assertOnceEach(lab.atlas.written("orders"));
    // What is left of the new one goes with the next look.
    await lab.handOver(one, { trial: false });
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
  });

  it("takes a refusal of Atlas for a failure of the new version, and goes back", async () => {
    await first();
    lab.atlas.refuse = `start ${nameOf(two)}`;
    const result = await lab.handOver(two, { trial: false });
    assert.ok(result.outcome === "failed");
    assert.match(result.reason, /Atlas answered 400: cannot resume/);
    assert.equal(lab.atlas.states()[nameOf(one)], "STARTED");
  });

  it("goes back to a version that is stopped, from its own checkpoint and without a trial", async () => {
    await first();
    await lab.handOver(two);
    const at = lab.atlas.all.get(nameOf(one))?.next;
    const result = await lab.handOver(one, { trial: false });
    assert.equal(result.outcome, "handed-over");
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED", [nameOf(two)]: "STOPPED" });
    const again = lab.atlas.writes.findLast(({ by }) => by === nameOf(one));
    assert.ok(again !== undefined);
    const sinceThen = lab.atlas.writes.filter(({ by, document }) => by === nameOf(one) && document >= (at ?? 0));
    assert.equal(sinceThen[0]?.document, at);
    assert.equal(lab.compared.length, 1);
  });

  it("keeps two versions beside the one in service, and none that Atlas has forgotten", async () => {
    for (const output of [one, two, three, four]) await lab.handOver(output);
    assert.deepEqual(lab.atlas.states(), {
      ...{ [nameOf(two)]: "STOPPED", [nameOf(three)]: "STOPPED", [nameOf(four)]: "STARTED" },
    });
    lab.now = new Date(lab.now.getTime() + keptFor + 1);
    await lab.handOver(four);
    assert.deepEqual(lab.atlas.states(), { [nameOf(four)]: "STARTED" });
  });

  it("takes over from what changed in place until now, and keeps it", async () => {
    const pipeline = JSON.parse(one.pipeline) as Record<string, unknown>[];
    await lab.atlas.createProcessor({ name: "orders", pipeline, dlq: one.dlq });
    await lab.atlas.startProcessor("orders");
    const result = await lab.handOver(two);
    assert.deepEqual([result.outcome, result.from], ["handed-over", "orders"]);
    assert.deepEqual(lab.atlas.states(), { orders: "STOPPED", [nameOf(two)]: "STARTED" });
    assertOnceEach(lab.atlas.written("orders"));
    assert.deepEqual(
      (await lab.records.read("orders")).served.map(({ name }) => name),
      [nameOf(two), "orders"],
    );
  });

  it("refuses what nobody could go on from before anything is made", async () => {
    const plain = [{ $source: { connectionName: "events", topic: "orders" } }, { $merge: {} }];
    await lab.atlas.createProcessor({ name: "orders", pipeline: plain });
    await lab.atlas.startProcessor("orders");
    const calls = lab.atlas.calls.length;
    await assert.rejects(
      lab.handOver(outputOf(2, { source: { connectionName: "events", topic: "orders" } })),
      (error) => error instanceof NotHandedOver && /consumer group of Atlas' own/.test(error.message),
    );
    assert.equal(lab.atlas.calls.length, calls);
    assert.equal((await lab.records.read("orders")).attempt, undefined);
  });

  it("takes another tier with a stop and a start, and no other version", async () => {
    await first();
    assert.equal((await lab.handOver({ ...one, tier: "SP30" })).outcome, "handed-over");
    assert.equal(lab.atlas.all.get(nameOf(one))?.tier, "SP30");
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
    assertOnceEach(lab.atlas.written("orders"));
  });

  it("leaves a version stopped that shall not run", async () => {
    await first();
    const stopped = { ...two, state: "STOPPED" as const };
    assert.equal((await lab.handOver(stopped)).outcome, "handed-over");
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STOPPED", [nameOf(two)]: "CREATED" });
  });

  it("ends a trial when somebody cancels, and touches nothing else", async () => {
    await first();
    lab.judgement = good;
    const cancel = lab.cancel;
    lab.records.write = ((write) => async (record) => {
      await write(record);
      if (lab.atlas.all.has(`${nameOf(two)}__shadow`)) cancel.abort();
    })(lab.records.write);
    const result = await lab.handOver(two);
    assert.equal(result.outcome, "cancelled");
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
    assert.equal((await lab.records.read("orders")).attempt, undefined);
  });

  it("gives up what does not end in time", async () => {
    await first();
    lab.atlas.startProcessor = async (name) => void (lab.atlas.all.get(name)!.state = "PROVISIONING");
    const result = await lab.handOver(two, { timeoutMs: 1000 });
    assert.ok(result.outcome === "failed");
    assert.match(result.reason, /did not end within/);
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
  });

  it("ends with an error where Atlas does not even stop what it is told to stop", async () => {
    await first();
    lab.atlas.stopProcessor = async () => undefined;
    await assert.rejects(
      lab.handOver(two, { trial: false, timeoutMs: 200 }),
      (error) => error instanceof SlipwayError && error.code === ExitCode.timeout && /hangs/.test(error.message),
    );
    assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED" });
  });
});
