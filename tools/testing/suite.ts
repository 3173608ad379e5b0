/** What one suite found. A suite that ran nothing is a failure: a green run must mean that something was looked at. */
export interface SuiteResult {
  passed: number;
  failed: number;
  /** Tests that did not run, each as `title: reason`. */
  skipped: string[];
}

/** Both results as one. */
export function addResults(one: SuiteResult, other: SuiteResult): SuiteResult {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: [...one.skipped, ...other.skipped],
  };
}

export interface SuiteContext {
  root: string;
  environment: NodeJS.ProcessEnv;
  /** Folders of the Python workloads that are tested; all of them without. */
  workloads?: readonly string[];
  say(line: string): void;
  /** Takes what processes write. Without it they write to the terminal themselves. */
  write?(chunk: string | Uint8Array): void;
}

export interface Suite {
  name: string;
  /** What a person reads while it runs. */
  title: string;
  run(context: SuiteContext): Promise<SuiteResult>;
}

export interface SuiteReport extends SuiteResult {
  name: string;
  seconds: number;
  /** Why the suite failed as a whole, beside its failed tests. */
  problem?: string;
}

/** Runs one suite; whatever goes wrong inside becomes a failure of that suite, so that the others still run. */
export async function runSuite(suite: Suite, context: SuiteContext): Promise<SuiteReport> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const result = await suite.run(context);
    const empty = result.passed + result.failed === 0;
    if (!empty) return { ...result, name: suite.name, seconds: seconds() };
    return { ...result, failed: 1, name: suite.name, seconds: seconds(), problem: "no test ran" };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { passed: 0, failed: 1, skipped: [], name: suite.name, seconds: seconds(), problem };
  }
}

/** The table after the run; its last line is always `N passed, N failed`. */
export function summarize(reports: readonly SuiteReport[]): string[] {
  const width = Math.max(0, ...reports.map((report) => report.name.length));
  const rows = reports.map((report) => {
    const mark = report.failed === 0 ? "ok  " : "FAIL";
    const problem = report.problem === undefined ? "" : `  ${report.problem.split("\n")[0] ?? ""}`;
    const counts = `${report.passed} passed, ${report.failed} failed, ${report.skipped.length} skipped`;
    return `${mark} ${report.name.padEnd(width)}  ${counts}  ${report.seconds.toFixed(1)} s${problem}`;
  });
  const skipped = reports.flatMap((report) => report.skipped.map((line) => `skipped ${report.name}: ${line}`));
  const sum = (key: "passed" | "failed") => reports.reduce((total, report) => total + report[key], 0);
  return [...rows, ...skipped, `${sum("passed")} passed, ${sum("failed")} failed`];
}

/** The suites asked for by `--only a,b` or several `--only`; all of them without. Throws on a name that does not exist. */
export function selectSuites(suites: readonly Suite[], only: readonly string[]): Suite[] {
  const wanted = only.flatMap((part) => part.split(",")).map((part) => part.trim());
  const unknown = wanted.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    const names = suites.map((suite) => suite.name).join(", ");
    throw new Error(`There is no suite "${unknown}". Use one of: ${names}.`);
  }
  return suites.filter((suite) => wanted.length === 0 || wanted.includes(suite.name));
}
