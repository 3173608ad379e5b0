import assert from "node:assert/strict";
import { readStages } from "../../../automation/deploy/streams/pipeline.ts";
import { sliceStage } from "../../../automation/deploy/streams/slice.ts";
import { trialOf, type Trial } from "../../../automation/deploy/streams/trial.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { createSimulator } from "../../../streams/engine/simulator/simulator.ts";
import type { Doc } from "../../../streams/engine/simulator/values/types.ts";
import { connectionFiles, processorTexts } from "./texts.ts";

const dlq = { connectionName: "w", db: "ops", coll: "dead" };
const source = { $source: { connectionName: "shop", db: "shop", coll: "orders" } };
const request = (stages: object[], more: object = {}) => ({
  ...{ definition: { text: JSON.stringify(stages), dlq }, processor: "orders", digest: "1a2b3c4d", group: "trial" },
  ...more,
});
function made(stages: object[], more: object = {}): Trial {
  const trial = trialOf(request(stages, more));
  assert.ok(!("refused" in trial));
  return trial;
}
const last = ({ text }: Trial) => readStages(text).at(-1);

describe("the trial of a version", () => {
  it("merges into a collection of its own, by _id where the index is somewhere else", () => {
    const into = { connectionName: "w", db: "sales", coll: "orders" };
    const table: [given: object, expected: object][] = [
      [{ into }, { into: { ...into, coll: "orders__1a2b3c4d_shadow" } }],
      [
        { into, on: "_id", whenMatched: "replace", whenNotMatched: "discard", parallelism: 4 },
        {
          into: { ...into, coll: "orders__1a2b3c4d_shadow" },
          ...{ whenMatched: "replace", whenNotMatched: "discard", parallelism: 4 },
        },
      ],
      [{ into, on: ["customer"], whenMatched: "fail" }, { into: { ...into, coll: "orders__1a2b3c4d_shadow" } }],
      [
        { into: { ...into, coll: { $concat: ["o_", "$kind"] } } },
        { into: { ...into, coll: { $concat: [{ $concat: ["o_", "$kind"] }, "__1a2b3c4d_shadow"] } } },
      ],
      [{ into: { ...into, coll: "$kind" } }, { into: { ...into, coll: { $concat: ["$kind", "__1a2b3c4d_shadow"] } } }],
    ];
    for (const [given, expected] of table) assert.deepEqual(last(made([source, { $merge: given }]))?.operand, expected);
  });

  it("leads every other sink to the connection of its dead letters, and is refused without", () => {
    for (const sink of ["$emit", "$https", "$externalFunction"]) {
      const stages = [source, { [sink]: { connectionName: "out", topic: "t" } }];
      const { name, operand } = last(made(stages)) ?? {};
      assert.equal(name, "$merge");
      assert.deepEqual(operand, { into: { connectionName: "w", db: "ops", coll: "orders__1a2b3c4d_shadow" } });
      const without = trialOf(request(stages, { definition: { text: JSON.stringify(stages), dlq: undefined } }));
      assert.ok("refused" in without);
      assert.match(without.refused, new RegExp(`\\${sink} cannot be led`));
    }
  });

  it("has dead letters of its own, and says whom it asks beside what runs", () => {
    const asked = { $https: { connectionName: "geo", method: "POST" } };
    const trial = made([source, asked, { $merge: { into: { connectionName: "w", db: "d", coll: "c" } } }]);
    assert.equal(trial.dlq?.coll, "dead__1a2b3c4d_shadow");
    assert.deepEqual(trial.into, { results: "w.d.c__1a2b3c4d_shadow", deadLetters: "w.ops.dead__1a2b3c4d_shadow" });
    assert.deepEqual(trial.warnings, ["$https asks geo (POST) for the trial as well, beside what runs"]);
  });

  it("of every processor of this repository is one that Atlas takes", async () => {
    const [texts, connections] = [await processorTexts(), await connectionFiles()];
    for (const { name, text, dlq: queue } of texts)
      for (const percent of [undefined, 10]) {
        const more = { definition: { text, dlq: queue }, processor: name, ...(percent && { percent }) };
        const trial = trialOf({ ...request([]), ...more });
        if ("refused" in trial) {
          assert.equal(queue, undefined, `${name}: ${trial.refused}`);
          continue;
        }
        const file = `{"pipeline":${trial.text},"options":${JSON.stringify({ dlq: trial.dlq })}}`;
        const found = lint(loadStreams({ ...connections, [`processors/${name}.json`]: file })).filter(
          ({ severity }) => severity === "error",
        );
        assert.deepEqual(found, [], `${name} ${percent ?? 100} %`);
      }
  });
});

describe("the slice of a canary", () => {
  const share = (documents: readonly Doc[], percent: number, kind: "kafka" | "change-stream" | "other" = "other") => {
    const { operand } = sliceStage(kind, percent);
    const pipeline = [
      { $source: { documents } },
      { $match: operand },
      { $merge: { into: { connectionName: "w", db: "d", coll: "c" } } },
    ];
    const simulator = createSimulator(pipeline, { connections: [{ name: "w", type: "Cluster" }] });
    simulator.start();
    return simulator.emissions.map(({ doc }) => (doc as Doc)["_id"]);
  };
  const documents = (of: (index: number) => unknown) =>
    Array.from({ length: 2000 }, (_, index) => ({ _id: of(index) }));

  for (const [title, of] of [
    ["numbers", (index: number) => index],
    ["texts", (index: number) => `customer-${index}`],
    ["texts that other alphabets hold", (index: number) => `Kündin № ${index}`],
  ] as const)
    it(`is about a tenth of ${title}, and always the same`, () => {
      const through = share(documents(of), 10);
      assert.ok(through.length > 120 && through.length < 290, String(through.length));
      assert.deepEqual(share(documents(of), 10), through);
      assert.ok(through.every((id) => share([{ _id: id }], 20).length === 1));
    });

  it("is everything of what has no key to tell apart", () => {
    assert.equal(
      share(
        documents((index) => ({ index })),
        10,
      ).length,
      2000,
    );
  });
});
