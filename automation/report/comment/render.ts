import { plural } from "../text.ts";
import { dangerBlock, hitsOf } from "./danger.ts";
import { stackDetails } from "./details.ts";
import { code } from "./escape.ts";
import { headline } from "./headline.ts";
import type { HistoryEntry, PreviewModel, Verdict } from "./model.ts";
import {
  catalogSection,
  failureSection,
  notesSection,
  policySection,
  promotionSection,
  streamsSection,
  whySection,
} from "./sections.ts";
import { costBasis } from "./costs.ts";
import { stacksTable } from "./stacks-table.ts";
import { ladder, type View } from "./view.ts";

/** What a page can hold. */
export interface PageSize {
  /** Up to here a view with more is taken. */
  budget: number;
  measure(text: string): number;
}

/** UTF-16 units or code points, whichever are more: nobody documents which of them GitHub counts. */
const letters = (text: string): number => Math.max(text.length, Array.from(text).length);
const bytes = (text: string): number => Buffer.byteLength(text, "utf8");

/** GitHub takes 65,536 characters of a comment; what its side adds needs room as well. */
export const commentSize: PageSize = { budget: 60_000, measure: letters };
/** The summary of a check run has the limit of a comment, and some of GitHub's pages count its bytes. */
export const checkSize: PageSize = { budget: 60_000, measure: bytes };
/** GitHub takes 1 MiB of summary per step. */
export const summarySize: PageSize = { budget: 1_000_000, measure: bytes };
/** A file. */
export const noLimit: PageSize = { budget: Number.POSITIVE_INFINITY, measure: () => 0 };

export interface RenderOptions {
  size: PageSize;
  /** The previous runs, newest first. */
  history?: readonly HistoryEntry[];
  /** Where a reader finds what is left out. */
  elsewhere: string;
  /** A sentence that comes before everything else, e.g. why this is no comment. */
  notice?: string;
}

export interface Page {
  text: string;
  /** Which view was taken: 0 shows everything. */
  rung: number;
}

/** The model as Markdown, with as much as fits. Headline, table and danger block are there on every rung. */
export function render(model: PreviewModel, options: RenderOptions): Page {
  const { budget, measure } = options.size;
  const least = leastSizes(model);
  let last: Page = { text: "", rung: 0 };
  for (const [rung, view] of ladder.entries()) {
    // What cannot fit is not even written: 50,000 resources take a while.
    if (least(view) > budget && rung < ladder.length - 1) continue;
    last = { text: pageOf(model, view, options), rung };
    if (measure(last.text) <= budget) return last;
  }
  return last;
}

/** No change takes fewer characters than these. */
const LEAST_CHANGE = 8;
const LEAST_HIT = 40;

function leastSizes(model: PreviewModel): (view: View) => number {
  const changes = model.stacks.reduce((sum, stack) => sum + stack.changes.length, 0);
  const hits = hitsOf(model).length;
  return ({ details, danger }) =>
    (details === "each" ? changes * LEAST_CHANGE : 0) + (danger === "lines" ? hits * LEAST_HIT : 0);
}

function pageOf(model: PreviewModel, view: View, options: RenderOptions): string {
  const { stacks, ground } = model;
  const parts = [
    `### Preview of ${code(model.run.head.slice(0, 12))}${model.run.simulated === true ? " (sandbox)" : ""}`,
    ...(options.notice === undefined ? [] : [`> [!NOTE]\n> ${options.notice}`]),
    headline(model),
    stacksTable(model, view),
    dangerBlock(model, view),
    ...failureSection(model, view),
    ...policySection(stacks, view),
    ...streamsSection(ground, view),
    ...catalogSection(ground, view),
    ...promotionSection(stacks, view),
    ...stacks.flatMap((stack) => stackDetails(stack, view) ?? []),
    ...whySection(ground, view),
    ...notesSection(model, view),
    ...(view.leftOut === "" ? [] : [`_Left out for want of room: ${view.leftOut}. ${options.elsewhere}_`]),
    footer(model, options.history ?? []),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const verdictText: Readonly<Record<Verdict, string>> = {
  failed: "failed",
  blocked: "refused by policy",
  destructive: "replaces or deletes",
  changes: "changes",
  none: "no changes",
};

/** Runs that a comment remembers. */
export const HISTORY = 3;

function footer({ run, stacks }: PreviewModel, history: readonly HistoryEntry[]): string {
  const link = run.url === undefined ? "" : ` · [run ${run.id}](${run.url})`;
  const costs = stacks.some(({ cost }) => cost !== undefined) ? [`Costs: ${costBasis}.`] : [];
  const earlier = history.slice(0, HISTORY).map(({ head, verdict, url }) => {
    const name = code(head.slice(0, 7));
    return `${url === undefined ? name : `[${name}](${url})`} ${verdictText[verdict]}`;
  });
  return [
    `<sub>${plural(stacks.length, "stack")} previewed${link}. ${costs.join("")}</sub>`,
    ...(earlier.length === 0 ? [] : [`<sub>Earlier: ${earlier.join(" · ")}</sub>`]),
  ].join("\n\n");
}
