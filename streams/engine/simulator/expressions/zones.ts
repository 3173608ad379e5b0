/** The fields of a moment in a time zone. */
export interface DateFields {
  year: number;
  /** From 1. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that a zone's clocks are ahead of UTC at a moment. */
export function zoneOffset(zone: string | null | undefined, time: number): number {
  if (zone === null || zone === undefined || zone === "UTC" || zone === "GMT" || zone === "Z") return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign !== undefined) return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  let format = formats.get(zone);
  if (format === undefined) {
    format = formatOf(zone);
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric" as const;
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  try {
    return new Intl.DateTimeFormat("en-US", { ...fields, timeZone, hourCycle: "h23", calendar: "gregory" });
  } catch {
    throw new Error(`unrecognized time zone identifier: "${timeZone}"`);
  }
}

/** What a calendar and a clock in a zone show at a moment. */
export function fieldsOf(date: Date, zone?: string | null): DateFields {
  const local = new Date(date.getTime() + zoneOffset(zone, date.getTime()));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}

/** The moment at which a zone shows these fields; fields beyond their range carry over. */
export function momentOf(fields: DateFields, zone?: string | null): Date {
  const wall = wallOf(fields);
  const first = wall - zoneOffset(zone, wall);
  return new Date(wall - zoneOffset(zone, first));
}

/** Fields as if they were of UTC. */
export function wallOf({ year, month, day, hour, minute, second, millisecond }: DateFields): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

const dayMs = 86_400_000;
const dayNumber = (wall: number) => Math.floor(wall / dayMs);

/** 1 for Monday to 7 for Sunday. */
export const isoDayOfWeek = (fields: DateFields): number => ((((dayNumber(wallOf(fields)) + 3) % 7) + 7) % 7) + 1;

/** From 1. */
export function dayOfYear(fields: DateFields): number {
  const start = wallOf({ ...fields, month: 1, day: 1 });
  return dayNumber(wallOf(fields)) - dayNumber(start) + 1;
}

/** Weeks of a year that begin with its first Sunday; the days before it are in week 0. */
export const weekOfYear = (fields: DateFields): number =>
  Math.floor((dayOfYear(fields) - 1 + 7 - (isoDayOfWeek(fields) % 7)) / 7);

/** The week by ISO 8601, and the year it belongs to. */
export function isoWeek(fields: DateFields): { week: number; year: number } {
  const thursday = new Date(wallOf(fields) + (4 - isoDayOfWeek(fields)) * dayMs);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((dayNumber(thursday.getTime()) - dayNumber(wallOf({ ...january, year }))) / 7) + 1;
  return { week, year };
}

const january: DateFields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
