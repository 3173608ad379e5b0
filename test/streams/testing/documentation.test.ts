import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultConstants } from "../../../streams/engine/simulator/constants.ts";
import { loadTest } from "../../../streams/engine/testing/file.ts";
import { counting } from "./cases.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/streams-simulator.md"), "utf8");

describe("docs/streams-simulator.md", () => {
  it("lists every constant with its value", () => {
    const rows = [...page.matchAll(/^\| `(\w+)`\s*\| ([^|]+?)\s*\|/gm)].map(([, name, value]) => [
      name,
      value?.replaceAll("`", ""),
    ]);
    const shown = (value: unknown) =>
      value === "" ? "empty" : Array.isArray(value) ? value.join(", ") : String(value);
    assert.deepEqual(
      rows,
      Object.entries(defaultConstants).map(([name, value]) => [name, shown(value)]),
    );
  });

  it("shows a test that can be read", () => {
    const [, example = ""] = /```yaml\n([^]+?)```/.exec(page) ?? [];
    const { test, findings } = loadTest("tests/counting.test.yaml", example, new Map([["counting", counting()]]));
    assert.deepEqual(findings, []);
    assert.equal(test?.file.cases.length, 1);
  });
});
