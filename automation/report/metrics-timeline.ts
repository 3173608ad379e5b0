import type { Attempt, Outcome } from "../metrics/attempts.ts";
import type { WindowView } from "../metrics/four-keys.ts";
import { isoDay, outcomes } from "./metrics-charts.ts";
import { html, htmlTable, type Markup } from "./metrics-markup.ts";
import { short } from "./release.ts";
import { duration, moment } from "./time.ts";

const size = { width: 1120, left: 110, right: 16, lane: 58, top: 10, bottom: 26 };
/** Beyond this many marks a lane is a smear; the newest ones are shown and the page says how many are not. */
const mostMarks = 250;

const outcomeNames: Record<Outcome, string> = {
  succeeded: "verified",
  unverified: "not verified",
  failed: "failed or rolled back",
  interrupted: "interrupted",
};

/** The sign of an outcome around a point: a disc, a ring, a cross, a triangle. */
function mark(outcome: Outcome, x: number, y: number): Markup {
  const at = (dx: number, dy: number) => `${(x + dx).toFixed(1)} ${(y + dy).toFixed(1)}`;
  switch (outcome) {
    case "succeeded":
    case "unverified":
      return html`<circle class="${outcome}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="5" />`;
    case "failed":
      return html`<path class="failed" d="M${at(-5, -5)}L${at(5, 5)}M${at(-5, 5)}L${at(5, -5)}" />`;
    case "interrupted":
      return html`<path class="interrupted" d="M${at(0, -6)}L${at(6, 5)}L${at(-6, 5)}Z" />`;
  }
}

interface Scale {
  from: number;
  to: number;
  x(time: number): number;
  y(lane: number): number;
  height: number;
}

function scaleOf(views: readonly WindowView[]): Scale {
  const from = Math.min(...views.map(({ window }) => window.from));
  const to = Math.max(...views.map(({ window }) => window.to));
  const width = size.width - size.left - size.right;
  const part = (time: number) => Math.min(Math.max((time - from) / Math.max(to - from, 1), 0), 1);
  return {
    from,
    to,
    x: (time) => size.left + width * part(time),
    y: (lane) => size.top + size.lane * (lane + 0.5),
    height: size.top + size.lane * views.length + size.bottom,
  };
}

const named = ({ release, commit }: Attempt): string =>
  release !== undefined
    ? `release ${short(release)}`
    : commit !== undefined
      ? `commit ${short(commit)}`
      : "a working tree";

const title = ({ environment, at, outcome, by, seconds, ...subject }: Attempt): string =>
  `${environment}, ${moment(new Date(at).toISOString())}: ${named({ environment, at, outcome, by, seconds, ...subject })} by ${by}, ${outcomeNames[outcome]}, ${duration(seconds)}`;

/** The way of each release from one environment to the next: its first deployment in each. */
function links(shown: readonly (readonly Attempt[])[], scale: Scale): Markup[] {
  const first = shown.map((attempts) => {
    const found = new Map<string, Attempt>();
    for (const one of attempts) if (one.release !== undefined && !found.has(one.release)) found.set(one.release, one);
    return found;
  });
  return first.slice(1).flatMap((lane, index) =>
    [...lane].flatMap(([release, { at }]) => {
      const before = first[index]?.get(release);
      if (before === undefined) return [];
      const [x1, y1, x2, y2] = [scale.x(before.at), scale.y(index), scale.x(at), scale.y(index + 1)].map((one) =>
        one.toFixed(1),
      );
      return [html`<line class="link" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" />`];
    }),
  );
}

function laneOf({ metrics, outages }: WindowView, attempts: readonly Attempt[], lane: number, scale: Scale): Markup {
  const y = scale.y(lane);
  const bands = outages.map(({ startedAt, restoredAt }) => {
    const [x1, x2] = [scale.x(startedAt), scale.x(restoredAt ?? scale.to)];
    const until =
      restoredAt === undefined ? "not working yet" : `working again after ${duration((restoredAt - startedAt) / 1000)}`;
    return html`<rect
      class="outage"
      x="${x1.toFixed(1)}"
      y="${y - 18}"
      width="${Math.max(x2 - x1, 2).toFixed(1)}"
      height="36"
      rx="3"
      ><title>${metrics.environment} failing since ${moment(new Date(startedAt).toISOString())}, ${until}</title></rect
    >`;
  });
  return html`<text class="lane" x="0" y="${y + 4}">${metrics.environment}</text>
    <line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${y}" y2="${y}" />${bands}
    ${attempts.map((one) => html`<g>${mark(one.outcome, scale.x(one.at), y)}<title>${title(one)}</title></g>`)}`;
}

function dates({ from, to, x, height }: Scale): Markup[] {
  return [0, 1, 2, 3, 4].map((step) => {
    const time = from + ((to - from) * step) / 4;
    const anchor = step === 0 ? "start" : step === 4 ? "end" : "middle";
    return html`<text x="${x(time).toFixed(1)}" y="${height - 6}" text-anchor="${anchor}">${isoDay(time)}</text>`;
  });
}

/** How each outcome is drawn, for people. */
export function legend(): Markup {
  const signs = outcomes.map(
    (outcome) =>
      html`<li><svg viewBox="0 0 16 16" aria-hidden="true">${mark(outcome, 8, 8)}</svg>${outcomeNames[outcome]}</li>`,
  );
  return html`<ul class="legend">
    ${signs}
    <li>
      <svg viewBox="0 0 16 16" aria-hidden="true"><rect class="outage" x="0" y="2" width="16" height="12" /></svg>not
      working
    </li>
  </ul>`;
}

/** Every environment a lane, every deployment a mark, and the way of a release from lane to lane a line. */
export function timeline(views: readonly WindowView[]): Markup {
  const scale = scaleOf(views);
  const shown = views.map(({ attempts }) => attempts.slice(-mostMarks));
  const hidden = views.reduce((sum, { attempts }, lane) => sum + attempts.length - (shown[lane]?.length ?? 0), 0);
  const all = shown.flat().sort((a, b) => b.at - a.at);
  const rows = all.map((one) => [
    moment(new Date(one.at).toISOString()),
    one.environment,
    named(one),
    outcomeNames[one.outcome],
    duration(one.seconds),
    one.by,
  ]);
  return html`<figure>
    <div class="wide">
      <svg
        viewBox="0 0 ${size.width} ${scale.height}"
        role="img"
        aria-label="Promotion timeline: ${all.length} deployments to ${views.length} environments, listed in the table below"
      >
        ${links(shown, scale)}${views.map((view, lane) => laneOf(view, shown[lane] ?? [], lane, scale))}${dates(scale)}
      </svg>
    </div>
    ${legend()}
    ${hidden > 0 && html`<p class="quiet">${hidden} older deployments are not drawn; the figures count them.</p>`}
    <details>
      <summary>Promotion timeline as a table</summary>
      ${htmlTable("Deployments, newest first", ["when", "environment", "what", "how it ended", "took", "who"], rows)}
    </details>
  </figure>`;
}
