import { html, type Markup } from "./metrics-markup.ts";
import { number } from "./model-number.ts";

/** Size of a drawing, and the margins that its axes need. */
export interface Size {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A coordinate, short. */
export const place = (value: number): string => value.toFixed(1);

/** Round numbers from at most the lowest to at least the highest value, about five of them. */
export function niceTicks(lowest: number, highest: number): number[] {
  const span = highest - lowest || Math.abs(highest) || 1;
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((one) => one >= rough) ?? 10 * power;
  const first = Math.floor(lowest / step);
  const count = Math.ceil(highest / step) - first;
  return Array.from({ length: Math.max(count, 1) + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** Where values are in a drawing, and its axes. */
export interface Frame {
  x(value: number): number;
  y(value: number): number;
  axes: Markup;
}

/** A drawing with ticks along both of its axes. */
export function frameOf(
  size: Size,
  xTicks: readonly number[],
  yTicks: readonly number[],
  labels: { x: string; y: string },
): Frame {
  const { width, height, left, right, top, bottom } = size;
  const scale = (ticks: readonly number[], from: number, to: number) => {
    const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
    return (value: number) => from + ((value - low) / (high - low || 1)) * (to - from);
  };
  const x = scale(xTicks, left, width - right);
  const y = scale(yTicks, height - bottom, top);
  const axes = html`${yTicks.map(
      (tick) =>
        html`<line class="grid" x1="${left}" x2="${width - right}" y1="${place(y(tick))}" y2="${place(y(tick))}" />
          <text x="${left - 6}" y="${place(y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
    )}${xTicks.map(
      (tick) =>
        html`<line class="grid" x1="${place(x(tick))}" x2="${place(x(tick))}" y1="${top}" y2="${height - bottom}" />
          <text x="${place(x(tick))}" y="${height - bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
    )}<text x="${place((left + width - right) / 2)}" y="${height - 6}" text-anchor="middle">${labels.x}</text
    ><text
      class="side"
      x="14"
      y="${place((top + height - bottom) / 2)}"
      text-anchor="middle"
      transform="rotate(-90 14 ${place((top + height - bottom) / 2)})"
      >${labels.y}</text
    >`;
  return { x, y, axes };
}

/** "250k", "1.5M". */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${number(value / 1e6)}M`;
  return size >= 1e3 ? `${number(value / 1e3)}k` : number(value);
}

/** Lowest and highest without a call that has as many arguments as there are values. */
export function extremes(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return Number.isFinite(low) ? [low, high] : [0, 1];
}
