// Every check of the project, one named step after the other: npm test [-- --only <suite>].
import path from "node:path";
import { parseArgs } from "node:util";
import { runSuite, selectSuites, summarize, type SuiteContext, type SuiteReport } from "./testing/suite.ts";
import { suites } from "./testing/suites.ts";

const usage = `usage: npm test [-- --only <suite>[,<suite>...]]\nsuites: ${suites.map(({ name }) => name).join(", ")}`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { only: { type: "string", multiple: true }, help: { type: "boolean", short: "h" } },
  });
  const say = (line: string) => console.log(line);
  if (values.help === true) {
    say(usage);
    return 0;
  }
  const selected = selectSuites(suites, values.only ?? []);
  const context: SuiteContext = { root: path.resolve(import.meta.dirname, ".."), environment: testEnvironment(), say };
  const reports: SuiteReport[] = [];
  for (const [index, suite] of selected.entries()) {
    say(`\n[${index + 1}/${selected.length}] ${suite.name}: ${suite.title}`);
    const report = await runSuite(suite, context);
    reports.push(report);
    if (report.problem !== undefined) say(`  FAIL ${report.problem}`);
  }
  say("");
  summarize(reports).forEach(say);
  return reports.every((report) => report.failed === 0) ? 0 : 1;
}

/** The caller's environment without what would make two runs differ. A stringified Output throws instead of passing. */
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !/^(SLIPWAY_|PULUMI_(?!HOME$))/.test(key));
  const bin = path.join(import.meta.dirname, "..", "node_modules", ".bin");
  const search = `${bin}${path.delimiter}${process.env["PATH"] ?? ""}`;
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: "1", FORCE_COLOR: undefined };
  return { ...Object.fromEntries(kept), ...plain, PATH: search, PULUMI_ERROR_OUTPUT_STRING: "true" };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}
