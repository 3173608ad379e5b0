// Sends events through a tumbling window and prints the greatest heap after garbage was collected: node --expose-gc window.ts <events> <window>.
import { createSimulator } from "../../streams/engine/simulator/simulator.ts";

const [, , count, kind] = process.argv;
const events = Number(count);
const group = { $group: { _id: "$key", n: { $sum: 1 }, total: { $sum: "$value" }, high: { $max: "$value" } } };
const pipeline = kind === "group" ? [group] : [{ $sort: { value: -1 } }, { $limit: 1 }, { $set: { _id: "$key" } }];
const running = createSimulator(
  [
    { $source: { connectionName: "k", topic: "t" } },
    {
      $tumblingWindow: {
        interval: { size: 10, unit: "second" },
        allowedLateness: { size: 1, unit: "second" },
        pipeline,
      },
    },
    { $merge: { into: { connectionName: "c", db: "d", coll: "x" }, whenMatched: "replace" } },
  ],
  { retain: false },
);

let peakBytes = 0;
const start = performance.now();
for (let index = 0; index < events; index += 1) {
  running.push({ key: index % 100, value: (index * 7919) % 10_007 }, { eventTime: index * 10 });
  if (index % 25_000 !== 24_999) continue;
  globalThis.gc?.();
  peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
}
console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, peakBytes }));
