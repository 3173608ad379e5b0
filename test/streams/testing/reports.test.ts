import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { type FileResult, percentage, runTest } from "../../../streams/engine/testing/file.ts";
import { junitXml } from "../../../streams/engine/testing/junit.ts";
import { updatedText } from "../../../streams/engine/testing/update.ts";
import { counting, event, loaded, oneCase, runText } from "./cases.ts";

const minute = `[${event("a", "00:00:10")}, ${event("skip", "00:00:11")}, ${event("z", "00:01:10")}]`;

describe("coverage of tests", () => {
  it("sums the documents of all cases at every stage and branch", () => {
    const text = `${oneCase("[]", "    expect: {}\n")}  - name: two\n    steps: ${minute}\n    expect: {}\n`;
    const { coverage } = runText(text);
    assert.deepEqual(
      coverage.map(({ stage, branch, count }) => `${stage} ${branch ?? ""}${count}`),
      [
        ...["pipeline[0].$source 3", "pipeline[1].$match 3", "pipeline[1].$match passes2", "pipeline[1].$match stops1"],
        ...["pipeline[2].$tumblingWindow 2", "pipeline[2].$tumblingWindow.pipeline[0].$group 2"],
        ...["pipeline[3].$merge 1", "pipeline[3].$merge whenMatched0", "pipeline[3].$merge whenNotMatched1"],
      ],
    );
    assert.equal(Math.round(percentage(coverage)), 89);
    assert.equal(percentage([]), 0);
  });

  it("does not count what other versions reach", () => {
    const other = counting([{ $count: "n" }, { $sort: { n: 1 } }]);
    const text = oneCase(`[{ restart: { pipelineFrom: v, resume: false } }, ${minute.slice(1)}`, "    expect: {}\n");
    assert.deepEqual(
      runText(text, counting(), new Map([["v", other]])).coverage.map(({ count }) => count),
      Array(9).fill(0),
    );
  });
});

/** A test file after an update, with what still fails in it. */
function updated(text: string, yaml = true) {
  const test = loaded(text, { yaml });
  const surroundings = { subject: counting(), connections: [], versions: new Map() };
  const next = updatedText(test, runTest(test, surroundings).cases);
  const again = next === undefined ? [] : runTest(loaded(next, { yaml }), surroundings).cases;
  return { next, failing: again.filter(({ status }) => status !== "passed").map(({ name }) => name) };
}

describe("updating tests", () => {
  it("leaves a file alone in which nothing fails", () => {
    assert.equal(updated(oneCase(minute, "    expect: { stats: { out: 1 } }\n")).next, undefined);
    const between = `${minute.slice(0, -1)}, { expect: { stats: { out: 1 } } }]`;
    assert.equal(updated(oneCase(between, "")).next, undefined);
  });

  it("writes what came where it is not what was expected, and nothing else", () => {
    const text = `# why there is a test\n${oneCase(minute, "    expect:\n      out: [] # none?\n      stats: { in: 2, dlq: 1 } # counts\n")}`;
    const { next = "", failing } = updated(text);
    assert.deepEqual(failing, []);
    assert.match(next, /^# why there is a test\n/);
    assert.match(next, /stats: \{ in: 3, dlq: 0 \} # counts/);
    assert.match(next, /_id: a\n\s+n: 1\n/);
    assert.doesNotMatch(next, /sink|watermark/);
  });

  it("fills in a case that expects nothing yet, in JSON as it is written", () => {
    const steps = '[{"in": {"k": "a", "ts": "2026-01-01T00:00:10Z"}}]';
    const { next = "", failing } = updated(
      `{\n  "cases": [\n    {\n      "name": "one",\n      "steps": ${steps}\n    }\n  ]\n}\n`,
      false,
    );
    assert.deepEqual(failing, []);
    assert.ok(next.includes(steps));
    const written = JSON.parse(next) as { cases: { expect: object }[] };
    assert.deepEqual(written.cases[0]?.expect, {
      out: [],
      dlq: [],
      sink: {},
      stats: { in: 1, out: 0, dlq: 0, dropped: 0 },
    });
  });

  it("does not update away what cannot be run or does not hold", () => {
    const lost = oneCase("[{ restart: { from: nowhere } }]", "    expect: {}\n");
    assert.equal(updated(lost).next, undefined);
    const shuffled = oneCase(
      minute,
      "    expect: { out: [{}] }\n    properties: { shuffle: { runs: 5, within: 2m } }\n",
    );
    assert.equal(updated(shuffled).next, undefined);
  });
});

describe("JUnit", () => {
  it("says what passed, failed and could not be run, whatever names are like", () => {
    const bad = '<"&\u0000>';
    const text = oneCase(minute, "    expect: { stats: { out: 2 } }\n").replace(
      "one",
      JSON.stringify(bad).replace("\\u0000", "\\0"),
    );
    const result: FileResult = runText(`${text}  - name: two\n    steps: ${minute}\n    expect: {}\n`);
    const xml = junitXml([{ ...result, seconds: 0.5, placeOf: () => "4:5" }]);
    const { document } = new JSDOM(xml, { contentType: "application/xml" }).window;
    const [suites, suite] = [document.documentElement, document.querySelector("testsuite")];
    assert.deepEqual(
      ["tests", "failures", "errors"].map((name) => suites.getAttribute(name)),
      ["2", "1", "0"],
    );
    assert.equal(suite?.getAttribute("name"), "counting");
    const cases = [...document.querySelectorAll("testcase")];
    assert.deepEqual(
      cases.map((each) => each.getAttribute("name")),
      [bad.replace("\u0000", "?"), "two"],
    );
    assert.equal(
      cases[0]?.querySelector("failure")?.textContent,
      "tests/counting.test.yaml:4:5 out is another: expected 2, got 1",
    );
    assert.equal(cases[1]?.children.length, 0);
  });
});
