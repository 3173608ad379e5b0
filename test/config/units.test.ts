import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../automation/errors.ts";
import { filled, parseUnits, placeholders } from "../../config/units.ts";

const file = "config/units.yaml";
const unit = (extra: Record<string, unknown>) => ({ name: "data", paths: ["data/**"], stacks: ["dev"], ...extra });
const yaml = (units: readonly unknown[], fallback: unknown = "data") => JSON.stringify({ fallback, units });

describe("the units file", () => {
  it("of this repository is right", () => {
    const text = readFileSync(join(import.meta.dirname, "..", "..", file), "utf8");
    const { units, fallback } = parseUnits(text);
    assert.equal(fallback, "infrastructure");
    const lines = text.split("\n");
    for (const { patterns } of units)
      for (const { glob, line } of patterns) assert.ok(lines[line - 1]?.includes(glob), `${glob} in line ${line}`);
  });

  const wrong: [string, string, RegExp][] = [
    ["YAML that is none", "units: [", /has 1 problem/],
    ["no units", yaml([]), /units: got \[\], expected at least one unit/],
    [
      "an unknown key",
      yaml([unit({ path: ["x"] })]),
      /units\[0\]\.path: unknown key\. Did you mean units\[0\]\.paths\?/,
    ],
    ["no paths", yaml([unit({ paths: [] })]), /units\[0\]\.paths: got \[\], expected at least one pattern/],
    [
      "no stacks",
      JSON.stringify({ fallback: "data", units: [{ name: "data", paths: ["x"] }] }),
      /units\[0\]\.stacks: missing/,
    ],
    ["a name with spaces", yaml([unit({ name: "my data" })]), /got "my data", expected lower-case letters/],
    ["an unknown fallback", yaml([unit({})], "dta"), /fallback: got "dta", expected .* Did you mean data\?/],
    ["no fallback", JSON.stringify({ units: [unit({})] }), /fallback: missing/],
    [
      "an unknown need",
      yaml([unit({ needs: ["packng"] }), unit({ name: "packing", paths: ["p"] })]),
      /needs\[0\].*Did you mean packing\?/,
    ],
    ["two of a name", yaml([unit({}), unit({ paths: ["x"] })]), /units\[1\]\.name: got "data"/],
    [
      "a pattern that stands twice",
      yaml([unit({}), unit({ name: "b" })]),
      /units\[1\]\.paths\[0\]: got "data\/\*\*", expected a pattern that data/,
    ],
    ["a negative pattern", yaml([unit({ paths: ["!data/x"] })]), /without !: put a unit/],
    ["an absolute path", yaml([unit({ paths: ["/data/**"] })]), /a path from the root/],
    ["a path with ./", yaml([unit({ paths: ["./data"] })]), /a path from the root/],
    ["a folder with a slash", yaml([unit({ paths: ["data/"] })]), /expected data\/\*\* for everything/],
    ["a backslash", yaml([unit({ paths: ["data\\x"] })]), /expected \/ between folders/],
    ["an open brace", yaml([unit({ paths: ["{a,b"] })]), /as many { as }/],
    ["a wrong placeholder", yaml([unit({ paths: ["services/<Name>/**"] })]), /<word> with lower-case letters/],
    [
      "a name that no pattern gives",
      yaml([unit({ name: "s/<x>" }), unit({})]),
      /expected <x> in it, which name or stacks use/,
    ],
    ["a stack that no pattern gives", yaml([unit({ stacks: ["<x>"] })]), /expected <x> in it, because stacks use it/],
    ["a word that stands twice", yaml([unit({ name: "s/<x>", paths: ["<x>/<x>"] }), unit({})]), /each <word> once/],
    [
      "a fallback with a placeholder",
      yaml([unit({ name: "s/<x>", paths: ["s/<x>"] }), unit({})], "s/<x>"),
      /fallback: got "s\/<x>"/,
    ],
    [
      "needs in a circle",
      yaml([
        unit({ needs: ["b"] }),
        unit({ name: "b", paths: ["b"], needs: ["c"] }),
        unit({ name: "c", paths: ["c"], needs: ["data"] }),
      ]),
      /got the needs data -> b -> c -> data/,
    ],
    ["a unit that needs itself", yaml([unit({ needs: ["data"] })]), /got the needs data -> data/],
  ];
  for (const [what, text, message] of wrong)
    it(`refuses ${what}, saying where and what to write`, () => {
      assert.throws(
        () => parseUnits(text, file),
        (error) =>
          error instanceof SlipwayError && error.code === 2 && error.where === file && message.test(error.message),
        String(message),
      );
    });

  it("reports all problems at once", () => {
    const text = yaml([unit({ needs: ["x"] }), unit({ name: "b", paths: ["!b"] })], "nobody");
    assert.throws(() => parseUnits(text), /has 3 problems/);
  });

  it("fills placeholders and leaves unknown ones alone", () => {
    assert.deepEqual(placeholders("services/<service>/<part>"), ["service", "part"]);
    assert.equal(filled("services/<service>/<part>", { service: "api" }), "services/api/<part>");
  });
});
