import { nameOfUrn } from "../../engine/urn.ts";
import { plural } from "../text.ts";
import { duration } from "../time.ts";
import { code } from "./escape.ts";
import type { Failure, Ground, PolicyFinding, PreviewModel, Promotion, StackPreview } from "./model.ts";
import { signed } from "./stacks-table.ts";
import { blocking } from "./verdict.ts";
import type { View } from "./view.ts";

/** At most so many of some lines, and how many more there are. */
function listed(lines: readonly string[], most: number): string[] {
  const shown = lines.slice(0, most).map((line) => `- ${line}`);
  return lines.length > most ? [...shown, `- and ${lines.length - most} more`] : shown;
}

const fold = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`<details><summary>${title}</summary>\n\n${lines.join("\n")}\n\n</details>`];

/** What went wrong in a stack, and how to go on. */
export function failureSection({ stacks, run }: PreviewModel, view: View): string[] {
  const failed = stacks.flatMap(({ stack, failure }) => (failure === undefined ? [] : [{ stack, failure }]));
  if (failed.length === 0) return [];
  const shown = failed.slice(0, view.lists).map(({ stack, failure }) => failureItem(stack, failure, view, run.url));
  const more = failed.length - shown.length;
  const rest = more > 0 ? [`- and ${plural(more, "more stack")} that failed`] : [];
  return [`**What failed**\n\n${[...shown, ...rest].join("\n")}`];
}

function failureItem(stack: string, failure: Failure, view: View, url: string | undefined): string {
  const { message, resource, source, changed, pending, next } = failure;
  const facts = [
    `**${stack}** failed: ${code(message, view.valueLength * 4)}`,
    ...(resource === undefined ? [] : [`at ${code(resource, 250)}`]),
    ...(source === undefined ? [] : [`in ${code(source, 200)}`]),
    `already changed: ${code(changed, 200)}`,
    ...pending.slice(0, view.lists).map((line) => `pending: ${code(line, 300)}`),
    ...(pending.length > view.lists ? [`and ${pending.length - view.lists} more operations of unknown outcome`] : []),
    ...(next === undefined ? [] : [`next: ${code(next, 300)}`]),
    ...(url === undefined ? [] : [`[log of the run](${url})`]),
  ];
  const [first = "", ...rest] = facts;
  return [`- ${first}`, ...rest.map((fact) => `  - ${fact}`)].join("\n");
}

/** Findings that stop a deployment stand open, the others are folded. */
export function policySection(stacks: readonly StackPreview[], view: View): string[] {
  const all = stacks.flatMap(({ stack, findings }) => findings.map((finding) => ({ stack, finding })));
  const stops = all.filter(({ finding }) => blocking([finding]).length > 0);
  const rest = all.filter((one) => !stops.includes(one));
  const lines = (of: typeof all) =>
    listed(
      of.map(({ stack, finding }) => findingLine(stack, finding)),
      view.lists,
    );
  return [
    ...(stops.length === 0 ? [] : [`**Policy, blocking**\n\n${lines(stops).join("\n")}`]),
    ...fold(`Policy, advisory: ${rest.length}`, lines(rest)),
  ];
}

function findingLine(stack: string, { policy, resource, message }: PolicyFinding): string {
  const at = resource === undefined ? "" : ` ${code(nameOfUrn(resource), 100)}`;
  return `**${stack}** ${code(policy, 100)}${at}: ${code(message)}`;
}

/** Reasons shown of each stack. */
const MOST_REASONS = 3;

/** Why each stack is there: file, unit, stack. */
export function whySection({ affected }: Ground, view: View): string[] {
  if (affected === undefined) return [];
  const lines = affected.stacks.map(({ stack, reasons, more }) => {
    const shown = reasons.slice(0, Math.min(MOST_REASONS, view.lists));
    const rest = more + reasons.length - shown.length;
    const chains = shown.map((chain) => chain.map((step) => code(step, 120)).join(" → "));
    return `**${stack}**: ${chains.join("; ")}${rest > 0 ? `; and ${plural(rest, "more reason")}` : ""}`;
  });
  const said = affected.everything
    ? `everything counts as changed: ${code(affected.why, 200)}`
    : code(affected.why, 200);
  const files = affected.changed === undefined ? "" : `${plural(affected.changed, "changed file")}, `;
  return fold("Why these stacks", [`${files}${said}\n`, ...listed(lines, view.lists * 5)]);
}

/** Where the release stands on its way, and what is missing. */
export function promotionSection(stacks: readonly StackPreview[], view: View): string[] {
  const lines = stacks.flatMap(({ stack, promotion, plan }) =>
    promotion === undefined ? [] : [promotionLine(stack, promotion, plan)],
  );
  return lines.length === 0 ? [] : [`**Promotion**\n\n${listed(lines, view.lists).join("\n")}`];
}

function promotionLine(stack: string, promotion: Promotion, plan: StackPreview["plan"]): string {
  const { release, verifiedIn, upstream, soak, window, frozen, approvals, next } = promotion;
  const parts = [
    release === undefined ? "no release of this commit yet" : `release ${code(release.slice(0, 12))}`,
    ...(release === undefined
      ? []
      : [
          verifiedIn.length === 0
            ? "verified nowhere"
            : `verified in ${verifiedIn.map((name) => code(name)).join(", ")}`,
        ]),
    ...(upstream === undefined ? [] : [`comes from ${code(upstream)}`]),
    ...(soak === undefined
      ? []
      : [soak.leftSeconds > 0 ? `soaks for another ${duration(soak.leftSeconds)}` : "has soaked"]),
    ...(window === undefined ? [] : [windowText(window)]),
    ...(frozen === undefined ? [] : [`**frozen**: ${code(frozen)}`]),
    ...(approvals === undefined ? [] : [`approvals ${approvals.given}/${approvals.asked}`]),
    ...(plan === undefined
      ? []
      : [
          `plan ${code(plan.digest.slice(0, 12))}${plan.expiresAt === undefined ? "" : ` until ${code(plan.expiresAt)}`}`,
        ]),
    `next: ${code(next)}`,
  ];
  return `**${stack}**: ${parts.join("; ")}`;
}

function windowText({ open, until, opens }: NonNullable<Promotion["window"]>): string {
  if (open) return `window open until ${code(until ?? "")}`;
  return opens === undefined ? "no window opens within a year" : `next window ${code(opens)}`;
}

/** What changes in stream processors: how they are taken over, tiers, money. */
export function streamsSection({ streams }: Ground, view: View): string[] {
  if (streams === undefined || streams.processors.length === 0) return [];
  const lines = streams.processors.map((one) => {
    const { before, after } = one.tier;
    const tier = before === after ? `tier ${after ?? "none"}` : `tier ${before ?? "none"} → ${after ?? "none"}`;
    const cost = signed((one.cost.after ?? 0) - (one.cost.before ?? 0));
    const state = one.refused ? "; **loses state and nobody agreed**" : "";
    const why = one.reasons.slice(0, Math.min(MOST_REASONS, view.lists)).map((reason) => code(reason, 200));
    const was = one.was === undefined ? "" : ` from ${code(one.was, 80)}`;
    return `${code(one.processor, 80)} ${code(one.status, 20)}${was}, ${upgrades[one.class]}${state}; ${tier}; ${cost} per month${why.length === 0 ? "" : `: ${why.join("; ")}`}`;
  });
  const sum = `${streams.perMonth.toFixed(2)} ${code(streams.currency, 3)} per month (${signed(streams.delta)})`;
  const problems = streams.problems.map((problem) => `**tier**: ${code(problem)}`);
  return [`**Stream processors**: ${sum}\n\n${listed([...problems, ...lines], view.lists).join("\n")}`];
}

const upgrades = {
  none: "nothing to take over",
  "in-place": "in place, from its checkpoint",
  "resume-false": "**in place, and its checkpoint is lost**",
  "new-version": "**a new version beside it**",
} as const;

/** What changes in the data catalog, what breaks readers first. */
export function catalogSection({ catalog = [] }: Ground, view: View): string[] {
  if (catalog.length === 0) return [];
  const lines = catalog.flatMap(({ dataset, status, lines: changes }) =>
    changes.length === 0
      ? [{ text: `${code(dataset, 80)} ${status}`, breaking: status === "removed" }]
      : changes.map(({ text, breaking }) => ({ text: `${code(dataset, 80)}: ${code(text)}`, breaking })),
  );
  const sorted = [...lines.filter(({ breaking }) => breaking), ...lines.filter(({ breaking }) => !breaking)];
  const said = sorted.map(({ text, breaking }) => (breaking ? `**breaking** ${text}` : text));
  return [`**Data catalog**\n\n${listed(said, view.lists).join("\n")}`];
}

/** Warnings of the engine, and what could not be found out. */
export function notesSection({ stacks, ground }: PreviewModel, view: View): string[] {
  const warnings = stacks.flatMap(({ stack, warnings: said }) => said.map((text) => `**${stack}**: ${code(text)}`));
  return fold("Notes", listed([...ground.notes.map((note) => code(note)), ...warnings], view.lists));
}
