import type { JsonDocument, JsonPath } from "./json/document.ts";

export type Severity = "error" | "warning";

/** Something that is wrong in a file, where it is, and what to do about it. */
export interface Finding {
  /** Stable name of the rule, e.g. `json/duplicate-key`. */
  rule: string;
  severity: Severity;
  /** Path below the folder of streams. */
  file: string;
  line: number;
  column: number;
  /** Where in the document it is, e.g. `pipeline[2].$merge.into`. */
  path: string;
  message: string;
  /** Why it matters: what Atlas would do. */
  why: string;
  /** What to type instead. */
  fix: string;
}

/** A path as people write it. */
export function shownPath(path: JsonPath): string {
  return path.reduce<string>((shown, part) => {
    if (typeof part === "number") return `${shown}[${part}]`;
    if (!/^[$\w]+$/.test(part)) return `${shown}[${JSON.stringify(part)}]`;
    return shown === "" ? part : `${shown}.${part}`;
  }, "");
}

/** A finding at a place of a document. */
export function findingAt(
  file: { path: string; document: JsonDocument },
  path: JsonPath,
  what: Pick<Finding, "rule" | "message" | "why" | "fix"> & { severity?: Severity },
): Finding {
  const { severity = "error", ...rest } = what;
  return { ...rest, severity, file: file.path, ...file.document.at(path), path: shownPath(path) };
}

/** The order in which findings are shown: by file, by place, by rule. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
