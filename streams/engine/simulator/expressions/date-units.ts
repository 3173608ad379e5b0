import { fieldsOf, isoDayOfWeek, momentOf, wallOf, zoneOffset } from "./zones.ts";

/** Units of a fixed length, in milliseconds. */
const fixed: Readonly<Record<string, number>> = {
  ...{ millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 },
};
/** Units of the calendar, in months. */
const calendar: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };

const unknown = (unit: string) => new Error(`unknown time unit value: ${unit}`);

/** A date and some units more. Days and longer are of the zone's calendar; the end of a month stays one. */
export function dateAdd(date: Date, unit: string, amount: number, zone?: string): Date {
  if (!Number.isInteger(amount)) throw new Error("amount must be an integer");
  const fields = fieldsOf(date, zone);
  const inMonths = calendar[unit];
  if (inMonths !== undefined) {
    const month = fields.year * 12 + fields.month - 1 + amount * inMonths;
    const [year, inYear] = [Math.floor(month / 12), (((month % 12) + 12) % 12) + 1];
    const last = new Date(Date.UTC(year, inYear, 0)).getUTCDate();
    return momentOf({ ...fields, year, month: inYear, day: Math.min(fields.day, last) }, zone);
  }
  const length = fixed[unit];
  if (length === undefined) throw unknown(unit);
  if (unit !== "day" && unit !== "week") return new Date(date.getTime() + amount * length);
  return momentOf({ ...fields, day: fields.day + amount * (unit === "week" ? 7 : 1) }, zone);
}

const dayMs = 86_400_000;
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

function weekdayOf(name = "sunday"): number {
  const found = weekdays.findIndex((day) => day.startsWith(name.toLowerCase().slice(0, 3)));
  if (found < 0) throw new Error(`unknown day of week value: ${name}`);
  return found + 1;
}

/** How many boundaries of a unit lie between two dates. */
export function dateDiff(start: Date, end: Date, unit: string, zone?: string, startOfWeek?: string): number {
  const [a, b] = [fieldsOf(start, zone), fieldsOf(end, zone)];
  const inMonths = calendar[unit];
  if (inMonths !== undefined) {
    const index = (fields: typeof a) => Math.floor((fields.year * 12 + fields.month - 1) / inMonths);
    return index(b) - index(a);
  }
  const length = fixed[unit];
  if (length === undefined) throw unknown(unit);
  if (unit === "millisecond") return end.getTime() - start.getTime();
  const shift = unit === "week" ? (weekdayOf(startOfWeek) - 4) * dayMs : 0;
  // Clocks that are put forward or back move no boundary of an hour or less.
  const wall = (date: Date) =>
    (length < dayMs ? date.getTime() + zoneOffset(zone, start.getTime()) : wallOf(fieldsOf(date, zone))) - shift;
  return Math.floor(wall(end) / length) - Math.floor(wall(start) / length);
}

/** Bins are counted from here. */
const reference = { year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };

/** The start of the bin of units in which a date lies. */
export function dateTrunc(
  date: Date,
  unit: string,
  { size, zone, startOfWeek }: { size: number; zone: string | undefined; startOfWeek: string | undefined },
): Date {
  if (!Number.isInteger(size) || size <= 0) throw new Error("binSize must be greater than 0");
  const fields = fieldsOf(date, zone);
  const inMonths = calendar[unit];
  if (inMonths !== undefined) {
    const month = (fields.year - reference.year) * 12 + fields.month - 1;
    const start = Math.floor(month / (inMonths * size)) * inMonths * size;
    return momentOf({ ...reference, month: 1 + start }, zone);
  }
  const length = fixed[unit];
  if (length === undefined) throw unknown(unit);
  if (length < dayMs) {
    const origin = momentOf(reference, zone).getTime();
    return new Date(origin + Math.floor((date.getTime() - origin) / (length * size)) * length * size);
  }
  const first = unit === "week" ? (weekdayOf(startOfWeek) - isoDayOfWeek(reference) + 7) % 7 : 0;
  const origin = wallOf({ ...reference, day: reference.day + first });
  const bins = Math.floor((wallOf(fields) - origin) / (length * size));
  return momentOf({ ...reference, day: reference.day + first + (bins * length * size) / dayMs }, zone);
}
