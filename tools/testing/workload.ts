import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseJunit } from "./junit.ts";
import { run } from "./process.ts";
import { addResults, type SuiteContext, type SuiteResult } from "./suite.ts";

const coverageFloor = 90;
const typed = ["src", "functions", "jobs", "sample"];

interface Check {
  name: string;
  args: string[];
}

/** The checks of `data/` whose exit code is the whole answer, run inside that folder; its pyproject.toml has the settings. */
const checks = (): Check[] => [
  { name: "ruff check", args: ["-m", "ruff", "check", "."] },
  { name: "ruff format", args: ["-m", "ruff", "format", "--check", "."] },
  // Every function has a module called `handler`: named by their folders, they are different ones.
  {
    name: "mypy",
    args: ["-m", "mypy", "--strict", "--explicit-package-bases", "--cache-dir=../.venv/mypy", ...typed],
  },
];

/** Lint, format, types and tests of the data pipeline. Each check counts as one test, and so does the coverage of all tests together. */
export async function runDataChecks(python: string, context: SuiteContext): Promise<SuiteResult> {
  const inside = { ...context, root: path.join(context.root, "data") };
  let total: SuiteResult = { passed: 0, failed: 0, skipped: [] };
  for (const { name, args } of checks()) {
    const { code } = await run(python, args, inside);
    if (code !== 0) context.say(`  FAIL ${name} of data ended with ${code}`);
    total = addResults(total, { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] });
  }
  return addResults(total, await runCovered(python, inside));
}

async function runCovered(python: string, context: SuiteContext): Promise<SuiteResult> {
  const reports = await mkdtemp(path.join(tmpdir(), "slipway-pytest-data-"));
  const report = path.join(reports, "junit.xml");
  const measure = ["--cov", "--cov-config=pyproject.toml", `--cov-fail-under=${coverageFloor}`];
  const args = ["-m", "pytest", "-q", "--color=no", "--rootdir=.", `--junitxml=${report}`, ...measure, "tests"];
  const environment = { ...context.environment, COVERAGE_FILE: path.join(reports, "coverage") };
  try {
    const { code } = await run(python, args, { ...context, environment });
    const result = parseJunit(await readFile(report, "utf8").catch(() => ""));
    if (result.passed + result.failed === 0) throw new Error(`pytest of data ended with ${code} and ran no test`);
    // Without a failed test, what fails is the coverage (or a session that broke after its last test).
    const enough = code === 0 || result.failed > 0;
    if (!enough)
      context.say(
        `  FAIL coverage of data: pytest ended with ${code}, at least ${coverageFloor} % of the lines must run`,
      );
    return addResults(result, { passed: code === 0 ? 1 : 0, failed: enough ? 0 : 1, skipped: [] });
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}
