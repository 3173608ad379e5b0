import assert from "node:assert/strict";
import { judgementOf, judgeOf, type JudgeOptions } from "../../../automation/deploy/streams/judge.ts";
import { FakeAtlas } from "../../support/fake-atlas.ts";
import { around, profile } from "../../streams/observe/made.ts";
import { outputOf } from "./lab.ts";

const plain = { expect: undefined, thresholds: {}, percent: undefined };
const slower = profile({ latencyMs: { p50: around(60), p99: around(200) } });
const lazier = profile({ throughputPerSecond: around(5) });

describe("what a trial is worth", () => {
  it("is the same where nothing is worse, and says why where something is", () => {
    assert.deepEqual(judgementOf(profile(), profile(), plain), { verdict: "same", reasons: [] });
    const { verdict, reasons } = judgementOf(profile(), slower, plain);
    assert.equal(verdict, "worse");
    assert.match(reasons.join(), /latencyP99Ms: 60 ms -> 200 ms/);
  });

  it("counts what it reads only where it gets everything", () => {
    assert.equal(judgementOf(profile(), lazier, plain).verdict, "worse");
    assert.equal(judgementOf(profile(), lazier, { ...plain, percent: 10 }).verdict, "same");
    assert.equal(judgementOf(profile(), slower, { ...plain, percent: 10 }).verdict, "worse");
  });

  it("is nothing beyond a limit that what runs keeps to", () => {
    const expect = { latencyP99Ms: 61, throughputPerSecond: 40 };
    const near = profile({ latencyMs: { p50: around(20), p99: around(62) } });
    assert.deepEqual(judgementOf(profile(), near, { ...plain, expect }), {
      verdict: "worse",
      reasons: ["latencyP99Ms: 62, and the limits of its policy say 61"],
    });
    assert.equal(judgementOf(near, near, { ...plain, expect }).verdict, "same");
    const thresholds = { memory_mb: 105 };
    const fat = profile({ memoryMb: { ...around(106), trend: "steady" } });
    assert.match(
      judgementOf(profile(), fat, { ...plain, thresholds }).reasons.join(),
      /memoryMb: 106, and its environment's thresholds say 105/,
    );
    // A share of the documents is no lack of speed.
    assert.equal(judgementOf(profile(), lazier, { ...plain, expect, percent: 10 }).verdict, "same");
  });
});

describe("a trial that is measured", () => {
  const options = (signal = new AbortController().signal): JudgeOptions => ({
    pace: {
      pollMs: 1,
      trial: { intervalMs: 2, warmUpMs: 2, durationMs: 20, leastDocuments: 10, patienceMs: 5_000, eventTimePace: 1 },
    },
    ...{ say: () => undefined, signal },
  });
  const running = async (...names: string[]) => {
    const atlas = new FakeAtlas();
    for (const name of names) {
      await atlas.createProcessor({
        name,
        pipeline: JSON.parse(outputOf(1).pipeline) as [],
        text: outputOf(1).pipeline,
      });
      await atlas.startProcessor(name);
    }
    return atlas;
  };

  it("has to have read enough first, and is then measured together with what runs", async () => {
    const atlas = await running("blue", "green");
    atlas.latencyOf = (name) => (name === "green" ? 90 : 10);
    const judgement = await judgeOf(atlas, plain, options())("green", "blue");
    assert.equal(judgement.verdict, "worse");
    assert.match(judgement.reasons.join(), /latencyP50Ms: 10 ms -> 90 ms/);
    assert.ok((await atlas.processor("green"))!.stats.inputMessageCount >= 10);
  });

  it("is worse where it fails, or where somebody takes it away", async () => {
    const atlas = await running("blue", "green");
    atlas.all.get("green")!.state = "FAILED";
    assert.match((await judgeOf(atlas, plain, options())("green", "blue")).reasons.join(), /the trial failed/);
    atlas.all.delete("green");
    assert.deepEqual(await judgeOf(atlas, plain, options())("green", "blue"), {
      verdict: "worse",
      reasons: ["somebody deleted the trial"],
    });
  });
});
