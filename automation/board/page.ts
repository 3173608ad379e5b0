import { html, tableOf, type Content, type Markup } from "../report/metrics-markup.ts";
import { pageStyle } from "../report/metrics-style.ts";
import { begun, bucketNames, durationOr, percent } from "../report/metrics.ts";
import { htmlPage, pagePolicy } from "../report/page.ts";
import { short } from "../report/release.ts";
import { plural } from "../report/text.ts";
import { columnSection } from "./column.ts";
import type { Board, BoardEntry, Column } from "./model.ts";
import { coarseAgo, mark, slug, time } from "./parts.ts";
import type { ReleaseCell, ReleaseRow } from "./releases.ts";
import { boardStyle } from "./style.ts";

const styles = [pageStyle, boardStyle];

/** One page. With a script it follows what happens; without one it is a picture of a moment. */
export function boardPage(board: Board, script?: string): string {
  const title = `${board.project}: board`;
  const body = html`<a class="skip" href="#board">Skip to the board</a>
    <header>
      <h1>${title}</h1>
      ${
        script === undefined
          ? html`<p class="quiet">As of ${time(board.at)}. All times are UTC.</p>`
          : html`<p class="quiet">
                <span id="connection">Not connected: as of ${time(board.at)}.</span> All times are UTC.
              </p>
              <p class="news" id="news" role="status" aria-live="polite"></p>`
      }
    </header>
    ${boardMain(board)}`;
  return htmlPage({ title, styles, body, ...(script === undefined ? {} : { script }) });
}

/** The policy of the page with that script, for the server to say as well. */
export const boardPolicy = (script: string): string => `${pagePolicy({ styles, script })}; frame-ancestors 'none'`;

/** What changes while one looks at it. */
export function boardMain(board: Board): Markup {
  const { columns, days } = board;
  return html`<main id="board" tabindex="-1">
    <section aria-labelledby="environments">
      <h2 id="environments">Environments</h2>
      <div class="columns">${columns.map((column) => columnSection(column, board))}</div>
    </section>
    <section aria-labelledby="releases">
      <h2 id="releases">Releases</h2>
      ${releasesTable(board)}
    </section>
    <section aria-labelledby="keys">
      <h2 id="keys">Four keys, the last ${plural(days, "day")}</h2>
      ${keysTable(columns)}
    </section>
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      ${historyTable(board)}
    </section>
  </main>`;
}

function table(id: string, caption: string, heads: readonly Content[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll tall" id="${id}-table" tabindex="0" role="region" aria-label="${caption}">
    ${tableOf(caption, heads, rows)}
  </div>`;
}

function releasesTable(board: Board): Markup {
  const { releases } = board;
  if (releases.length === 0)
    return html`<p class="quiet">No release has come anywhere yet: ./slipway build, then ./slipway promote.</p>`;
  const heads = ["release", ...(releases[0]?.cells.map(({ environment }) => environment) ?? [])];
  const rows = releases.map((row) => releaseRow(row, board));
  return table("releases", "Releases as they move, newest first", heads, rows);
}

function releaseRow({ release, commit, subject, cells }: ReleaseRow, { at }: Board): Markup {
  return html`<tr id="release-${release}">
    <th scope="row">
      <code>${short(release)}</code> ${commit !== undefined && html`commit <code>${short(commit)}</code>`}
      ${subject !== undefined && html`<span class="subject">${subject}</span>`}
    </th>
    ${cells.map((cell) => releaseCell(cell, release, at))}
  </tr>`;
}

/** A cell of another kind is another element, so that an arrival is seen. */
function releaseCell({ environment, tone, text, here, at: since }: ReleaseCell, release: string, at: string): Markup {
  const id = `at-${release}-${slug(environment)}-${here ?? "away"}`;
  const word = here === "stands" ? `stands, ${text}` : text;
  return html`<td id="${id}" class="${here}">
    ${mark(tone)}<span class="${tone}">${word}</span
    >${since !== undefined && html`<span class="when">${coarseAgo(since, at)}</span>`}
  </td>`;
}

function keysTable(columns: readonly Column[]): Markup {
  const heads = [
    "environment",
    "deployments",
    "frequency",
    "lead time",
    "change failure",
    "time to restore",
    "success",
  ];
  const rows = columns.flatMap(({ environment, metrics }) => {
    if (metrics === undefined) return [];
    const {
      deploymentFrequency: often,
      leadTime,
      changeFailureRate,
      timeToRestore,
      successRate,
      failingSince,
    } = metrics;
    const cells: Content[] = [
      begun(metrics),
      `${bucketNames[often.bucket]}, ${often.perWeek.toFixed(1)} a week`,
      `${durationOr(leadTime.median)}`,
      percent(changeFailureRate),
      failingSince === undefined
        ? durationOr(timeToRestore.median)
        : html`<span class="bad">failing since ${time(failingSince)}</span>`,
      percent(successRate),
    ];
    return [
      html`<tr>
        <th scope="row">${environment}</th>
        ${cells.map((cell) => html`<td>${cell}</td>`)}
      </tr>`,
    ];
  });
  return table("keys", "Lead time and time to restore as medians", heads, rows);
}

function historyTable({ history }: Board): Markup {
  if (history.length === 0) return html`<p class="quiet">Nothing has happened yet.</p>`;
  const heads = ["when", "environment", "#", "what", "release", "who", "in short"];
  return table("history", "Records of all environments, newest first", heads, history.map(historyRow));
}

const historyRow = ({ environment, sequence, at, kind, release, by, summary }: BoardEntry): Markup =>
  html`<tr id="record-${slug(environment)}-${sequence}">
    <th scope="row">${time(at)}</th>
    <td>${environment}</td>
    <td>${sequence}</td>
    <td>${kind}</td>
    <td>${release === undefined ? "-" : html`<code>${short(release)}</code>`}</td>
    <td>${by}</td>
    <td class="long">${summary}</td>
  </tr>`;
