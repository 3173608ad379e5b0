import assert from "node:assert/strict";
import fc from "fast-check";
import type { Simulator, SimulatorOptions } from "../../../streams/engine/simulator/types.ts";
import { at, log, simulator, source, windowsOf } from "./processing.ts";

const sessions = (more: object = {}, options?: SimulatorOptions) =>
  simulator(
    [
      source,
      {
        $sessionWindow: {
          ...{ partitionBy: "$u", gap: { size: 5, unit: "minute" }, allowedLateness: { size: 0, unit: "second" } },
          pipeline: [{ $group: { _id: "$u", n: { $sum: 1 } } }],
          ...more,
        },
      },
      log,
    ],
    options,
  );

const push = (running: Simulator, ...events: [user: string | null, clock: string][]) =>
  events.forEach(([u, clock]) => running.push({ u, ts: at(clock) }));

describe("sessions", () => {
  it("last from their first event to a gap after their last, for each partition", () => {
    const running = sessions();
    push(running, ["a", "12:00:00"], ["b", "12:01:00"], ["a", "12:04:59.999"], ["c", "12:09:59.998"]);
    assert.deepEqual(windowsOf(running), [["12:01:00-12:06:00", { _id: "b", n: 1 }]]);
    push(running, ["c", "12:09:59.999"]);
    assert.deepEqual(windowsOf(running)[1], ["12:00:00-12:09:59.999", { _id: "a", n: 2 }]);
    assert.equal(running.emissions[0]?.meta.window?.["partition"], "b");
  });

  it("are several where events are a gap apart", () => {
    const constants = { sessionLateAgainst: "watermark-minus-lateness" } as const;
    const running = sessions({ allowedLateness: { size: 1, unit: "hour" } }, { constants });
    push(running, ["a", "12:00:00"], ["a", "12:05:00"], ["a", "11:55:00"], ["b", "14:00:00"]);
    assert.deepEqual(
      windowsOf(running).map(([window]) => window),
      ["11:55:00-12:00:00", "12:00:00-12:05:00", "12:05:00-12:10:00"],
    );
  });

  it("become one where an event lies between them", () => {
    const running = sessions({ allowedLateness: { size: 1, unit: "hour" } });
    push(running, ["a", "12:00:00"], ["a", "12:07:00"], ["a", "12:03:30"], ["b", "14:00:00"]);
    assert.deepEqual(windowsOf(running), [["12:00:00-12:12:00", { _id: "a", n: 3 }]]);
  });

  it("take events before the watermark as long as they are open", () => {
    const running = sessions();
    push(running, ["a", "12:04:00"], ["b", "12:05:00"], ["a", "12:01:00"], ["z", "12:04:59"], ["b", "13:00:00"]);
    assert.deepEqual(windowsOf(running)[0], ["12:01:00-12:09:00", { _id: "a", n: 2 }]);
    assert.deepEqual(
      running.dlq.map(({ operatorName, doc }) => [operatorName, (doc as { u: string }).u]),
      [["$sessionWindow", "z"]],
    );
  });

  it("count lateness as a constant says", () => {
    const lateness = { allowedLateness: { size: 1, unit: "minute" } };
    const running = sessions(lateness, { constants: { sessionLateAgainst: "watermark-minus-lateness" } });
    push(running, ["b", "12:05:00"], ["z", "12:04:01"], ["y", "12:03:59"]);
    assert.deepEqual(
      running.dlq.map(({ doc }) => (doc as { u: string }).u),
      ["y"],
    );
  });

  it("have a partition for events without one, and for every other value", () => {
    const running = sessions();
    running.push({ ts: at("12:00:00") });
    push(running, [null, "12:01:00"], ["A", "12:01:10"], ["a", "12:01:30"], ["z", "13:00:00"]);
    assert.deepEqual(
      windowsOf(running).map(([, doc]) => doc),
      [
        { _id: null, n: 2 },
        { _id: "A", n: 1 },
        { _id: "a", n: 1 },
      ],
    );
    const failing = sessions({ partitionBy: { $toInt: "$u" } });
    push(failing, ["x", "12:00:00"]);
    assert.deepEqual(
      failing.dlq.map(({ operatorName }) => operatorName),
      ["$sessionWindow"],
    );
  });

  it("close by processing time where that decides", () => {
    const running = simulator([
      source,
      {
        $sessionWindow: {
          ...{ partitionBy: "$u", gap: { size: 5, unit: "minute" }, boundary: "processingTime" },
          pipeline: [{ $count: "n" }],
        },
      },
      log,
    ]);
    push(running, ["a", "01:00:00"]);
    running.advance("4m");
    push(running, ["a", "23:00:00"]);
    running.advance("4m59s");
    assert.equal(running.emissions.length, 0);
    running.advance("1s");
    assert.deepEqual(
      windowsOf(running).map(([window, doc]) => [window, (doc as { n: number }).n]),
      [["12:00:00-12:09:00", 2]],
    );
  });

  it("are the same in whatever order events arrive that are not late", () => {
    const moments = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 20 });
    const shuffled = moments.chain((times) =>
      fc.tuple(fc.constant(times.toSorted((a, b) => a - b)), fc.shuffledSubarray(times, { minLength: times.length })),
    );
    const outcome = (times: readonly number[]) => {
      const running = sessions(
        { allowedLateness: { size: 1, unit: "day" } },
        { constants: { sessionLateAgainst: "watermark-minus-lateness" } },
      );
      for (const time of times) running.push({ u: time % 2, ts: new Date(time * 1000).toISOString() });
      running.push({ u: 9, ts: "1970-01-05T00:00:00Z" });
      return running.emissions.map(({ doc, meta }) => JSON.stringify([doc?.["n"], meta.window])).sort();
    };
    fc.assert(
      fc.property(shuffled, ([sorted, other]) => {
        const expected = outcome(sorted);
        assert.deepEqual(outcome(other), expected);
        assert.equal(
          expected.reduce((sum, text) => sum + (JSON.parse(text) as [number])[0], 0),
          sorted.length,
        );
      }),
      { numRuns: 60 },
    );
  });
});
