import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scratch, writeFiles } from "../git/throw-away.ts";
import {
  loadRequirements,
  parseRequirements,
  requirementProblems,
  requirementsPage,
} from "../../tools/docs/requirements.ts";

const root = join(import.meta.dirname, "..", "..");

/** How many requirements each setup has; their ids are counted through without a gap. */
const counts: Readonly<Record<string, number>> = { S0: 30, S1: 32, S2: 22, S3: 30, S4: 31 };
const ids = Object.entries(counts).flatMap(([seed, count]) =>
  Array.from({ length: count }, (_, index) => `${seed}-${String(index + 1).padStart(2, "0")}`),
);

describe("the requirements", () => {
  const requirements = loadRequirements(root);

  it("are all there, each once and in order", () => {
    assert.deepEqual(
      requirements.map(({ id }) => id),
      ids,
    );
  });

  it("live where they say, and are shown by tests that are there", () => {
    assert.deepEqual(requirementProblems(requirements, root), []);
  });

  it("stand in docs/requirements.md as docs/requirements.yaml has them", () => {
    assert.equal(readFileSync(join(root, "docs/requirements.md"), "utf8"), requirementsPage(requirements));
  });

  const refused: [what: string, text: string, problem: RegExp][] = [
    ["twice", "S0-01: {title: a, in: [x], tests: [y]}\nS0-01: {title: a, in: [x], tests: [y]}", /unique/u],
    ["of another form", "S0-1: {title: a, in: [x], tests: [y]}", /S0-1/u],
    ["without a test", "S0-01: {title: a, in: [x]}", /needs a test/u],
    ["nowhere and without a reason", "S0-01: {title: a}", /needs the reason/u],
    ["nowhere with a word for a reason", "S0-01: {title: a, missing: later}", /a reason of at least/u],
    ["with a key that nobody knows", "S0-01: {title: a, in: [x], tests: [y], done: true}", /done/u],
  ];
  for (const [what, text, problem] of refused)
    it(`are refused ${what}`, () => assert.throws(() => parseRequirements(text), problem));

  describe("of a checkout", () => {
    const temporary = scratch();
    after(() => temporary.clear());

    it("name paths, files and titles that are not there, and nothing else", () => {
      const directory = temporary.directory();
      writeFiles(directory, {
        "src/a.ts": "",
        "test/a.test.ts": 'describe("a", () => { it(`b ${c}`, () => {}); it("d \\" e", f); });\n// it says "g"\n',
        "test/test_a.py": "def test_h():\n    pass\n",
      });
      const tests = (titles: string[]) => titles.map((one) => `    - test/${one}\n`).join("");
      const one = (id: string, place: string, titles: string[]) =>
        `${id}:\n  title: t\n  in: [${place}]\n  tests:\n${tests(titles)}`;
      const text =
        one("S0-01", "src", ["a.test.ts", "a.test.ts | a", "a.test.ts | b ${c}", "test_a.py | test_h"]) +
        one("S0-02", "src/b.ts", ["b.test.ts", "a.test.ts | g", "test_a.py | test_i"]);
      assert.deepEqual(requirementProblems(parseRequirements(text), directory), [
        "S0-02: there is no src/b.ts",
        "S0-02: there is no test test/b.test.ts",
        'S0-02: test/a.test.ts has no test "g"',
        'S0-02: test/test_a.py has no test "test_i"',
      ]);
    });
  });
});
