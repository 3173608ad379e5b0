import assert from "node:assert/strict";
import { scratch } from "../../git/throw-away.ts";
import { Killed } from "../../support/fake-atlas.ts";
import { assertOnceEach, bad, changes, good, HandoverLab, nameOf, outputOf, topic } from "./lab.ts";

const [one, two] = [outputOf(1), outputOf(2)];

describe("a driver that is killed in a handover", () => {
  const temporary = scratch();
  const scenarios = {
    "to a new version": { judgement: good, ends: "handed-over" },
    "that a regression ends": { judgement: bad, ends: "failed" },
  } as const;
  for (const [title, { judgement, ends }] of Object.entries(scenarios))
    for (const source of [changes, topic])
      for (const when of ["before", "after"] as const)
        it(`${title} of ${"topic" in source ? "a topic" : "a change stream"}, ${when} any call: the next one ends it`, async () => {
          const [before, after] = [outputOf(1, { source }), outputOf(2, { source })];
          const run = async (kill: (lab: HandoverLab) => void) => {
            const lab = new HandoverLab(temporary.directory());
            await lab.handOver(before);
            [lab.atlas.calls.length, lab.writes, lab.judgement] = [0, 0, judgement];
            kill(lab);
            const killed = await lab.handOver(after).then(
              () => false,
              (error: unknown) => error instanceof Killed || /killed/.test(String(error)),
            );
            [lab.atlas.kill, lab.killWrite] = [undefined, undefined];
            // A failure that was only to be told needs another try, which fails in the same way.
            const result = await lab.handOver(after);
            assert.equal(result.outcome === "none" ? "handed-over" : result.outcome, ends);
            const [runs, stops] = ends === "failed" ? [before, undefined] : [after, before];
            assert.deepEqual(lab.atlas.states(), {
              [nameOf(runs)]: "STARTED",
              ...(stops === undefined ? {} : { [nameOf(stops)]: "STOPPED" }),
            });
            await lab.atlas.processors();
            assertOnceEach(lab.atlas.written("orders"));
            assert.equal((await lab.records.read("orders")).attempt, undefined);
            return killed;
          };
          let [calls, writes] = [1, 1];
          while (await run((lab) => void (lab.atlas.kill = { at: calls, when }))) calls += 1;
          while (await run((lab) => void (lab.killWrite = { at: writes, when }))) writes += 1;
          assert.ok(calls > (ends === "failed" ? 3 : 5) && writes > 3, `${calls} calls, ${writes} writes`);
        });

  for (const when of ["before", "after"] as const)
    it(`on the way back, ${when} any call: the old version runs`, async () => {
      for (let at = 1; ; at += 1) {
        const lab = new HandoverLab(temporary.directory());
        for (const output of [one, two]) await lab.handOver(output);
        lab.atlas.calls.length = 0;
        lab.atlas.kill = { at, when };
        const killed = await lab.handOver(one, { trial: false }).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        lab.atlas.kill = undefined;
        await lab.handOver(one, { trial: false });
        assert.deepEqual(lab.atlas.states(), { [nameOf(one)]: "STARTED", [nameOf(two)]: "STOPPED" });
        if (!killed) return void assert.ok(at > 2);
      }
    });

  it("leaves to a way back what it did not end: the old version runs on from its checkpoint", async () => {
    for (let at = 1; ; at += 1) {
      const lab = new HandoverLab(temporary.directory());
      await lab.handOver(one);
      lab.atlas.calls.length = 0;
      lab.atlas.kill = { at, when: "after" };
      const killed = await lab.handOver(two).then(
        () => false,
        (error: unknown) => error instanceof Killed,
      );
      if (!killed) return void assert.ok(at > 4);
      lab.atlas.kill = undefined;
      await lab.handOver(one, { trial: false });
      const { [nameOf(one)]: old, [nameOf(two)]: other, ...rest } = lab.atlas.states();
      assert.deepEqual([old, rest], ["STARTED", {}]);
      assert.ok(other === undefined || other === "STOPPED", other);
    }
  });
});
