import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseJunit } from "./junit.ts";
import { run } from "./process.ts";
import { addResults, type SuiteContext, type SuiteResult } from "./suite.ts";

const coverageFloor = 90;
/** A folder of Python with its own pyproject.toml, which has the settings of every check. */
export interface Workload {
  /** Path from the root, e.g. `services/api`. */
  folder: string;
  /** Folders in it whose types are checked. */
  typed: readonly string[];
}

/** The data pipeline. */
export const dataWorkload: Workload = { folder: "data", typed: ["src", "functions", "jobs", "sample"] };

/** The model pipeline: what trains the model, and the functions around it. */
export const modelWorkload: Workload = { folder: "model", typed: ["src", "functions"] };

/** A service of the cluster. */
export const serviceWorkload = (folder: string): Workload => ({ folder, typed: ["app"] });

interface Check {
  name: string;
  args: string[];
}

/** The checks whose exit code is the whole answer, run inside the workload's folder. */
const checks = (root: string, { folder, typed }: Workload): Check[] => [
  { name: "ruff check", args: ["-m", "ruff", "check", "."] },
  { name: "ruff format", args: ["-m", "ruff", "format", "--check", "."] },
  {
    name: "mypy",
    // Every function has a module called `handler`: named by their folders, they are different ones. Every service has a
    // package called `app`, which one cache cannot hold twice.
    args: [
      ...["-m", "mypy", "--strict", "--explicit-package-bases"],
      `--cache-dir=${path.join(root, ".venv", "mypy", folder.replaceAll("/", "-"))}`,
      ...typed,
    ],
  },
];

/** Lint, format, types and tests of a workload. Each check counts as one test, and so does the coverage of all tests together. */
export async function runWorkload(python: string, workload: Workload, context: SuiteContext): Promise<SuiteResult> {
  const { folder } = workload;
  const inside = { ...context, root: path.join(context.root, folder) };
  let total: SuiteResult = { passed: 0, failed: 0, skipped: [] };
  for (const { name, args } of checks(context.root, workload)) {
    const { code } = await run(python, args, inside);
    if (code !== 0) context.say(`  FAIL ${name} of ${folder} ended with ${code}`);
    total = addResults(total, { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] });
  }
  return addResults(total, await runCovered(python, folder, inside, coverageFile(context.root, folder)));
}

/** Where the coverage of a workload is left, for services that show it beside the change. */
export const coverageFile = (root: string, folder: string): string =>
  path.join(root, "coverage", `${folder.replaceAll("/", "-")}.xml`);

async function runCovered(python: string, folder: string, context: SuiteContext, xml: string): Promise<SuiteResult> {
  const reports = await mkdtemp(path.join(tmpdir(), "slipway-pytest-"));
  const report = path.join(reports, "junit.xml");
  const told = ["--cov-report=term", `--cov-report=xml:${xml}`];
  const measure = ["--cov", "--cov-config=pyproject.toml", `--cov-fail-under=${coverageFloor}`, ...told];
  const args = ["-m", "pytest", "-q", "--color=no", "--rootdir=.", `--junitxml=${report}`, ...measure, "tests"];
  const environment = { ...context.environment, COVERAGE_FILE: path.join(reports, "coverage") };
  try {
    const { code } = await run(python, args, { ...context, environment });
    const result = parseJunit(await readFile(report, "utf8").catch(() => ""));
    if (result.passed + result.failed === 0) throw new Error(`pytest of ${folder} ended with ${code} and ran no test`);
    // Without a failed test, what fails is the coverage (or a session that broke after its last test).
    const enough = code === 0 || result.failed > 0;
    if (!enough)
      context.say(
        `  FAIL coverage of ${folder}: pytest ended with ${code}, at least ${coverageFloor} % of the lines must run`,
      );
    return addResults(result, { passed: code === 0 ? 1 : 0, failed: enough ? 0 : 1, skipped: [] });
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}
