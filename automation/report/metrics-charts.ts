import type { Attempt, Outcome } from "../metrics/attempts.ts";
import { distributionOf } from "../metrics/figures.ts";
import type { WindowView } from "../metrics/four-keys.ts";
import { dayMs } from "../metrics/frequency.ts";
import { html, htmlTable, type Content, type Markup } from "./metrics-markup.ts";
import { duration } from "./time.ts";

export const outcomes: readonly Outcome[] = ["succeeded", "unverified", "failed", "interrupted"];

const size = { width: 560, height: 170, left: 44, bottom: 22, top: 8 };
/** More bars than this could not be told apart. */
const mostBars = 26;
const weekMs = 7 * dayMs;

export const isoDay = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** A stretch of whole weeks, counted back from the end of the window. */
interface Period {
  from: number;
  to: number;
  attempts: Attempt[];
  /** Median of the changes that arrived, in seconds. */
  lead: number | undefined;
}

export function periodsOf({ window, attempts, changes }: WindowView): Period[] {
  const weeks = Math.max(1, Math.ceil((window.to - window.from) / weekMs));
  const length = Math.ceil(weeks / mostBars) * weekMs;
  const count = Math.max(1, Math.ceil((window.to - window.from) / length));
  const place = (time: number) => count - 1 - Math.min(Math.floor(Math.max(window.to - time, 0) / length), count - 1);
  const attemptsBy = Map.groupBy(attempts, ({ at }) => place(at));
  const changesBy = Map.groupBy(changes, ({ at }) => place(at));
  return Array.from({ length: count }, (_, index) => ({
    from: Math.max(window.to - (count - index) * length, window.from),
    to: window.to - (count - index - 1) * length,
    attempts: attemptsBy.get(index) ?? [],
    lead: distributionOf((changesBy.get(index) ?? []).map(({ seconds }) => seconds)).median,
  }));
}

/** At most five round numbers from 0 to at least the highest. */
export function ticksUpTo(highest: number, units: readonly number[] = [1, 2, 5]): number[] {
  const steps =
    units.length > 3 ? units : [0, 1, 2, 3, 4, 5, 6, 7].flatMap((power) => units.map((unit) => unit * 10 ** power));
  const step = steps.find((one) => one * 4 >= highest) ?? Math.ceil(highest / 4);
  return Array.from({ length: Math.max(Math.ceil(highest / step), 1) + 1 }, (_, index) => index * step);
}

/** Seconds that people count in. */
const timeSteps = [
  1,
  5,
  15,
  30,
  60,
  300,
  900,
  1800,
  3600,
  3 * 3600,
  6 * 3600,
  12 * 3600,
  86_400,
  2 * 86_400,
  7 * 86_400,
  14 * 86_400,
  30 * 86_400,
  90 * 86_400,
];

/** "0", "30 s", "15 min", "6 h", "2 d". */
function tickTime(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  const [length, name] = units.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, "s"];
  return seconds === 0 ? "0" : `${seconds / length} ${name}`;
}

interface Frame {
  x(index: number): number;
  y(value: number): number;
  band: number;
  axes: Markup;
}

function frameOf(periods: readonly Period[], ticks: readonly number[], label: (tick: number) => string): Frame {
  const { width, height, left, bottom, top } = size;
  const highest = ticks.at(-1) ?? 1;
  const band = (width - left) / periods.length;
  const x = (index: number) => left + index * band;
  const y = (value: number) => top + (height - top - bottom) * (1 - value / highest);
  const every = Math.ceil(periods.length / 5);
  const axes = html`${ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${width}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" />
        <text x="${left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${label(tick)}</text>`,
  )}${periods.map(
    ({ from }, index) =>
      index % every === 0 &&
      html`<text x="${(x(index) + band / 2).toFixed(1)}" y="${height - 4}" text-anchor="middle"
        >${isoDay(from).slice(5)}</text
      >`,
  )}`;
  return { x, y, band, axes };
}

function figure(title: string, summary: string, drawing: Markup, table: Markup): Markup {
  const { width, height } = size;
  return html`<figure>
    <h3>${title}</h3>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${summary}">${drawing}</svg>
    <details>
      <summary>${title} as a table</summary>
      ${table}
    </details>
  </figure>`;
}

/** "by week", or in how many where a window is long. */
function by(periods: readonly Period[]): string {
  const { from, to } = periods.at(-1) ?? { from: 0, to: 0 };
  const weeks = Math.max(Math.round((to - from) / weekMs), 1);
  return weeks === 1 ? "by week" : `by ${weeks} weeks`;
}

const period = ({ from, to }: Period): string => `${isoDay(from)} to ${isoDay(to)}`;
const counts = ({ attempts }: Period): number[] =>
  outcomes.map((outcome) => attempts.filter((one) => one.outcome === outcome).length);

/** Deployments per week, stacked by how they ended. */
export function deploymentsChart(environment: string, periods: readonly Period[]): Markup {
  const frame = frameOf(periods, ticksUpTo(Math.max(...periods.map(({ attempts }) => attempts.length))), String);
  const bars = periods.map((one, index) => {
    let below = 0;
    return counts(one).map((count, place): Content => {
      const [bottom, top] = [frame.y(below), frame.y((below += count))];
      return (
        count > 0 &&
        html`<rect
          class="${outcomes[place]}"
          x="${(frame.x(index) + frame.band * 0.15).toFixed(1)}"
          y="${top.toFixed(1)}"
          width="${(frame.band * 0.7).toFixed(1)}"
          height="${(bottom - top).toFixed(1)}"
          ><title>${period(one)}: ${count} ${outcomes[place]}</title></rect
        >`
      );
    });
  });
  const rows = periods.map((one) => [period(one), ...counts(one)]);
  const total = periods.reduce((sum, { attempts }) => sum + attempts.length, 0);
  const table = htmlTable(`Deployments to ${environment}`, ["period", ...outcomes], rows);
  return figure(`Deployments ${by(periods)}`, `${total} in all`, html`${frame.axes}${bars}`, table);
}

/** Points of weeks that follow each other. */
function runsOf<T extends { index: number }>(points: readonly T[]): T[][] {
  const runs: T[][] = [];
  for (const point of points) {
    const last = runs.at(-1);
    if (last?.at(-1)?.index === point.index - 1) last.push(point);
    else runs.push([point]);
  }
  return runs;
}

/** Median lead time of the changes that arrived in each week; a week without any is left open. */
export function leadTimeChart(environment: string, periods: readonly Period[]): Markup {
  const known = periods.flatMap(({ lead }) => lead ?? []);
  const frame = frameOf(periods, ticksUpTo(Math.max(...known, 1), timeSteps), tickTime);
  const points = periods.flatMap((one, index) =>
    one.lead === undefined
      ? []
      : [
          {
            one,
            index,
            lead: one.lead,
            x: (frame.x(index) + frame.band / 2).toFixed(1),
            y: frame.y(one.lead).toFixed(1),
          },
        ],
  );
  const drawing = html`${frame.axes}${runsOf(points).map(
    (run) => html`<polyline class="path" points="${run.map(({ x, y }) => `${x},${y}`).join(" ")}" />`,
  )}${points.map(
    ({ one, lead, x, y }) =>
      html`<circle class="dot" cx="${x}" cy="${y}" r="4"><title>${period(one)}: ${duration(lead)}</title></circle>`,
  )}`;
  const rows = periods.map((one) => [period(one), one.lead === undefined ? "-" : duration(one.lead)]);
  const table = htmlTable(`Lead time to ${environment}`, ["period", "median"], rows);
  return figure(
    `Lead time ${by(periods)} (median)`,
    known.length === 0 ? "no change has arrived" : `in ${known.length} of ${periods.length} periods`,
    drawing,
    table,
  );
}
