import type { Replayed } from "../streams/custody/replay.ts";
import type { Console } from "./console.ts";
import { plural } from "./text.ts";

export interface ReplayReport {
  base: string;
  head: string | null;
  replays: readonly Replayed[];
  /** Processors that changed and have no documents to replay. */
  without: readonly string[];
}

export const replayJson = ({ base, head, replays, without }: ReplayReport): Record<string, unknown> => ({
  ...{ action: "replay", base, head, replays, without },
});

const most = 10;

/** What two versions make of the same documents, case by case. */
export function replayText({ colors }: Console, { replays, without }: ReplayReport): string[] {
  const marks = { same: colors.green("same"), different: colors.yellow("different"), unknown: colors.red("unknown") };
  const lines = replays.flatMap(({ processor, name, outcome, documents, differences, why }) => [
    `${marks[outcome]} ${colors.bold(processor)}: ${name} ${colors.dim(`(${documents.before} documents before, ${documents.after} now)`)}`,
    ...(why === null ? [] : [`    ${why}`]),
    ...differences
      .slice(0, most)
      .map(
        ({ sink, kind, key, fields }) =>
          `    ${sink} ${key}: ${kind}${fields.length === 0 ? "" : `: ${fields.join(", ")}`}`,
      ),
    ...(differences.length > most ? [`    and ${differences.length - most} more`] : []),
  ]);
  const different = replays.filter(({ outcome }) => outcome === "different").length;
  return [
    ...lines,
    ...without.map((name) => `${colors.yellow("nothing to replay:")} ${name} has no cases in tests/`),
    `${plural(replays.length, "case")}, ${different} different`,
  ];
}
