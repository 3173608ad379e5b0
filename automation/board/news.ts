import { short } from "../report/release.ts";
import { plural } from "../report/text.ts";
import type { Board, Column } from "./model.ts";

/** More than this at once is read to nobody; the history has it all. */
const mostNews = 4;

/** What happened between two boards, as sentences for somebody who does not see the page. Progress alone is no news. */
export function newsOf(before: Board, after: Board): string[] {
  const earlier = new Map(before.columns.map((column) => [column.environment, column]));
  const news = after.columns.flatMap((column) => {
    const known = earlier.get(column.environment);
    return known === undefined ? [] : [...recordsSince(after, column, known), ...changesOf(known, column)];
  });
  if (news.length <= mostNews) return news;
  return [...news.slice(0, mostNews - 1), `${plural(news.length - mostNews + 1, "more change")} in the history`];
}

function recordsSince({ history }: Board, { environment }: Column, before: Column): string[] {
  const fresh = history.filter((entry) => entry.environment === environment && entry.sequence > before.sequence);
  return fresh.reverse().map(({ summary }) => `${environment}: ${summary}`);
}

function changesOf(before: Column, after: Column): string[] {
  const { environment, running, drift } = after;
  const news: string[] = [];
  if (running !== undefined && running.since !== before.running?.since)
    news.push(`${environment}: ${running.verb}${running.release ? ` of release ${short(running.release)}` : ""} began`);
  if (running?.lost === true && before.running?.lost === false)
    news.push(`${environment}: ${running.verb} ended without a word`);
  if (running === undefined && before.running !== undefined)
    news.push(`${environment}: ${before.running.verb} has ended, ${after.state.text}`);
  if (drift !== undefined && drift.at !== before.drift?.at)
    news.push(`${environment}: ${drift.total === 0 ? "no drift" : `drift, ${plural(drift.total, "finding")}`}`);
  return news;
}
