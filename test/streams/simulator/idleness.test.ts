import assert from "node:assert/strict";
import { at, log, simulator, source, windowsOf } from "./processing.ts";
import { counted, late, minutes, pushAll, seconds, tumbling } from "./timed.ts";

describe("windows while nothing comes", () => {
  it("close after the longer of the timeout and what is left of them", () => {
    // As in the documentation: a window of an hour, and the last event two minutes after its start.
    const hour = { interval: { size: 1, unit: "hour" } };
    for (const [timeout, closes] of [
      [{ size: 2, unit: "hour" }, 120],
      [minutes(10), 58],
    ] as const) {
      const running = tumbling({ ...hour, idleTimeout: timeout }, { clock: "2026-01-01T12:02:00Z" });
      pushAll(running, "12:02:00");
      running.idle(closes * 60_000 - 1);
      assert.equal(running.emissions.length, 0);
      running.idle(1);
      assert.equal(running.emissions.length, 1);
      assert.equal(running.stats().watermark?.toISOString(), "2026-01-01T13:00:00.000Z");
    }
  });

  it("stay open while the source delivers, and without a timeout", () => {
    const running = tumbling({ idleTimeout: minutes(1) });
    pushAll(running, "12:00:00");
    running.idle("4m");
    running.advance("10m");
    running.idle("4m59s");
    assert.equal(running.emissions.length, 0);
    running.idle("1s");
    assert.equal(running.emissions.length, 1);
    const without = tumbling();
    pushAll(without, "12:00:00");
    without.idle("10d");
    assert.equal(without.emissions.length, 0);
  });

  it("count what comes afterwards as late", () => {
    const running = tumbling({ idleTimeout: minutes(1) });
    pushAll(running, "12:00:00");
    running.idle("5m");
    pushAll(running, "12:04:00", "12:05:00");
    assert.deepEqual(late(running), ["12:04:00"]);
  });
});

describe("the watermark of several partitions", () => {
  const stream = (more: object) => [
    { $source: { ...source.$source, ...more } },
    { $tumblingWindow: { interval: minutes(5), allowedLateness: 0, pipeline: counted } },
    log,
  ];

  it("is the least of theirs, and waits for those that said nothing yet", () => {
    const running = simulator(stream({}), { partitions: 2 });
    running.push({ ts: at("12:06:00") }, { partition: 0 });
    assert.equal(running.stats().watermark, undefined);
    running.push({ ts: at("12:01:00") }, { partition: 1 });
    assert.equal(running.stats().watermark?.toISOString(), "2026-01-01T12:01:00.000Z");
    running.push({ ts: at("12:02:00") }, { partition: 0 });
    running.push({ ts: at("12:07:00") }, { partition: 1 });
    assert.equal(running.stats().watermark?.toISOString(), "2026-01-01T12:06:00.000Z");
    assert.deepEqual(windowsOf(running), [["12:00:00-12:05:00", { _id: null, n: 2 }]]);
  });

  it("goes on without those that are idle for too long, and never back", () => {
    const running = simulator(stream({ partitionIdleTimeout: seconds(30) }), { partitions: 2 });
    running.push({ ts: at("12:01:00") }, { partition: 1 });
    running.advance("10s");
    running.push({ ts: at("12:06:00") }, { partition: 0 });
    running.advance("19s");
    assert.equal(running.emissions.length, 0);
    running.advance("1s");
    assert.equal(running.emissions.length, 1);
    assert.deepEqual(
      running.stats().partitions.map(({ isIdle }) => isIdle),
      [false, true],
    );
    running.push({ ts: at("12:04:00") }, { partition: 1 });
    assert.deepEqual(late(running), ["12:04:00"]);
    assert.equal(running.stats().watermark?.toISOString(), "2026-01-01T12:06:00.000Z");
    assert.deepEqual(
      running.stats().partitions.map(({ isIdle }) => isIdle),
      [false, false],
    );
  });
});
