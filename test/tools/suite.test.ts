import assert from "node:assert/strict";
import { parseJunit } from "../../tools/testing/junit.ts";
import { runSuite, selectSuites, summarize, type Suite, type SuiteResult } from "../../tools/testing/suite.ts";

const context = { root: "/", environment: {}, say: () => undefined };
const suite = (name: string, run: () => Promise<SuiteResult>): Suite => ({ name, title: name, run });
const counts = (passed: number, failed: number, skipped: string[] = []) => ({ passed, failed, skipped });

describe("runSuite", () => {
  it("hands on the counts of the suite", async () => {
    const report = await runSuite(
      suite("unit", async () => counts(3, 1)),
      context,
    );
    assert.deepEqual({ ...report, seconds: 0 }, { name: "unit", seconds: 0, ...counts(3, 1) });
  });

  it("counts a suite that ran no test as a failure", async () => {
    const report = await runSuite(
      suite("unit", async () => counts(0, 0, ["a: b"])),
      context,
    );
    assert.equal(report.failed, 1);
    assert.equal(report.problem, "no test ran");
  });

  it("counts a suite that could not run as a failure and says why", async () => {
    const report = await runSuite(
      suite("python", () => Promise.reject(new Error("Python 3.11 or newer was not found"))),
      context,
    );
    assert.deepEqual([report.passed, report.failed, report.problem], [0, 1, "Python 3.11 or newer was not found"]);
  });
});

describe("summarize", () => {
  it("ends with the sums over all suites, after the skipped tests", () => {
    const lines = summarize([
      { name: "unit", seconds: 1.23, ...counts(3, 0, ["slow one: no Go"]) },
      { name: "engine", seconds: 0, ...counts(1, 2), problem: "exit code 1\nand more" },
    ]);
    assert.deepEqual(lines, [
      "ok   unit    3 passed, 0 failed, 1 skipped  1.2 s",
      "FAIL engine  1 passed, 2 failed, 0 skipped  0.0 s  exit code 1",
      "skipped unit: slow one: no Go",
      "4 passed, 2 failed",
    ]);
  });
});

describe("selectSuites", () => {
  const all = ["lint", "unit", "e2e"].map((name) => suite(name, async () => counts(1, 0)));
  const names = (only: string[]) => selectSuites(all, only).map(({ name }) => name);

  it("takes all without a choice", () => assert.deepEqual(names([]), ["lint", "unit", "e2e"]));
  it("keeps the order of the run", () => assert.deepEqual(names(["e2e,lint"]), ["lint", "e2e"]));
  it("names the suites when one does not exist", () => {
    assert.throws(() => names(["uint"]), /There is no suite "uint"\. Use one of: lint, unit, e2e\./);
  });
});

describe("parseJunit", () => {
  it("reads counts and the reasons of skipped tests", () => {
    const xml = `<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="1" tests="7" time="0.1">
      <testcase classname="t" name="a" time="0"/><testcase classname="t" name="b"><skipped type="x" message="no model"/>
      </testcase></testsuite></testsuites>`;
    assert.deepEqual(parseJunit(xml), counts(3, 3, ["b: no model"]));
  });

  it("takes a missing report for no tests", () => assert.deepEqual(parseJunit(""), counts(0, 0)));
});
