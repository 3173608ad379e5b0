import assert from "node:assert/strict";
import fc from "fast-check";
import { diffProcessor } from "../../../streams/engine/diff/diff.ts";
import { isLossy, upgradeClasses } from "../../../streams/engine/diff/upgrade.ts";
import { type Stages, end, from, plainWindow, processor, session, window } from "./lab.ts";

describe("of any two versions", () => {
  const stage = fc.oneof(
    fc.record({ $match: fc.dictionary(fc.constantFrom("a", "b", "1"), fc.integer({ min: 0, max: 3 })) }),
    fc.record({ $set: fc.record({ x: fc.integer({ min: 0, max: 3 }) }) }),
  );
  const windows = fc.constantFrom<object[]>(
    [],
    [window()],
    [plainWindow],
    [session],
    [window({ allowedLateness: { size: 1, unit: "day" } })],
  );
  const pipeline = fc
    .tuple(fc.array(stage, { maxLength: 3 }), windows, fc.array(stage, { maxLength: 2 }))
    .map(([before, inside, after]): object[] => [from(), ...before, ...inside, ...after, end]);
  const rank = (before: Stages, after: Stages) =>
    upgradeClasses.indexOf(diffProcessor(processor(before), processor(after)).class);

  it("one and the same needs nothing", () => {
    fc.assert(
      fc.property(pipeline, (one) => {
        const diff = diffProcessor(processor(one), processor(one));
        assert.deepEqual([diff.class, diff.status, diff.stages, diff.reasons], ["none", "unchanged", [], []]);
      }),
      { numRuns: 100 },
    );
  });

  it("there are changes of stages exactly where the pipelines differ", () => {
    fc.assert(
      fc.property(pipeline, pipeline, (before, after) => {
        const { stages, from: old, to } = diffProcessor(processor(before), processor(after));
        assert.equal(stages.length === 0, old === to);
      }),
      { numRuns: 100 },
    );
  });

  const lossy: [what: string, worse: (stages: Stages) => object[]][] = [
    ["another topic", (stages) => [from({ topic: "elsewhere" }), ...stages.slice(1)]],
    ["another time", (stages) => [from({ timeField: { $toDate: "$other" } }), ...stages.slice(1)]],
    ["no window any more", (stages) => stages.filter((one) => !Object.keys(one).join().endsWith("Window"))],
    ["one more stage", (stages) => [...stages.slice(0, -1), { $unset: "zzz" }, ...stages.slice(-1)]],
  ];
  for (const [what, worse] of lossy)
    it(`${what} never makes a change safer`, () => {
      fc.assert(
        fc.property(pipeline, pipeline, (before, after) => {
          const windowed = (stages: Stages) => JSON.stringify(stages).includes("Window");
          // Without the window that was only just added less changes, not more.
          fc.pre(what !== "no window any more" || windowed(before));
          assert.ok(rank(before, worse(after)) >= rank(before, after));
        }),
        { numRuns: 200 },
      );
    });

  it("lossy are those that leave a checkpoint behind", () => {
    assert.deepEqual(upgradeClasses.map(isLossy), [false, false, true, true]);
  });
});
