import { html, raw, type Content, type Markup } from "../report/metrics-markup.ts";
import { moment } from "../report/time.ts";
import type { State, Tone } from "./model.ts";

const signs: Record<Tone, string> = { good: "✓", plain: "→", odd: "!", bad: "✗", quiet: "·" };

/** The sign of a state; the word beside it says the same. */
export const mark = (tone: Tone): Markup => html`<span class="mark ${tone}" aria-hidden="true">${signs[tone]}</span>`;

/** A state as sign and word. */
export const stateText = ({ tone, text }: State): Markup =>
  html`<span class="state ${tone}"><span aria-hidden="true">${signs[tone]} </span>${text}</span>`;

/** A time for people and machines. */
export const time = (iso: string): Markup => html`<time datetime="${iso}">${moment(iso)}</time>`;

/** "just now", "5 min ago", "3 h ago", "4 d ago": coarse, so that a page that stays open changes once a minute. */
export function coarseAgo(iso: string, at: string): string {
  const minutes = Math.floor((Date.parse(at) - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} d ago`;
}

/** What to type. Names of ours begin with `slipway`; people type it from the checkout. */
export const command = (text: string): Markup =>
  html`<code class="type">${text.replace(/^slipway /, "./slipway ")}</code>`;

/** A line with its sign. */
export const line = (tone: Tone, content: Content): Markup => html`<li>${mark(tone)}${content}</li>`;

/** Something that opens. The id keeps it open, and the focus on it, while the page changes under it. */
export const opening = (id: string, summary: Content, content: Content, open = false): Markup =>
  html`<details id="${id}" ${raw(open ? "open" : "")}>
    <summary id="${id}-summary">${summary}</summary>
    ${content}
  </details>`;

/** A text as a part of an id. */
export const slug = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, "-");
