import type { Console } from "./console.ts";

/** One thing `doctor` looked at. `note` is worth knowing and stops nothing. */
export interface Finding {
  name: string;
  state: "ok" | "missing" | "note";
  detail: string;
  next?: string;
}

export function findingLines({ colors }: Console, findings: readonly Finding[]): string[] {
  const marks = { ok: colors.green("ok     "), missing: colors.red("missing"), note: colors.yellow("note   ") };
  return findings.map(
    ({ name, state, detail, next }) =>
      `${marks[state]} ${name}: ${detail}${next === undefined ? "" : `\n        next: ${next}`}`,
  );
}
