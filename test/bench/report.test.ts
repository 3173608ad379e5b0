import assert from "node:assert/strict";
import { inTurns, measure, median } from "../../bench/measure.ts";
import { passes, table, type Row } from "../../bench/report.ts";

const row = (value: number, target?: number): Row => ({
  name: "preview",
  value,
  unit: "ratio",
  detail: "1 s against 1 s",
  ...(target === undefined ? {} : { target }),
});

describe("median", () => {
  for (const [values, expected] of [
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ] as const)
    it(`of ${values.join(", ")} is ${expected}`, () => assert.equal(median(values), expected));

  it("of nothing is an error", () => assert.throws(() => median([]), /no median/));
});

describe("inTurns", () => {
  it("swaps the order with every pair", async () => {
    const order: string[] = [];
    const take = (name: string) => async (index: number) => order.push(`${name}${index}`);
    await inTurns(3, take("a"), take("b"));
    assert.deepEqual(order, ["a0", "b0", "b1", "a1", "a2", "b2"]);
  });
});

describe("measure", () => {
  const node = (script: string) =>
    measure({ command: process.execPath, args: ["-e", script], cwd: ".", environment: process.env });

  it("hands on both outputs", async () => {
    const { output } = await node("console.log('out'); console.error('err')");
    assert.deepEqual(output.trim().split("\n").sort(), ["err", "out"]);
  });

  it("rejects with the output of a command that failed", async () => {
    await assert.rejects(node("console.error('no stack'); process.exit(3)"), /ended with 3:\nno stack/);
  });
});

describe("the performance table", () => {
  it("passes up to the target and without one", () => {
    assert.deepEqual([row(1.1, 1.1), row(1.11, 1.1), row(99)].map(passes), [true, false, true]);
  });

  it("aligns value, target and verdict", () => {
    assert.deepEqual(table([row(1.05, 1.1), { ...row(12, 1), name: "up", unit: "starts" }, row(2)]), [
      "measurement  value    target        detail",
      "preview      1.05 x   <= 1.1  pass  1 s against 1 s",
      "up           12 more  <= 1    FAIL  1 s against 1 s",
      "preview      2.00 x                 1 s against 1 s",
    ]);
  });
});
