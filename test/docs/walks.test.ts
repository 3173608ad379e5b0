import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suites } from "../../tools/testing/suites.ts";
import { pageBlocks, pages, root } from "./blocks.ts";
import { elsewhere, isPartOf, linesOf, needs, walks } from "./walks.ts";

// The workloads' own pages are beside their code, whose tests run its entry points with other arguments.
const documentation = pages.filter((page) => /^(?:README|CONTRIBUTING|docs\/.*)\.?\w*$/u.test(page));
const blocks = documentation.flatMap(pageBlocks).filter(({ language }) => language === "sh");
const walked = Object.entries(walks).flatMap(([test, sections]) => sections.map((section) => ({ test, section })));
const lines = new Set(blocks.flatMap(linesOf));

describe("blocks of commands", () => {
  it("are each followed by one test, or say what they need that a test cannot have", () => {
    assert.ok(blocks.length > 50, String(blocks.length));
    const problems = blocks.flatMap(({ at, section, attributes }) => {
      const tests = walked.filter((one) => isPartOf({ section }, one.section)).map(({ test }) => test);
      const need = attributes["needs"];
      if (need !== undefined) return need in needs ? [] : [`${at}: nothing is called ${need}`];
      return tests.length === 1 ? [] : [`${at}, ${section}: followed by ${tests.join(" and ") || "no test"}`];
    });
    assert.deepEqual(problems, []);
  });

  it("are there for every walk", () => {
    const runnable = blocks.filter(({ attributes }) => attributes["needs"] === undefined);
    const gone = walked.filter(({ section }) => !runnable.some((block) => isPartOf(block, section)));
    assert.deepEqual(gone, []);
    for (const test of Object.keys(walks))
      assert.match(readFileSync(join(root, test), "utf8"), new RegExp(`startWalk\\("${test}"`, "u"), test);
  });

  it("need nothing that no block asks for", () => {
    const asked = new Set(blocks.map(({ attributes }) => attributes["needs"]));
    assert.deepEqual(
      Object.keys(needs).filter((need) => !asked.has(need)),
      [],
    );
  });

  it("are left to `npm test` itself only where it does the same", () => {
    const script = readFileSync(join(root, ".ci/run"), "utf8");
    for (const [command, where] of Object.entries(elsewhere)) {
      assert.ok(lines.has(command), `no page has ${command}`);
      if (where === ".ci/run")
        for (const one of command.split(" && ")) assert.match(script, new RegExp(`^${one} `, "mu"));
      else
        assert.ok(
          suites.some(({ name }) => name === where),
          `${command}: there is no suite ${where}`,
        );
    }
  });
});
