import type { LetterGroup } from "../streams/custody/dlq-documents.ts";
import type { Growth } from "../streams/custody/dlq-growth.ts";
import type { Replayed, ReplayedGroup } from "../streams/custody/dlq-replay.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

/** Growth of an environment's dead letter queues. */
export function growthText({ colors }: Console, environment: string, growth: readonly Growth[]): string[] {
  const rows = growth.map(({ processor, state, queue, since, input, dlq, exceeded, reason }) => [
    exceeded ? colors.red("grows") : colors.green("ok"),
    ...[processor, state, String(input), String(dlq), since ?? "it was made", queue ?? colors.yellow("none"), reason],
  ]);
  const exceeded = growth.filter((one) => one.exceeded);
  const head = ["", "processor", "state", "read", "dead", "since", "queue", ""];
  return [
    ...(growth.length === 0 ? [] : table([head, ...rows])),
    `${environment}: ${plural(growth.length, "processor")}, ${plural(exceeded.length, "queue")} ${exceeded.length === 1 ? "grows" : "grow"} more than may be`,
    ...(exceeded.length === 0 ? [] : [colors.dim(nextOf(exceeded))]),
  ];
}

const nextOf = ([first]: readonly Growth[]) =>
  `next: export ${first?.queue ?? "the queue"} and group it: ./slipway streams dlq --documents <file>`;

/** A group for a machine; no document is repeated. */
export const groupJson = ({ example, ...group }: LetterGroup | ReplayedGroup): Record<string, unknown> => ({
  ...{ replay: null, why: null, ...group },
  document: example.number,
});

const words: Readonly<Record<Replayed, string>> = {
  refused: "still refused here",
  different: "not refused like that here",
  unknown: "not to be said",
};

/** Groups of documents, the largest first. */
export function groupsText(
  { colors }: Console,
  groups: readonly (LetterGroup | ReplayedGroup)[],
  documents: number,
  written: readonly string[],
): string[] {
  const lines = groups.flatMap((group) => [
    `${colors.bold(String(group.count))} ${group.processor} ${colors.yellow(group.operator)}: ${group.reason}`,
    colors.dim(`    ${when(group)}, first of them document ${group.example.number} of the file`),
    ...("replay" in group ? [`    ${words[group.replay]}${group.why === "" ? "" : `: ${group.why}`}`] : []),
  ]);
  return [
    ...lines,
    `${plural(documents, "document")} in ${plural(groups.length, "group")}`,
    ...written.map((file) => `written: ${file}`),
  ];
}

const when = ({ first, last }: LetterGroup) =>
  first === null ? "at no known time" : first === last ? first : `${first} to ${last ?? first}`;
