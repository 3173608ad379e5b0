import type { DeployReport } from "../deploy/deploy.ts";
import type { CheckResult } from "../verify/check-kind.ts";
import type { Console } from "./console.ts";
import { short } from "./release.ts";
import { resourceCount, summaryJson, summaryText } from "./summary.ts";
import { plural } from "./text.ts";
import { duration } from "./time.ts";

export function deployJson(report: DeployReport): Record<string, unknown> {
  return {
    stack: report.stack,
    release: report.release?.id ?? null,
    commit: report.release?.commit ?? null,
    ...summaryJson(report.summary),
    resourceCount: resourceCount(report.summary),
    checks: report.checks,
    recorded: report.recorded,
    seconds: report.seconds,
  };
}

export function checksLines(stack: string, checks: readonly CheckResult[]): string[] {
  if (checks.length === 0) return [`${stack} declares no checks`];
  const passed = checks.filter((check) => check.passed).length;
  const simulated = checks.filter((check) => check.simulated).length;
  const marked = simulated === 0 ? "" : `, ${simulated} of them only simulated`;
  return [`${stack}: ${passed} of ${plural(checks.length, "check")} passed${marked}`];
}

export function deployText(console: Console, report: DeployReport): string {
  const { stack, release, summary, checks, recorded, seconds } = report;
  const lines = [summaryText(console, { title: stack, summary, preview: false })];
  if (release) lines.push(`  release ${short(release.id)} of commit ${short(release.commit)}`);
  if (checks.length > 0) lines.push(`  ${checksLines(stack, checks)[0]}`);
  lines.push(
    `  ${recorded ? "recorded in the ledger" : "nothing changed, nothing recorded"}, ${duration(seconds)} in all`,
  );
  return lines.join("\n");
}
