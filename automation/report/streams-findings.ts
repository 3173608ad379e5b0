import type { Finding } from "../../streams/engine/finding.ts";
import type { Console } from "./console.ts";
import { plural } from "./text.ts";

/** How many findings there are of either kind. */
export function counted(findings: readonly Finding[]): { errors: number; warnings: number } {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: findings.length - errors };
}

/** Findings with their files as they are from the root of the checkout. */
export const fromRoot = (findings: readonly Finding[], folder: string): Finding[] =>
  findings.map((finding) => ({ ...finding, file: folder === "" ? finding.file : `${folder}/${finding.file}` }));

/** Findings for people: place, what, why, and what to type. */
export function findingsText({ colors }: Console, findings: readonly Finding[], processors: number): string[] {
  const { errors, warnings } = counted(findings);
  const marks = { error: colors.red("error"), warning: colors.yellow("warning") };
  const lines = findings.flatMap(({ severity, rule, file, line, column, path, message, why, fix }) => [
    `${colors.bold(`${file}:${line}:${column}`)} ${marks[severity]} ${message} ${colors.dim(rule)}`,
    `    ${path === "" ? "" : `${path}: `}${why}`,
    `    ${colors.dim("fix:")} ${fix}`,
  ]);
  const verdict =
    findings.length === 0 ? "nothing found" : `${plural(errors, "error")}, ${plural(warnings, "warning")}`;
  return [...lines, `${plural(processors, "processor")}: ${verdict}`];
}
