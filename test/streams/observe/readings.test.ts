import assert from "node:assert/strict";
import { ExitCode, type SlipwayError } from "../../../automation/errors.ts";
import type { AtlasProcessor } from "../../../automation/streams/atlas/types.ts";
import { measure, profileOf } from "../../../automation/streams/observe/measure.ts";
import { profileFrom } from "../../../automation/streams/observe/readings.ts";
import { distribution, trendOf, wilsonLower } from "../../../automation/streams/observe/statistics.ts";
import { judgeLimits, limitsOf } from "../../../automation/streams/observe/thresholds.ts";
import { windowMsOf } from "../../../automation/streams/observe/window.ts";
import { around, processor, profile, windowed } from "./made.ts";

const counts = (input: number, output = input, dlq = 0) => ({
  ...{ inputMessageCount: input, outputMessageCount: output, dlqMessageCount: dlq },
});
const at = (seconds: number, raw: Record<string, unknown>, members: Record<string, unknown> = {}, text?: string) => ({
  at: seconds * 1000,
  processor: processor({ ...members, stats: raw }, text),
});

describe("a profile out of readings", () => {
  it("counts what happened between them, by the time that really passed", () => {
    const readings = [at(0, counts(100, 50, 1)), at(10, counts(300, 150, 3)), at(30, counts(900, 450, 11))];
    const made = profileFrom("orders", readings);
    assert.deepEqual(made.documents, { input: 800, output: 400, dlq: 10 });
    assert.deepEqual([made.throughputPerSecond?.min, made.throughputPerSecond?.max], [20, 30]);
    assert.deepEqual([made.dlqRate, made.outputPerInput, made.seconds, made.samples], [0.0125, 0.5, 30, 3]);
    assert.equal(made.problem, null);
  });

  it("leaves out the time in which counts began anew", () => {
    const made = profileFrom("orders", [at(0, counts(100)), at(10, counts(5)), at(20, counts(25))]);
    assert.deepEqual([made.documents.input, made.throughputPerSecond?.samples], [20, 1]);
  });

  it("counts Atlas' percentiles once, however often they are read", () => {
    const told = (p99: number, end: string) => ({ latency: { p50: 1000, p99, end, unit: "microseconds" } });
    const made = profileFrom("orders", [at(0, told(9000, "a")), at(10, told(9000, "a")), at(20, told(7000, "b"))]);
    assert.deepEqual([made.latencyMs?.p99.samples, made.latencyMs?.p99.p50, made.latencyMs?.p50.p50], [2, 8, 1]);
  });

  it("tells memory in megabytes whatever its scale, and whether it rises", () => {
    const readings = [10, 11, 20, 30, 40, 50].map((mb, index) =>
      at(index * 10, { memoryUsageBytes: mb * 1024, scaleFactor: 1024 }),
    );
    const made = profileFrom("orders", readings);
    assert.deepEqual([made.memoryMb?.max, made.memoryMb?.trend], [50, "rising"]);
  });

  it("knows what waits only where Atlas says so of every partition", () => {
    const partitions = (...lags: (number | undefined)[]) => ({
      kafkaPartitions: lags.map((lag, partition) => ({
        partition,
        currentOffset: 5,
        checkpointOffset: 4,
        partitionOffsetLag: lag,
      })),
    });
    assert.deepEqual(profileFrom("orders", [at(0, partitions(3, 4)), at(9, partitions(1, 0))]).lag, {
      ...{ unit: "documents", first: 7, last: 1, trend: "steady" },
    });
    assert.equal(profileFrom("orders", [at(0, partitions(3, undefined))]).lag, null);
    const behind = profileFrom("orders", [at(0, { changeStreamTimeDifferenceSecs: 12 })]).lag;
    assert.deepEqual([behind?.unit, behind?.first], ["seconds", 12]);
  });

  it("says what is wrong with a processor that does not run to the end", () => {
    const gone = { at: 20_000, processor: undefined };
    const failed = at(20, {}, { state: "FAILED", errorMsg: "out of memory" });
    assert.match(profileFrom("orders", [at(0, {}), gone]).problem ?? "", /not in Atlas/);
    assert.equal(profileFrom("orders", [at(0, {}), failed]).problem, "orders is FAILED: out of memory");
    assert.equal(profileFrom("orders", [at(0, {}), at(9, {}, { state: "STOPPED" })]).problem, "orders is STOPPED");
    const moved = [at(0, {}), at(9, {}, { state: "PROVISIONING" }), at(18, {}, { effectiveTier: "SP30" })];
    assert.deepEqual([profileFrom("orders", moved).problem, profileFrom("orders", moved).tier], [null, "SP30"]);
    assert.match(profileFrom("orders", []).problem ?? "", /not in Atlas/);
  });

  it("knows how long documents wait in its window", () => {
    assert.equal(profileFrom("orders", [at(0, {}, {}, windowed(5))]).windowMs, 300_000);
    assert.equal(windowMsOf([{ $sessionWindow: { gap: { size: 30, unit: "second" } } }]), 30_000);
    assert.equal(windowMsOf([{ $hoppingWindow: { interval: { size: 1, unit: "fortnight" } } }]), 0);
    assert.equal(windowMsOf([{ $match: {} }]), 0);
  });
});

describe("readings of processors", () => {
  /** Time that only sleeping moves, and Atlas that counts on with it. */
  function world(states: (name: string, seconds: number) => AtlasProcessor | undefined) {
    let now = 0;
    const asked: number[] = [];
    const all = ["orders", "views"];
    const seen = (name: string) => states(name, now / 1000);
    const client = {
      processors: () => (asked.push(now), Promise.resolve(all.flatMap((name) => seen(name) ?? []))),
      processor: (name: string) => (asked.push(now), Promise.resolve(seen(name))),
    };
    const clock = { now: () => now, sleep: (ms: number) => Promise.resolve(void (now += ms)) };
    return { client, clock, asked };
  }
  const steady = (name: string, seconds: number) => processor({ name, stats: counts(seconds * 10) });

  it("begin after the warm-up, and keep to their moments", async () => {
    const { client, clock, asked } = world(steady);
    const said: string[] = [];
    const pace = { durationMs: 40_000, intervalMs: 10_000, warmUpMs: 60_000 };
    const profiles = await profileOf(client, ["orders", "views"], { ...pace, clock, say: (line) => said.push(line) });
    assert.deepEqual(asked, [0, 60_000, 70_000, 80_000, 90_000, 100_000]);
    const { samples, seconds, throughputPerSecond } = profiles.get("views") ?? {};
    assert.deepEqual([samples, seconds, throughputPerSecond?.p50], [5, 40, 10]);
    assert.deepEqual(said, [
      "2 processors, 5 readings in 40 s",
      "reading 1 of 5",
      "reading 2 of 5",
      "reading 3 of 5",
      "reading 4 of 5",
      "reading 5 of 5",
    ]);
  });

  it("end where nothing runs any more", async () => {
    const { client, clock, asked } = world((name, seconds) =>
      seconds < 20 ? steady(name, seconds) : processor({ name, state: "FAILED", errorMsg: "boom" }),
    );
    const profiles = await profileOf(client, ["orders"], { durationMs: 600_000, intervalMs: 10_000, clock });
    assert.equal(asked.length, 4);
    assert.equal(profiles.get("orders")?.problem, "orders is FAILED: boom");
  });

  it("go on while one of several runs", async () => {
    const { client, clock } = world((name, seconds) => (name === "views" ? undefined : steady(name, seconds)));
    const profiles = await profileOf(client, ["orders", "views"], { durationMs: 30_000, intervalMs: 10_000, clock });
    assert.equal(profiles.get("orders")?.samples, 4);
    assert.equal(profiles.get("views")?.problem, "views is not in Atlas");
  });

  it("end when they are cancelled", async () => {
    const { client, clock } = world(steady);
    const options = { durationMs: 30_000, intervalMs: 10_000, clock, signal: AbortSignal.abort() };
    await assert.rejects(measure(client, ["orders"], options), ({ code }: SlipwayError) => code === ExitCode.cancelled);
  });
});

describe("limits", () => {
  const thresholds = { memory_mb: 400, latency_p99_ms: 50, throughput_min: 10 };

  it("are those of the environment and of the policy, each judged by itself", () => {
    const limits = limitsOf(thresholds, { memoryMb: 90, dlqRate: 0.01 });
    const judged = judgeLimits(profile(), limits);
    assert.deepEqual(
      judged.map(({ metric, from, breached }) => [metric, from, breached]),
      [
        ["memoryMb", "thresholds", false],
        ["latencyP99Ms", "thresholds", true],
        ["throughputPerSecond", "thresholds", false],
        ["memoryMb", "expect", true],
        ["dlqRate", "expect", false],
      ],
    );
  });

  it("count latency without the window's time", () => {
    const made = profile({ windowMs: 60_000, latencyMs: { p50: around(60_010), p99: around(60_040) } });
    const [judged] = judgeLimits(made, limitsOf({ latency_p99_ms: 50 }, undefined));
    assert.deepEqual([judged?.value, judged?.breached], [40, false]);
  });

  it("are not broken by what was not measured, and are at the least where they say so", () => {
    const empty = profile({ memoryMb: null, latencyMs: null, throughputPerSecond: around(9.9) });
    const judged = judgeLimits(empty, limitsOf(thresholds, undefined));
    assert.deepEqual(
      judged.map(({ breached }) => breached),
      [false, false, true],
    );
  });
});

describe("figures of readings", () => {
  it("are the middle, the nearest rank and the distance of the middle", () => {
    const made = distribution([5, 1, 2, 3, 100]);
    const { sd, ...others } = made ?? {};
    assert.deepEqual(others, { samples: 5, min: 1, mean: 22.2, p50: 3, p95: 100, max: 100, mad: 2 });
    assert.equal(sd?.toFixed(2), "38.92");
    assert.deepEqual([distribution([]), distribution([1, 2])?.p50], [null, 1.5]);
  });

  it("are certain of a share only with enough of them", () => {
    assert.equal(wilsonLower(0, 0), 0);
    assert.ok(wilsonLower(1, 10) < 0.03 && wilsonLower(100, 1000) > 0.08);
  });

  it("rise or fall where that is no chance, and more than a little", () => {
    assert.deepEqual(
      [trendOf([1, 2, 3, 4]), trendOf([4, 3, 2, 1]), trendOf([1, 2, 3])],
      ["rising", "falling", "steady"],
    );
    assert.equal(trendOf([1, 9, 1, 9, 1, 9]), "steady");
    assert.equal(trendOf([100, 101, 102, 103]), "steady");
    const leak = Array.from({ length: 30 }, (_, index) => 100 + index + 10 * (index % 3));
    assert.equal(trendOf(leak), "rising");
  });
});
