import assert from "node:assert/strict";
import { compareProfiles, type CompareOptions, type Metric } from "../../../automation/streams/observe/compare.ts";
import type { Profile } from "../../../automation/streams/observe/profile.ts";
import { distribution } from "../../../automation/streams/observe/statistics.ts";
import { around, profile } from "./made.ts";

const latency = (p50: number, p99: number, spread = 0, samples = 20) => ({
  latencyMs: { p50: around(p50, spread, samples), p99: around(p99, spread, samples) },
});
const memory = (mb: number, spread = 0) => ({ memoryMb: { ...around(mb, spread), trend: "steady" as const } });
const letters = (dlq: number, input = 10_000) => ({ documents: { input, output: input, dlq }, dlqRate: dlq / input });
const other = { digest: `sha256:${"b".repeat(64)}` };

describe("what runs, held against a baseline", () => {
  const table: [
    name: string,
    was: Partial<Profile>,
    is: Partial<Profile>,
    metric: Metric,
    verdict: string,
    options?: CompareOptions,
  ][] = [
    ["the same as before", {}, {}, "memoryMb", "same"],
    ["a little more memory", memory(100), memory(114), "memoryMb", "same"],
    ["much more memory", memory(100), memory(116), "memoryMb", "worse"],
    ["much less memory", memory(100), memory(84), "memoryMb", "better"],
    ["more of next to nothing", memory(1), memory(8), "memoryMb", "same"],
    ["more of what is noisy", memory(100, 20), memory(125, 20), "memoryMb", "same"],
    ["slower within the band", latency(20, 60), latency(24, 74), "latencyP99Ms", "same"],
    ["slower beyond the band", latency(20, 60), latency(20, 76), "latencyP99Ms", "worse"],
    ["slower in the middle", latency(20, 60), latency(26, 60), "latencyP50Ms", "worse"],
    [
      "slower than the band of who asks",
      latency(20, 60),
      latency(20, 76),
      "latencyP99Ms",
      "same",
      { bands: { latencyPercent: 50 } },
    ],
    ["faster", latency(20, 60), latency(20, 40), "latencyP99Ms", "better"],
    ["slower among noise", latency(20, 60, 40), latency(20, 80, 40), "latencyP99Ms", "same"],
    ["slower, and looked at twice", latency(20, 60), latency(20, 600, 0, 2), "latencyP99Ms", "inconclusive"],
    ["slower on another tier", {}, { ...latency(20, 600), tier: "SP5" }, "latencyP99Ms", "inconclusive"],
    ["without latency on one side", {}, { latencyMs: null }, "latencyP99Ms", "inconclusive"],
    ["without latency on both", { latencyMs: null }, { latencyMs: null }, "latencyP99Ms", "same"],
    [
      "a longer window",
      { ...latency(60_020, 60_060), windowMs: 60_000 },
      { ...latency(300_020, 300_060), windowMs: 300_000 },
      "latencyP99Ms",
      "same",
    ],
    [
      "slower inside its window",
      { ...latency(60_020, 60_060), windowMs: 60_000 },
      { ...latency(60_020, 60_090), windowMs: 60_000 },
      "latencyP99Ms",
      "worse",
    ],
    [
      "half a window, and slower",
      { ...latency(30_000, 60_060), windowMs: 60_000 },
      { ...latency(30_020, 60_060), windowMs: 60_000 },
      "latencyP50Ms",
      "worse",
    ],
    ["fewer documents, nothing waits", {}, { throughputPerSecond: around(20) }, "throughputPerSecond", "same"],
    [
      "fewer documents, and more and more wait",
      {},
      { throughputPerSecond: around(20), lag: { unit: "documents", first: 0, last: 900, trend: "rising" } },
      "throughputPerSecond",
      "worse",
    ],
    [
      "fewer documents, and nobody knows",
      {},
      { throughputPerSecond: around(20), lag: null },
      "throughputPerSecond",
      "inconclusive",
    ],
    [
      "fewer documents of the same input",
      {},
      { throughputPerSecond: around(20) },
      "throughputPerSecond",
      "worse",
      { sameInput: true },
    ],
    ["more documents", {}, { throughputPerSecond: around(90) }, "throughputPerSecond", "same"],
    ["no dead letters", letters(0), letters(0), "dlqRate", "same"],
    ["a tenth of all to the dead letters", letters(0), letters(1000), "dlqRate", "worse"],
    ["as many dead letters as before", letters(1000), letters(1005), "dlqRate", "same"],
    ["fewer dead letters", letters(1000), letters(0), "dlqRate", "better"],
    ["one dead letter of many", letters(0), letters(1), "dlqRate", "same"],
    ["a few of a few", letters(0), letters(2, 800), "dlqRate", "inconclusive"],
    [
      "dead letters, and nothing was read before",
      { documents: { input: 0, output: 0, dlq: 0 }, dlqRate: null },
      letters(1000),
      "dlqRate",
      "inconclusive",
    ],
    [
      "bursts, as many documents in all",
      {},
      { throughputPerSecond: distribution([0, 0, 0, 250, 0, 0, 0, 0, 250, 0]) },
      "throughputPerSecond",
      "same",
      { sameInput: true },
    ],
    [
      "no documents at all",
      {},
      { documents: { input: 0, output: 0, dlq: 0 }, dlqRate: null },
      "dlqRate",
      "inconclusive",
    ],
    ["less comes out", {}, { outputPerInput: 0.8 }, "outputPerInput", "worse"],
    ["a changed definition lets less through", {}, { ...other, outputPerInput: 0.6 }, "outputPerInput", "same"],
    [
      "a changed definition lets next to nothing through",
      {},
      { ...other, outputPerInput: 0.05 },
      "outputPerInput",
      "worse",
    ],
    ["a changed definition lets more through", {}, { ...other, outputPerInput: 3 }, "outputPerInput", "same"],
  ];
  for (const [name, was, is, metric, verdict, options] of table)
    it(`${name}: ${metric} is ${verdict}`, () => {
      const compared = compareProfiles(profile(was), profile(is), options);
      const found = compared.metrics.find((one) => one.metric === metric);
      assert.equal(found?.verdict, verdict, found?.reason);
      assert.ok(compared.verdict === verdict || verdict === "same", compared.reasons.join());
    });

  it("is as bad as the worst of it, and says why", () => {
    const { verdict, reasons } = compareProfiles(
      profile(),
      profile({ ...memory(50), ...latency(20, 90), throughputPerSecond: around(20), lag: null }),
    );
    assert.equal(verdict, "worse");
    assert.deepEqual(reasons, ["latencyP99Ms: 60 ms -> 90 ms (noise ±15)"]);
  });

  it("takes off the time of windows, and says so", () => {
    const sides = [60_060, 60_100].map((p99) => profile({ ...latency(60_020, p99), windowMs: 60_000 }));
    const [was, is] = sides;
    assert.ok(was && is);
    assert.deepEqual(compareProfiles(was, is).reasons, [
      "latencyP99Ms: 60 ms -> 100 ms (noise ±15), without the window's own time",
    ]);
  });

  it("needs something that runs", () => {
    const broken = profile({ problem: "orders is FAILED: out of memory" });
    const now = compareProfiles(profile(), broken);
    assert.deepEqual([now.verdict, now.reasons], ["worse", ["orders is FAILED: out of memory"]]);
    assert.ok(now.metrics.every(({ verdict }) => verdict === "worse"));
    assert.equal(compareProfiles(broken, profile()).verdict, "inconclusive");
  });
});
