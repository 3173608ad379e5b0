import { plural } from "../text.ts";
import { tally } from "./counts.ts";
import { code } from "./escape.ts";
import type { Change, PreviewModel } from "./model.ts";
import { isDestructive } from "./verdict.ts";
import type { View } from "./view.ts";

interface Hit {
  stack: string;
  change: Change;
}

/** Names that one line holds, and lines that counts by type may take. */
const NAMES_IN_LINE = 2000;
const NAMED_HOLDERS = 100;
const COUNT_LINES = 120;

/** Everything that a run would take away, what holds data first. */
export function hitsOf({ stacks }: Pick<PreviewModel, "stacks">): Hit[] {
  const hits = stacks.flatMap(({ stack, changes }) =>
    changes.filter(isDestructive).map((change): Hit => ({ stack, change })),
  );
  return [...hits.filter(holds), ...hits.filter((hit) => !holds(hit))];
}

const holds = ({ change }: Hit): boolean => change.stateful !== undefined;
const opOf = ({ op }: Change): string => (op === "replace" ? "replace" : "delete");

/**
 * The block that is never folded and never cut in the middle: what would be replaced or deleted. A view with less room names or counts what another one gives
 * a line each, and says so; nothing is ever passed over. Empty where nothing is taken away.
 */
export function dangerBlock(model: Pick<PreviewModel, "stacks">, { danger }: View): string {
  const hits = hitsOf(model);
  if (hits.length === 0) return "";
  const holding = hits.filter(holds).length;
  const loss =
    holding === 0 ? "" : ` ${plural(holding, "of them holds", "of them hold")} data that no program makes again.`;
  const title = `**${plural(hits.length, "resource is", "resources are")} replaced or deleted.**${loss}`;
  const lines = [title, "", ...forms[danger](hits).map((line) => `- ${line}`)];
  return ["> [!CAUTION]", ...lines.map((line) => (line === "" ? ">" : `> ${line}`))].join("\n");
}

const forms: Record<View["danger"], (hits: readonly Hit[]) => string[]> = {
  lines: (hits) => hits.map(lineOf),
  names: (hits) => grouped(hits, namesLine),
  counts: (hits) => [...holdersFirst(hits), ...countLines(hits)],
  totals: (hits) => totals(hits),
};

function lineOf({ stack, change }: Hit): string {
  const forced = change.properties.filter(({ replaces }) => replaces).map(({ path }) => code(path, 100));
  const facts = [
    ...(change.op === "replace" ? [`forced by ${forced.length === 0 ? "its provider" : forced.join(", ")}`] : []),
    change.protect ? "**protected: the update will refuse it**" : "not protected",
    ...(change.stateful === undefined ? [] : [`**holds data: ${change.stateful}**`]),
  ];
  return `**${stack}**: ${opOf(change)} ${code(change.type, 120)} ${code(change.name, 150)}; ${facts.join("; ")}`;
}

function grouped(hits: readonly Hit[], say: (hits: readonly Hit[]) => string): string[] {
  const groups = Map.groupBy(hits, ({ stack, change }) =>
    JSON.stringify([stack, opOf(change), change.type, change.protect]),
  );
  return [...groups.values()].map(say);
}

function groupHead(hits: readonly Hit[]): string {
  const [first] = hits;
  if (first === undefined) return "";
  const { stack, change } = first;
  const holding = change.stateful === undefined ? "" : ` (**holds data: ${change.stateful}**)`;
  const kept = change.protect ? ", **protected**" : "";
  return `**${stack}**: ${opOf(change)} ${hits.length} × ${code(change.type, 120)}${holding}${kept}`;
}

function namesLine(hits: readonly Hit[]): string {
  const names: string[] = [];
  let room = NAMES_IN_LINE;
  for (const { change } of hits) {
    const name = code(change.name, 80);
    room -= name.length + 2;
    if (room < 0 && change.stateful === undefined) break;
    names.push(name);
  }
  const more = hits.length - names.length;
  return `${groupHead(hits)}: ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** As many of what holds data as fit are named even where the rest is only counted. */
function holdersFirst(hits: readonly Hit[]): string[] {
  return hits
    .filter(holds)
    .slice(0, NAMED_HOLDERS)
    .map(
      ({ stack, change }) =>
        `**${stack}**: ${opOf(change)} ${code(change.name, 60)}, ${change.stateful ?? ""}${change.protect ? ", **protected**" : ""}`,
    );
}

function countLines(hits: readonly Hit[]): string[] {
  const lines = grouped(hits, groupHead);
  if (lines.length <= COUNT_LINES) return lines;
  return [...lines.slice(0, COUNT_LINES), `and ${lines.length - COUNT_LINES} more kinds, counted above`];
}

const MOST_TOTALS = 60;

function totals(hits: readonly Hit[]): string[] {
  const lines = tally(hits.map(({ stack, change }) => `**${stack}**: ${opOf(change)}`)).map(
    ([what, count]) => `${what} ${plural(count, "resource")}`,
  );
  const nouns = tally(hits.flatMap(({ change }) => change.stateful ?? [])).map(([noun, count]) => `${noun} (${count})`);
  const held = nouns.length === 0 ? [] : [`**holds data**: ${nouns.join(", ")}`];
  const more = lines.length - MOST_TOTALS;
  return [...held, ...lines.slice(0, MOST_TOTALS), ...(more > 0 ? [`and ${more} more stacks, counted above`] : [])];
}
