import { plural } from "../text.ts";
import { countsOf, tally } from "./counts.ts";
import { code } from "./escape.ts";
import type { Change, PreviewModel, StackPreview } from "./model.ts";
import { blocking, isDestructive, verdictOfStack } from "./verdict.ts";

/** Stacks that are told one by one. */
const MOST_STACKS = 6;
const MOST_NOUNS = 3;

/** Marks what a reader must not miss. */
export type Strong = (text: string) => string;
export const bold: Strong = (text) => `**${text}**`;
export const plainly: Strong = (text) => text;

/** One sentence or two that a reviewer can act on: the worst first, then the rest, then what policies say. */
export function headline({ stacks }: Pick<PreviewModel, "stacks">, strong: Strong = bold): string {
  if (stacks.length === 0) return "No stack is affected.";
  const quiet = stacks.filter((stack) => verdictOfStack(stack) === "none");
  const loud = stacks.filter((stack) => !quiet.includes(stack));
  const told = loud.slice(0, MOST_STACKS).map((stack) => `${strong(stack.stack)}: ${storyOf(stack, strong)}.`);
  const more = loud.length - told.length;
  return [
    ...told,
    ...(more > 0 ? [`And ${plural(more, "more stack")} with changes or failures.`] : []),
    ...(quiet.length > 0 ? [`${namesOf(quiet)}: no changes.`] : []),
    ...policyStory(stacks, strong),
  ].join(" ");
}

function namesOf(stacks: readonly StackPreview[]): string {
  const named = stacks.slice(0, MOST_STACKS).map(({ stack }) => stack);
  const more = stacks.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function storyOf(stack: StackPreview, strong: Strong): string {
  if (stack.outcome === "missing") return `${strong("no result")}, its job left none`;
  const told = changesStory(stack, strong);
  if (verdictOfStack(stack) === "failed")
    return `the preview ${strong("failed")}${told === "" ? "" : ` after ${told}`}`;
  return told === "" ? "refused by a policy" : told;
}

function changesStory(stack: StackPreview, strong: Strong): string {
  const counts = countsOf(stack);
  const destroyed = stack.changes.filter(isDestructive);
  const of = (op: "replace" | "delete") =>
    destroyed.filter((change) => (change.op === "replace") === (op === "replace"));
  const parts = (["replace", "delete"] as const)
    .map((op) => ({ op, hit: of(op) }))
    .filter(({ hit }) => hit.length > 0)
    .map(({ op, hit }) => `${hit.length} ${strong(hit.length === 1 ? op : `${op}s`)} ${victims(hit)}`);
  if (counts.update > 0) parts.push(plural(counts.update, "update"));
  if (counts.create > 0) parts.push(plural(counts.create, "create"));
  return parts.join(", ");
}

/** What is hit: by what it holds, else by its type. What holds data comes first. */
function victims(hit: readonly Change[]): string {
  const holding = tally(hit.flatMap(({ stateful }) => stateful ?? []));
  const others = tally(
    hit.filter(({ stateful }) => stateful === undefined).map(({ type }) => code(shortType(type), 60)),
  );
  const [first] = [...holding, ...others];
  if (hit.length === 1 && first !== undefined) return `of ${first[0]}`;
  const shown = [...holding, ...others]
    .slice(0, MOST_NOUNS)
    .map(([noun, count]) => (count === 1 ? noun : `${noun} (${count})`));
  const more = holding.length + others.length - shown.length;
  return `of ${shown.join(", ")}${more > 0 ? ` and ${more} other kinds` : ""}`;
}

/** The last part of a type token: `aws:rds/instance:Instance` is an Instance. */
export const shortType = (type: string): string => type.slice(type.lastIndexOf(":") + 1) || type;

function policyStory(stacks: readonly StackPreview[], strong: Strong): string[] {
  const findings = stacks.flatMap((stack) => stack.findings);
  if (findings.length === 0) return [];
  const stops = blocking(findings).length;
  const rest = findings.length - stops;
  const parts = [...(stops > 0 ? [strong(`${stops} blocking`)] : []), ...(rest > 0 ? [`${rest} advisory`] : [])];
  return [`Policy: ${parts.join(", ")}.`];
}
