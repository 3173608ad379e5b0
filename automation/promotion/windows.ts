import type { MaintenanceWindow } from "../../config/promotion.ts";
import { weekdays } from "../../config/promotion-schema.ts";

/** Whether changes may be made now, and when that ends or begins. */
export type WindowState =
  | { open: true; window: MaintenanceWindow; closesAt: Date }
  /** `opensAt` is absent where no window opens within `HORIZON_DAYS`. */
  | { open: false; window?: MaintenanceWindow; opensAt?: Date };

const MINUTE = 60_000;
const DAY = 86_400_000;

/** How far ahead the next opening is looked for: every weekday comes within it, however many dates are excepted. */
export const HORIZON_DAYS = 400;

/** Opening times as instants; the end is not part of them. */
interface Opening {
  window: MaintenanceWindow;
  from: number;
  to: number;
}

/** State of a set of windows at an instant. Of several open ones the one that closes last is told. */
export function windowState(windows: readonly MaintenanceWindow[], now: Date): WindowState {
  const at = now.getTime();
  const openings = windows.flatMap((window) => nextOpening(window, at) ?? []);
  const open = openings.filter(({ from }) => from <= at).sort((left, right) => right.to - left.to)[0];
  if (open !== undefined) return { open: true, window: open.window, closesAt: new Date(open.to) };
  const next = openings.sort((left, right) => left.from - right.from)[0];
  return next === undefined ? { open: false } : { open: false, window: next.window, opensAt: new Date(next.from) };
}

/** The opening that is under way or comes next. */
function nextOpening(window: MaintenanceWindow, at: number): Opening | undefined {
  // Days are counted as instants of UTC midnight that stand for a date, whatever the zone.
  const today = Math.floor((at + offsetAt(window.timeZone, at)) / DAY) * DAY;
  // One that lasts over midnight may have opened yesterday; where a zone skips a date, the day before that.
  for (let day = today - 2 * DAY; day <= today + HORIZON_DAYS * DAY; day += DAY) {
    if (!opensOn(window, day)) continue;
    const opening = openingOf(window, day);
    if (opening !== undefined && opening.to > at) return opening;
  }
  return undefined;
}

function opensOn({ days, except = [] }: MaintenanceWindow, day: number): boolean {
  const date = new Date(day);
  const weekday = weekdays[date.getUTCDay()];
  return weekday !== undefined && days.includes(weekday) && !except.includes(date.toISOString().slice(0, 10));
}

/** The window of one date; undefined where the clocks skip it, or the whole date. */
function openingOf(window: MaintenanceWindow, day: number): Opening | undefined {
  const { from, to, timeZone } = window;
  const start = minutesOf(from) * MINUTE;
  const length = (minutesOf(to) - minutesOf(from)) * MINUTE;
  const opens = instantOf(timeZone, day + start);
  const closes = instantOf(timeZone, day + start + (length > 0 ? length : length + DAY));
  const date = Math.floor((opens + offsetAt(timeZone, opens)) / DAY) * DAY;
  return closes > opens && date === day ? { window, from: opens, to: closes } : undefined;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/**
 * The instant at which the clocks of a zone show a time, which is given as if it were UTC. Of a time that they show twice
 * it is the first, for one that they skip the moment at which they skip it.
 */
export function instantOf(timeZone: string, local: number): number {
  const [before, after] = [offsetAt(timeZone, local - DAY), offsetAt(timeZone, local + DAY)];
  const fitting = [local - before, local - after].filter((instant) => instant + offsetAt(timeZone, instant) === local);
  if (fitting.length > 0) return Math.min(...fitting);
  return changeBetween(timeZone, local - Math.max(before, after), local - Math.min(before, after));
}

/** First instant after `early` with the offset that holds at `late`. */
function changeBetween(timeZone: string, early: number, late: number): number {
  const offset = offsetAt(timeZone, late);
  let [low, high] = [early, late];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(timeZone, middle) === offset) high = middle;
    else low = middle;
  }
  return high;
}

/** Making one costs more than all its answers. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = "numeric" as const;
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  const made = new Intl.DateTimeFormat("en-US", { timeZone, calendar: "gregory", hourCycle: "h23", ...fields });
  formats.set(timeZone, made);
  return made;
}

/** Milliseconds by which the clocks of a zone are ahead of UTC at an instant. */
export function offsetAt(timeZone: string, instant: number): number {
  const parts = formatOf(timeZone).formatToParts(instant);
  const field = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(
    field("year"),
    field("month") - 1,
    field("day"),
    field("hour"),
    field("minute"),
    field("second"),
  );
  return local - Math.floor(instant / 1000) * 1000;
}

/** "2026-03-01 02:00 Europe/Berlin (01:00 UTC)". */
export function zonedMoment(timeZone: string, instant: Date): string {
  const local = new Date(instant.getTime() + offsetAt(timeZone, instant.getTime())).toISOString();
  const utc = instant.toISOString();
  const shown = `${local.slice(0, 10)} ${local.slice(11, 16)} ${timeZone}`;
  return timeZone === "UTC" ? shown : `${shown} (${utc.slice(0, 10)} ${utc.slice(11, 16)} UTC)`;
}
