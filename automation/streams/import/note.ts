import type { Finding } from "../../../streams/engine/finding.ts";

/** What became of a thing that another repository says. */
export const outcomes = ["left-out", "changed", "kept"] as const;
/** Not there any more; there in another form; there as it was, and not what its author may take it for. */
export type Outcome = (typeof outcomes)[number];

/** A place of the other repository, and what became of it. An error is something that has to be made good before anything can be deployed. */
export interface Note extends Finding {
  outcome: Outcome;
}

/** What somebody has to say at a place. */
export type Remark = Pick<Note, "rule" | "outcome" | "message" | "why" | "fix"> & { severity?: Note["severity"] };

/** A note at a line of a text. */
export function noteAtLine(file: string, line: number, column: number, remark: Remark): Note {
  return { severity: "warning", ...remark, file, line, column, path: "" };
}

/** Files that are carried over, by path below the target, and what became of the rest. */
export interface Carried {
  files: Record<string, string>;
  notes: Note[];
}

export const carried = (parts: readonly Carried[]): Carried => ({
  files: Object.assign({}, ...parts.map(({ files }) => files)) as Record<string, string>,
  notes: parts.flatMap(({ notes }) => notes),
});
