import assert from "node:assert/strict";
import { createSimulator } from "../../../streams/engine/simulator/simulator.ts";
import { at, simulator, sink } from "./processing.ts";

const window = (pipeline: object[]) => ({
  $tumblingWindow: { interval: { size: 1, unit: "second" }, allowedLateness: 0, pipeline },
});
const source = { $source: { connectionName: "k", topic: "t" } };

describe("many documents in the simulator", () => {
  it("leave no more behind than windows that are open", () => {
    const group = [{ $group: { _id: "$k", n: { $sum: 1 }, average: { $avg: "$v" } } }];
    const running = createSimulator([source, window(group), sink], { retain: false });
    let emitted = 0;
    const counted = createSimulator([source, window(group), sink], { retain: false, onEmission: () => (emitted += 1) });
    const sizes: number[] = [];
    for (let index = 0; index < 20_000; index += 1) {
      const document = { k: index % 10, v: index };
      running.push(document, { eventTime: index * 10 });
      counted.push(document, { eventTime: index * 10 });
      if (index % 1000 === 950) sizes.push(running.stats().stateSize);
    }
    // A hundred documents are in a window, and ten groups are what is kept of them.
    assert.ok(Math.max(...sizes) <= Math.min(...sizes) * 1.05, sizes.join(" "));
    assert.equal(running.emissions.length, 0);
    assert.equal(emitted, 1990);
    assert.equal(running.stats().outputMessageCount, 1990);
    assert.equal(running.world.sinks().collections.get("c.d.x")?.size, 10);
  });

  it("are kept by a window that needs them, and go with it", () => {
    const running = createSimulator([source, window([{ $sort: { v: 1 } }]), sink], { retain: false });
    const size = (index: number) => {
      running.push({ _id: index % 7, v: index }, { eventTime: index * 100 });
      return running.stats().stateSize;
    };
    const sizes = Array.from({ length: 100 }, (_, index) => size(index));
    assert.ok((sizes[8] ?? 0) > (sizes[1] ?? 0) * 3);
    assert.ok((sizes[90] ?? 0) < (sizes[8] ?? 0));
  });

  it("come out the same in every run", () => {
    const run = () => {
      const stages = [
        { $set: { id: { $createUUID: {} }, at: { $currentDate: {} }, r: { $rand: {} } } },
        { $match: { r: { $lt: 0.7 } } },
      ];
      const running = simulator([source, ...stages, sink], { mocks: { uuid: 42 } });
      for (let index = 0; index < 50; index += 1) {
        running.push({ index });
        running.advance(17);
      }
      return running.emissions.map(({ doc }) => doc);
    };
    const first = run();
    assert.ok(first.length > 20 && first.length < 50);
    assert.deepEqual(run(), first);
    assert.notEqual(first[0]?.["id"], first[1]?.["id"]);
    assert.equal((first[0]?.["at"] as Date).toISOString().slice(0, 11), at("").slice(0, 11));
  });
});
