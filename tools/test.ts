// Every check of the project as named steps, two at a time where there are processors for it: npm test [-- --only <suite>] [--serial].
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { runSuites } from "./testing/lanes.ts";
import { selectSuites, summarize } from "./testing/suite.ts";
import { suites } from "./testing/suites.ts";

const usage = `usage: npm test [-- [--only <suite>[,<suite>...]] [--workload <folder>...] [--serial]]\nsuites: ${suites.map(({ name }) => name).join(", ")}`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      workload: { type: "string", multiple: true },
      serial: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  const say = (line: string) => console.log(line);
  if (values.help === true) {
    say(usage);
    return 0;
  }
  const selected = selectSuites(suites, values.only ?? []);
  const context = {
    root: path.resolve(import.meta.dirname, ".."),
    environment: testEnvironment(),
    workloads: values.workload ?? [],
  };
  const lanes = values.serial === true || selected.length === 1 || availableParallelism() < 2 ? 1 : 2;
  const reports = await runSuites(selected, context, { lanes, out: (chunk) => process.stdout.write(chunk) });
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
