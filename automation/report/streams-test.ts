import { percentage } from "../../streams/engine/testing/file.ts";
import { type TimedFile, worded } from "../../streams/engine/testing/junit.ts";
import type { Finding } from "../../streams/engine/finding.ts";
import type { Console } from "./console.ts";
import { plural } from "./text.ts";

export interface StreamTestReport {
  files: readonly TimedFile[];
  /** Test files that cannot be read, and processors that cannot be loaded. */
  findings: readonly Finding[];
  /** Processors without any test. */
  untested: readonly string[];
  /** Files that were written by `--update`. */
  updated: readonly string[];
}

const casesOf = ({ files }: StreamTestReport) => files.flatMap(({ cases }) => cases);

/** Percent of the stages and branches of all processors that a case reached. */
export const coverageOf = ({ files }: StreamTestReport): number =>
  percentage(files.flatMap(({ coverage }) => coverage));

export function streamTestJson(report: StreamTestReport): Record<string, unknown> {
  const cases = casesOf(report);
  return {
    action: "test",
    passed: cases.filter(({ status }) => status === "passed").length,
    failed: cases.filter(({ status }) => status !== "passed").length,
    coverage: rounded(coverageOf(report)),
    files: report.files.map(({ path, processor, cases: inFile, coverage, seconds, placeOf }) => ({
      ...{ path, processor, seconds, coverage: rounded(percentage(coverage)) },
      unreached: coverage.filter(({ count }) => count === 0).map(({ stage, branch }) => ({ stage, branch })),
      cases: inFile.map(({ name, status, differences, trace }) => ({
        ...{ name, status },
        differences: differences.map((difference) => {
          const [line, column] = placeOf(difference).split(":").map(Number);
          const { message, expected, actual } = difference;
          return { line, column, message, expected: expected ?? null, actual: actual ?? null };
        }),
        ...(trace.length === 0 ? {} : { trace }),
      })),
    })),
    findings: report.findings,
    untested: report.untested,
    updated: report.updated,
  };
}

const rounded = (percent: number) => Math.round(percent * 10) / 10;

export function streamTestText({ colors }: Pick<Console, "colors">, report: StreamTestReport): string[] {
  const cases = casesOf(report);
  const failed = cases.filter(({ status }) => status !== "passed").length;
  return [
    ...report.files.flatMap((file) => fileLines(colors, file)),
    ...report.findings.map(
      ({ file, line, column, message }) => `${colors.red("error")} ${file}:${line}:${column} ${message}`,
    ),
    ...report.untested.map((name) => `${colors.yellow("note ")} ${name} has no test`),
    ...report.updated.map((path) => `updated ${path}`),
    `${plural(cases.length - failed, "case")} passed, ${failed} failed, ${rounded(coverageOf(report))} % of stages and branches reached`,
  ];
}

function fileLines(colors: Console["colors"], { path, processor, cases, coverage, placeOf }: TimedFile): string[] {
  const missing = coverage.filter(({ count }) => count === 0);
  const head = `${colors.bold(processor)} ${path}: ${rounded(percentage(coverage))} % reached`;
  return [
    head,
    ...cases.flatMap(({ name, status, differences, trace }) => [
      `  ${status === "passed" ? colors.green("passed") : colors.red(status)} ${name}`,
      ...differences.map((difference) => `    ${path}:${placeOf(difference)} ${worded(difference)}`),
      ...(status === "passed" ? [] : trace.map(({ stage, doc }) => `    ${stage}: ${JSON.stringify(doc)}`)),
    ]),
    ...missing.map(
      ({ stage, branch }) => `  ${colors.yellow("never reached")} ${stage}${branch === null ? "" : ` ${branch}`}`,
    ),
  ];
}
