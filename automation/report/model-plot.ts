import type { Side } from "../model/compare.ts";
import type { Prediction } from "../model/registry/evaluation.ts";
import { html, raw, type Markup } from "./metrics-markup.ts";
import { extremes, frameOf, niceTicks, place } from "./model-frame.ts";
import { number } from "./model-number.ts";

/** More points than this say nothing new, and a browser has to carry each. */
const mostPoints = 1500;

const scatter = { width: 560, height: 400, left: 64, right: 20, top: 12, bottom: 44 };
const bars = { width: 560, height: 260, left: 64, right: 20, top: 12, bottom: 44 };

/** One plot: its drawing without the `svg` around it, and how large that has to be. */
export interface Plot {
  title: string;
  summary: string;
  width: number;
  height: number;
  drawing: Markup;
}

/** Every n-th, so that it is always the same ones. */
function thinned(predictions: readonly Prediction[]): readonly Prediction[] {
  const every = Math.ceil(predictions.length / mostPoints);
  return every <= 1 ? predictions : predictions.filter((_, at) => at % every === 0);
}

/** Sides differ by shape as well as by colour. */
const marks = [
  ({ x, y }: { x: string; y: string }) => html`<circle class="a" cx="${x}" cy="${y}" r="3" />`,
  ({ x, y }: { x: string; y: string }) => html`<path class="b" d="M${x} ${y}m-3-3l6 6m0-6l-6 6" />`,
] as const;

const label = ({ version }: Side): string => `version ${version.version}`;

/** What houses were sold for beside what each version says; on the line it is right. */
export function actualAgainstPredicted(sides: readonly Side[]): Plot {
  const values = sides.flatMap(({ evaluation }) =>
    evaluation.predictions.flatMap((one) => [one.actual, one.predicted]),
  );
  const ticks = niceTicks(Math.min(...extremes(values)), Math.max(...extremes(values)));
  const frame = frameOf(scatter, ticks, ticks, { x: "actual", y: "predicted" });
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  const points = sides.map(({ evaluation }, side) =>
    thinned(evaluation.predictions).map(({ actual, predicted }) =>
      (marks[side] ?? marks[0])({ x: place(frame.x(actual)), y: place(frame.y(predicted)) }),
    ),
  );
  const line = html`<line
    class="right"
    x1="${place(frame.x(low))}"
    y1="${place(frame.y(low))}"
    x2="${place(frame.x(high))}"
    y2="${place(frame.y(high))}"
  />`;
  const { width, height } = scatter;
  return {
    title: "Actual against predicted",
    summary: sides.map((side) => `${label(side)}: ${side.evaluation.predictions.length} houses`).join(", "),
    ...{ width, height },
    drawing: html`${frame.axes}${line}${points}`,
  };
}

/** A stretch of errors in percent of the price, and how many predictions of each side are in it. */
export interface ErrorBin {
  from: number;
  to: number;
  counts: number[];
}

const binWidth = 5;
const outermost = 40;

/** Pure: errors in steps of five percent; beyond forty they are counted with the outermost. */
export function errorBins(sides: readonly Side[]): ErrorBin[] {
  const bins = Array.from({ length: (2 * outermost) / binWidth }, (_, at) => ({
    from: at * binWidth - outermost,
    to: (at + 1) * binWidth - outermost,
    counts: sides.map(() => 0),
  }));
  for (const [side, { evaluation }] of sides.entries())
    for (const { actual, predicted } of evaluation.predictions) {
      if (actual === 0) continue;
      const percent = (100 * (predicted - actual)) / Math.abs(actual);
      const at = Math.floor((percent + outermost) / binWidth);
      const bin = bins[Math.min(Math.max(at, 0), bins.length - 1)];
      if (bin !== undefined) bin.counts[side] = (bin.counts[side] ?? 0) + 1;
    }
  return bins;
}

/** How often each version is off by how much. */
export function errorDistribution(sides: readonly Side[]): Plot {
  const bins = errorBins(sides);
  const highest = Math.max(...bins.flatMap(({ counts }) => counts), 1);
  const xTicks = Array.from({ length: 5 }, (_, at) => (at * outermost) / 2 - outermost);
  const frame = frameOf(bars, xTicks, niceTicks(0, highest), {
    x: "error in percent of the price, at most 40",
    y: "houses",
  });
  const width = (frame.x(binWidth) - frame.x(0)) / (sides.length + 0.4);
  const drawn = bins.map(({ from, to, counts }) =>
    counts.map(
      (count, side) =>
        count > 0 &&
        html`<rect
          class="${side === 0 ? "a" : "b"}"
          x="${place(frame.x(from) + width * (0.2 + side))}"
          y="${place(frame.y(count))}"
          width="${place(width)}"
          height="${place(frame.y(0) - frame.y(count))}"
          ><title>${label(sides[side] as Side)}: ${count} between ${from} and ${to} percent</title></rect
        >`,
    ),
  );
  const { width: whole, height } = bars;
  return {
    title: "Errors",
    summary: sides
      .map((side) => `${label(side)}: ${number(100 * within(side, 0.1))} percent within 10 percent`)
      .join(", "),
    width: whole,
    height,
    drawing: html`${frame.axes}${drawn}`,
  };
}

/** Share of predictions that are off by at most a share of the price. */
function within({ evaluation: { predictions } }: Side, share: number): number {
  const close = predictions.filter(({ actual, predicted }) => Math.abs(predicted - actual) <= share * Math.abs(actual));
  return predictions.length === 0 ? 0 : close.length / predictions.length;
}

/** Colours of the two sides, in light and dark. */
export const plotStyle = `
:root { --a: #0969da; --b: #bc4c00; }
@media (prefers-color-scheme: dark) { :root { --a: #58a6ff; --b: #f0883e; } }
circle.a, rect.a { fill: var(--a); fill-opacity: .55; } path.b { fill: none; stroke: var(--b); stroke-opacity: .7; stroke-width: 1.4; }
rect.b { fill: none; stroke: var(--b); stroke-width: 1.6; } .right { stroke: var(--quiet); stroke-dasharray: 5 4; }
`;

export const legend = (sides: readonly Side[]): Markup =>
  html`${sides.map(
    (side, at) =>
      html`<li>
        <svg viewBox="0 0 12 12" aria-hidden="true">${(marks[at] ?? marks[0])({ x: "6", y: "6" })}</svg>${label(side)}
      </li>`,
  )}`;

const standalone = raw(`
svg { --ground: #ffffff; --line: #d0d7de; --text: #1f2328; --quiet: #59636e; }
@media (prefers-color-scheme: dark) { svg { --ground: #0d1117; --line: #30363d; --text: #e6edf3; --quiet: #9198a1; } }
text { fill: var(--quiet); font: 12px system-ui, sans-serif; } .head { fill: var(--text); font-size: 15px; font-weight: 600; }
.grid { stroke: var(--line); stroke-width: 1; } .ground { fill: var(--ground); }
${plotStyle.replace(":root { --a", "svg { --a").replace("{ :root {", "{ svg {")}`);

/** Both plots in one picture that needs nothing else. */
export function plotSvg(sides: readonly Side[], title: string): string {
  const plots = [actualAgainstPredicted(sides), errorDistribution(sides)];
  const head = 52;
  const height = head + plots.reduce((sum, plot) => sum + plot.height + 34, 0);
  let top = head;
  const parts = plots.map((plot) => {
    const part = html`<g transform="translate(0 ${top})"
      ><text class="head" x="12" y="14">${plot.title}</text><g transform="translate(0 22)">${plot.drawing}</g></g
    >`;
    top += plot.height + 34;
    return part;
  });
  const names = sides.map(
    (side, at) =>
      html`${(marks[at] ?? marks[0])({ x: String(18 + at * 130), y: "38" })}<text x="${28 + at * 130}" y="42"
          >${label(side)}</text
        >`,
  );
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 560 ${height}"
    width="560"
    height="${height}"
    role="img"
  >
    <title>${title}</title>
    <desc>${plots.map(({ title: name, summary }) => `${name}: ${summary}`).join(". ")}</desc>
    <style>
      ${standalone}
    </style>
    <rect class="ground" width="560" height="${height}" />
    <text class="head" x="12" y="20">${title}</text>
    ${names}${parts}
  </svg>`.text;
}
