import type { SuiteResult } from "./suite.ts";

/** Counts of a JUnit XML report as pytest writes it. An empty text is a report of no tests. */
export function parseJunit(xml: string): SuiteResult {
  const suites = [...xml.matchAll(/<testsuite\s([^>]*)>/g)].map(([, attributes]) => attributes ?? "");
  const sum = (name: string) =>
    suites.reduce(
      (total, attributes) => total + Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0),
      0,
    );
  const failed = sum("failures") + sum("errors");
  const skipped = [...xml.matchAll(/<testcase\s([^>]*)>\s*<skipped\s([^>]*)/g)].map(([, test, reason]) => {
    return `${attribute(test, "name")}: ${attribute(reason, "message")}`;
  });
  return { passed: sum("tests") - failed - sum("skipped"), failed, skipped };
}

function attribute(attributes: string | undefined, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes ?? "")?.[1] ?? "";
}
