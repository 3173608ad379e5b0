import { type ConsentState, type ProcessorDiff } from "../../streams/engine/diff/diff.ts";
import type { StageChange } from "../../streams/engine/diff/stages.ts";
import type { ValueChange } from "../../streams/engine/diff/values.ts";
import { shownPath } from "../../streams/engine/finding.ts";
import type { Console } from "./console.ts";
import { plural } from "./text.ts";

/** A processor's change with whether it may happen. */
export type JudgedDiff = ProcessorDiff & { consent: ConsentState };

/** Changes that lose state without anybody having agreed to exactly that. */
export const refused = (diffs: readonly JudgedDiff[]) =>
  diffs.filter(({ consent }) => consent === "missing" || consent === "for-another-change");

/** Changes of processors as JSON. */
export function diffJson(base: string, head: string | null, diffs: readonly JudgedDiff[]): Record<string, unknown> {
  const changed = diffs.filter(({ status }) => status !== "unchanged");
  return {
    ...{ action: "diff", base, head, unchanged: diffs.length - changed.length },
    refused: refused(diffs).map(({ processor }) => processor),
    processors: changed.map(({ from, to, was, stages, ...rest }) => ({
      ...rest,
      ...{ was: was ?? null, from: from ?? null, to: to ?? null },
      stages: stages.map(({ from: old, to: now, changes, ...stage }) => ({
        ...{ ...stage, from: old ?? null, to: now ?? null },
        changes: changes.map((change) => ({ ...change, path: shownPath(change.path) })),
      })),
    })),
  };
}

/** Changes of processors for people: the class first, why, then stage by stage. */
export function diffText({ colors }: Console, diffs: readonly JudgedDiff[]): string[] {
  const changed = diffs.filter(({ status }) => status !== "unchanged");
  const lines = changed.flatMap((diff) => [
    `${colors.bold(diff.processor)}: ${diff.status}${diff.was === undefined ? "" : ` from ${diff.was}`}, ${upgrade(diff)}`,
    ...diff.reasons.map(({ message }) => `    ${message}`),
    ...diff.stages.flatMap(stageLines),
    ...consentLines(diff),
  ]);
  const unchanged = diffs.length - changed.length;
  const bad = refused(diffs).length;
  const verdict = bad === 0 ? "" : `; ${plural(bad, "change loses", "changes lose")} state without consent`;
  return [...lines, `${plural(changed.length, "processor")} changed, ${unchanged} unchanged${verdict}`];
}

const upgrade = ({ class: of, status }: ProcessorDiff) =>
  status === "added" || status === "removed"
    ? "nothing to take over"
    : {
        none: "nothing to do",
        "in-place": "in place, from its checkpoint",
        "resume-false": "in place, and its checkpoint is lost (resumeFromCheckpoint=false)",
        "new-version": "a new version beside it",
      }[of];

function stageLines({ kind, stage, from, to, changes }: StageChange): string[] {
  const mark = { added: "+", removed: "-", changed: "~" }[kind];
  const place = kind === "changed" && from !== to ? `${from} -> ${to}` : `${to ?? from}`;
  return [`  ${mark} ${stage} (${place})`, ...changes.map(changeLine)];
}

function changeLine({ kind, path, before, after }: ValueChange): string {
  const place = shownPath(path) || "the whole";
  if (kind === "added") return `      + ${place}: ${after ?? ""}`;
  if (kind === "removed") return `      - ${place}: ${before ?? ""}`;
  return `      ~ ${place}: ${before ?? ""} -> ${after ?? ""}${kind === "reordered" ? " (order)" : ""}`;
}

/** What to write where a change loses state and somebody wants it all the same. */
function consentLines({ consent, processor, from, to, class: of }: JudgedDiff): string[] {
  if (consent === "not-needed") return [];
  if (consent === "given") return [`    agreed to in consents/${processor}.json`];
  const what = consent === "missing" ? "refused: nobody agreed to it" : "refused: the consent is for another change";
  const wanted = { processor, from, to, class: of, reason: "...", by: "..." };
  return [`    ${what}. To agree, write consents/${processor}.json:`, `    ${JSON.stringify(wanted)}`];
}
