import assert from "node:assert/strict";
import { runSuites } from "../../tools/testing/lanes.ts";
import type { Suite, SuiteContext } from "../../tools/testing/suite.ts";

const result = { passed: 1, failed: 0, skipped: [] };

/** Suites that end when they are told to, and what was shown. */
function stage(names: readonly string[]) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  let shown = "";
  const suites = names.map((name): Suite => ({
    name,
    title: `about ${name}`,
    run: (context: SuiteContext) =>
      new Promise((resolve) => {
        started.push(name);
        context.write?.(`${name} begins\n`);
        ends.set(name, () => {
          context.say(`${name} ends`);
          resolve(result);
        });
      }),
  }));
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    suites,
    started,
    shown: () => shown.split("\n").filter((line) => line !== "" && !line.startsWith("[")),
    out: (chunk: string | Uint8Array) => (shown += Buffer.from(chunk).toString("utf8")),
    async end(name: string) {
      ends.get(name)?.();
      await settle();
    },
  };
}

const context = { root: ".", environment: {} };

describe("suites on two lanes", () => {
  it("are taken from both ends and shown in their order", async () => {
    const { suites, started, shown, out, end } = stage(["a", "b", "c"]);
    const done = runSuites(suites, context, { lanes: 2, out });
    assert.deepEqual(started, ["a", "c"]);
    assert.deepEqual(shown(), ["a begins"]);
    await end("c");
    assert.deepEqual(started, ["a", "c", "b"]);
    assert.deepEqual(shown(), ["a begins"], "c waits for its turn");
    await end("a");
    assert.deepEqual(shown(), ["a begins", "a ends", "b begins"]);
    await end("b");
    assert.deepEqual(shown().slice(3), ["b ends", "c begins", "c ends"]);
    assert.deepEqual(
      (await done).map(({ name }) => name),
      ["a", "b", "c"],
    );
  });

  it("let a suite that throws fail alone, and say why in its place", async () => {
    const { suites, shown, out, end } = stage(["a", "b"]);
    const broken: Suite = { name: "x", title: "breaks", run: () => Promise.reject(new Error("no Python")) };
    const done = runSuites([...suites, broken], context, { lanes: 2, out });
    await new Promise<void>((resolve) => setImmediate(resolve));
    await end("b");
    await end("a");
    const reports = await done;
    assert.deepEqual(
      reports.map(({ failed }) => failed),
      [0, 0, 1],
    );
    assert.equal(shown().at(-1), "  FAIL no Python");
  });

  it("run one after the other on a single lane, with the terminal to themselves", async () => {
    const { suites, started, out, end } = stage(["a", "b"]);
    const done = runSuites(suites, context, { lanes: 1, out });
    assert.deepEqual(started, ["a"]);
    await end("a");
    assert.deepEqual(started, ["a", "b"]);
    await end("b");
    assert.equal((await done).length, 2);
  });
});
