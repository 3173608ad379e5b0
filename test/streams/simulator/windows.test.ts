import assert from "node:assert/strict";
import fc from "fast-check";
import { at, log, simulator, source, windowsOf } from "./processing.ts";
import { counted, hopping, late, minutes, pushAll, seconds, tumbling } from "./timed.ts";

describe("windows of one length", () => {
  it("close as in the documentation's table of allowed lateness", () => {
    const running = tumbling({ allowedLateness: minutes(2) });
    pushAll(
      running,
      "12:00:00",
      "12:01:00",
      "12:03:00",
      "12:02:00",
      "12:04:00",
      "12:01:00",
      "12:05:00",
      "12:06:00",
      "12:04:00",
    );
    assert.deepEqual(running.emissions, []);
    pushAll(running, "12:07:00");
    const [[window, doc] = []] = windowsOf(running);
    assert.equal(window, "12:00:00-12:05:00");
    assert.equal((doc as { times: string[] }).times.length, 7);
    assert.deepEqual(late(running), []);
  });

  it("take what lies from their start to just before their end", () => {
    const running = tumbling();
    pushAll(running, "12:00:00", "12:04:59.999", "12:05:00");
    assert.deepEqual(windowsOf(running), [
      ["12:00:00-12:05:00", { _id: null, times: [at("12:00:00"), at("12:04:59.999")] }],
    ]);
  });

  it("wait for three seconds where nothing is said", () => {
    const running = simulator([source, { $tumblingWindow: { interval: minutes(5), pipeline: counted } }, log]);
    pushAll(running, "12:00:00", "12:05:02.999");
    assert.equal(running.emissions.length, 0);
    pushAll(running, "12:05:03");
    assert.equal(running.emissions.length, 1);
  });

  it("send what is late to the dead letter queue", () => {
    const running = tumbling();
    pushAll(running, "12:00:00", "12:06:00", "12:04:59", "12:05:30");
    assert.deepEqual(late(running), ["12:04:59"]);
    assert.equal(running.dlq[0]?.operatorName, "$tumblingWindow");
    assert.equal(running.stats().watermark?.toISOString(), "2026-01-01T12:06:00.000Z");
  });

  it("are counted from 1970, and from an offset", () => {
    const daily = { interval: { size: 1, unit: "day" }, offset: { offsetFromUtc: 8, unit: "hour" } };
    const running = tumbling(daily);
    pushAll(running, "07:59:59", "08:00:00");
    running.push({ ts: "2026-01-02T08:00:00Z" });
    const starts = running.emissions.map(({ meta }) => (meta.window?.["start"] as Date).toISOString());
    assert.deepEqual(starts, ["2025-12-31T08:00:00.000Z", "2026-01-01T08:00:00.000Z"]);
    const before = tumbling();
    before.push({ ts: "1969-12-31T23:59:59Z" });
    before.push({ ts: "1970-01-01T00:00:00Z" });
    assert.equal((before.emissions[0]?.meta.window?.["start"] as Date).toISOString(), "1969-12-31T23:55:00.000Z");
    const shifted = tumbling({}, { constants: { windowEpochMs: 60_000 } });
    pushAll(shifted, "12:00:30", "12:01:00");
    assert.deepEqual(
      windowsOf(shifted).map(([window]) => window),
      ["11:56:00-12:01:00"],
    );
  });

  it("overlap where they hop by less than they last", () => {
    const running = hopping();
    pushAll(running, "12:00:30", "12:02:30", "12:03:30", "12:08:00");
    assert.deepEqual(windowsOf(running), [
      ["11:58:00-12:02:00", { _id: null, n: 1 }],
      ["12:00:00-12:04:00", { _id: null, n: 3 }],
      ["12:02:00-12:06:00", { _id: null, n: 2 }],
    ]);
  });

  it("leave gaps where they hop by more, and nobody is told of what lies in them", () => {
    const running = hopping({ interval: seconds(3), hopSize: seconds(5) });
    pushAll(running, "12:00:00", "12:00:02.999", "12:00:03", "12:00:04", "12:00:08");
    assert.deepEqual(windowsOf(running), [["12:00:00-12:00:03", { _id: null, n: 2 }]]);
    assert.deepEqual(late(running), []);
  });

  it("take a document that one of them missed, and report it, unless a constant says otherwise", () => {
    const times = ["12:00:30", "12:04:00", "12:03:00", "12:09:00"];
    const running = hopping();
    pushAll(running, ...times);
    assert.deepEqual(late(running), ["12:03:00"]);
    assert.deepEqual(windowsOf(running).at(-2), ["12:02:00-12:06:00", { _id: null, n: 2 }]);
    const lenient = hopping({}, { constants: { lateWhen: "all-windows-missed" } });
    pushAll(lenient, ...times);
    assert.deepEqual(late(lenient), []);
  });

  it("stay behind the watermark by a constant", () => {
    const running = tumbling({}, { constants: { watermarkOffsetMs: 1 } });
    pushAll(running, "12:00:00", "12:05:00");
    assert.equal(running.emissions.length, 0);
    pushAll(running, "12:05:00.001");
    assert.equal(running.emissions.length, 1);
  });

  it("close by processing time where that decides", () => {
    const window = { $tumblingWindow: { boundary: "processingTime", interval: minutes(5), pipeline: counted } };
    const running = simulator([source, window, log], { clock: "2026-01-01T12:04:00Z" });
    pushAll(running, "01:00:00", "23:00:00");
    running.advance("59s999ms");
    assert.equal(running.emissions.length, 0);
    running.push({ ts: at("05:00:00") });
    running.idle(1);
    pushAll(running, "05:00:00");
    running.advance("11m");
    assert.deepEqual(windowsOf(running), [
      ["12:00:00-12:05:00", { _id: null, n: 3 }],
      ["12:05:00-12:10:00", { _id: null, n: 1 }],
    ]);
    assert.deepEqual(late(running), []);
  });

  it("hold every document once where they tumble, as often as they overlap where they hop", () => {
    const size = fc.integer({ min: 1, max: 40 });
    const times = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 30 }), times, (interval, hop, offset, moments) => {
        const running = hopping({
          ...{ interval: seconds(interval), hopSize: seconds(hop), allowedLateness: { size: 1, unit: "day" } },
          ...(offset === 0 ? {} : { offset: { offsetFromUtc: offset, unit: "second" } }),
        });
        for (const moment of moments) running.push({ ts: new Date(moment * 1000).toISOString() });
        running.push({ ts: new Date(10 * 86_400_000).toISOString() });
        const windows = running.emissions.map(({ doc, meta }) => [
          meta.window?.["start"],
          meta.window?.["end"],
          doc?.["n"],
        ]);
        let counted = 0;
        for (const [start, end, n] of windows as [Date, Date, number][]) {
          const [from, until] = [start.getTime() / 1000, end.getTime() / 1000];
          assert.equal(until - from, interval);
          assert.equal((((from - offset) % hop) + hop) % hop, 0);
          assert.equal(n, moments.filter((moment) => moment >= from && moment < until).length);
          counted += n;
        }
        const expected = moments.flatMap((moment) =>
          Array.from({ length: Math.ceil(interval / hop) + 1 }, (_, back) => {
            const start = Math.floor((moment - offset) / hop) * hop + offset - back * hop;
            return start + interval > moment ? 1 : 0;
          }),
        );
        assert.equal(counted, expected.filter((one) => one === 1).length);
      }),
      { numRuns: 60 },
    );
  });
});
