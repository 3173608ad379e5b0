import type { FilePlan } from "../streams/import/files.ts";
import type { Imported } from "../streams/import/import.ts";
import type { Outcome } from "../streams/import/note.ts";
import type { Console } from "./console.ts";
import { counted } from "./streams-findings.ts";
import { plural } from "./text.ts";

export interface ImportReport {
  from: string;
  /** Undefined where nothing was to be written. */
  to: string | undefined;
  plan: FilePlan;
  imported: Imported;
}

/** What `streams import` says to a machine. */
export function importJson({ from, to, plan, imported }: ImportReport): Record<string, unknown> {
  const { notes, variables, findings } = imported;
  return {
    ...{ action: "import", from, to: to ?? null, files: Object.keys(imported.files).sort() },
    ...{ written: to === undefined ? [] : [...plan.create, ...plan.replace].sort(), unchanged: plan.unchanged },
    ...{ notes, variables, lint: counted(findings) },
  };
}

const words: Readonly<Record<Outcome, string>> = {
  "left-out": "not carried over",
  changed: "changed",
  kept: "as it was",
};

/** And to a person: every place, then what there is now and what comes next. */
export function importText({ colors }: Console, { from, to, plan, imported }: ImportReport): string[] {
  const { notes, variables, findings } = imported;
  const lines = notes.flatMap(({ outcome, severity, file, line, column, message, why, fix, rule }) => {
    const mark = severity === "error" ? colors.red(words[outcome]) : colors.yellow(words[outcome]);
    return [
      `${colors.bold(`${file}:${line}:${column}`)} ${mark}: ${message} ${colors.dim(rule)}`,
      `    ${why}`,
      `    ${colors.dim("now:")} ${fix}`,
    ];
  });
  const { errors, warnings } = counted(findings);
  const written = plan.create.length + plan.replace.length;
  return [
    ...lines,
    to === undefined
      ? `${plural(Object.keys(imported.files).length, "file")} can be carried over from ${from}; nothing was written`
      : `${plural(written, "file")} written to ${to}, ${plan.unchanged.length} unchanged`,
    `${plural(notes.length, "place")} ${notes.length === 1 ? "is" : "are"} not as in ${from}`,
    `streams lint: ${plural(errors, "error")}, ${plural(warnings, "warning")}`,
    ...(variables.length === 0 ? [] : [`set where it is deployed: ${variables.join(", ")}`]),
    colors.dim(`next: ${nextStep(from, to)}`),
  ];
}

const nextStep = (from: string, to: string | undefined) =>
  to === undefined ? `./slipway streams import ${from} --out <folder>` : `./slipway streams lint --folder ${to}`;
