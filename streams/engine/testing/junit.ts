import type { CaseResult } from "./case.ts";
import type { FileResult } from "./file.ts";
import type { Difference } from "./match.ts";

/** A case that was run, where it stands and how long it took. */
export interface TimedFile extends FileResult {
  seconds: number;
  /** Where a difference is, e.g. `12:5`. */
  placeOf: (difference: Difference) => string;
}

/** The results as JUnit's XML, which CI systems read. */
export function junitXml(files: readonly TimedFile[]): string {
  const all = files.flatMap(({ cases }) => cases);
  const seconds = files.reduce((sum, file) => sum + file.seconds, 0);
  const suites = files.map((file) => suite(file)).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(all, seconds)}>\n${suites}\n</testsuites>\n`;
}

function counts(cases: readonly CaseResult[], seconds: number): string {
  const count = (status: CaseResult["status"]) => cases.filter((each) => each.status === status).length;
  return `tests="${cases.length}" failures="${count("failed")}" errors="${count("error")}" time="${seconds.toFixed(3)}"`;
}

function suite(file: TimedFile): string {
  const { path, processor, cases, seconds } = file;
  const lines = cases.map((each) => testCase(each, file));
  return [
    `  <testsuite name="${escaped(processor)}" file="${escaped(path)}" ${counts(cases, seconds)}>`,
    ...lines,
    "  </testsuite>",
  ].join("\n");
}

function testCase(
  { name, status, differences }: CaseResult,
  { processor, path, placeOf, seconds, cases }: TimedFile,
): string {
  const open = `    <testcase name="${escaped(name)}" classname="${escaped(processor)}" time="${(seconds / cases.length).toFixed(3)}"`;
  if (status === "passed") return `${open}/>`;
  const kind = status === "error" ? "error" : "failure";
  const [first] = differences;
  const text = differences.map((difference) => `${path}:${placeOf(difference)} ${worded(difference)}`).join("\n");
  return `${open}>\n      <${kind} message="${escaped(first?.message ?? status)}">${escaped(text)}</${kind}>\n    </testcase>`;
}

/** A difference in one line, with what was expected and what came. */
export function worded({ message, expected, actual }: Difference): string {
  const parts = [
    ...(expected === undefined ? [] : [`expected ${JSON.stringify(expected)}`]),
    ...(actual === undefined ? [] : [`got ${JSON.stringify(actual)}`]),
  ];
  return parts.length === 0 ? message : `${message}: ${parts.join(", ")}`;
}

/** Text in XML; characters that XML has no way to write are shown as a question mark. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
