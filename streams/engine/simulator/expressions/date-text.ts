import { CannotSimulate } from "../errors.ts";
import {
  type DateFields,
  dayOfYear,
  fieldsOf,
  isoDayOfWeek,
  isoWeek,
  momentOf,
  weekOfYear,
  zoneOffset,
} from "./zones.ts";

const months = "January February March April May June July August September October November December".split(" ");

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const failed = (text: string, why: string) => new Error(`Error parsing date string '${text}'; ${why}`);

/**
 * Reads a date as ISO 8601 has it. Atlas reads many other forms as well, by rules that are not documented: what has a digit in it and is none
 * of ISO 8601 is not guessed.
 */
export function parseDate(text: string, zone?: string): Date {
  const match = iso.exec(text.trim());
  if (match === null) {
    if (/\d/.test(text) || /^\s*(?:now|today|yesterday|tomorrow|noon|midnight)\s*$/i.test(text))
      throw new CannotSimulate(`reading the date ${JSON.stringify(text)} without a format`);
    throw failed(text, "an incomplete date/time string has been found");
  }
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", offset] = match;
  if (offset !== undefined && zone !== undefined)
    throw failed(
      text,
      "you cannot pass in a date/time string with time zone information together with a timezone argument",
    );
  const fields = checked(text, {
    ...{ year: Number(year), month: Number(month), day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
    millisecond: Number(fraction.padEnd(3, "0").slice(0, 3)),
  });
  return momentOf(fields, offset?.toUpperCase() ?? zone);
}

function checked(text: string, fields: DateFields): DateFields {
  const { month, day, hour, minute, second } = fields;
  const days = month >= 1 && month <= 12 ? new Date(Date.UTC(fields.year, month, 0)).getUTCDate() : 0;
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59)
    throw failed(text, "the parsed date was invalid");
  return fields;
}

/** What a part of a format reads: its pattern, and the field that it fills. */
const readers: Readonly<Record<string, readonly [pattern: string, field: string]>> = {
  Y: ["(\\d{4})", "year"],
  m: ["(\\d{1,2})", "month"],
  d: ["(\\d{1,2})", "day"],
  H: ["(\\d{1,2})", "hour"],
  M: ["(\\d{1,2})", "minute"],
  S: ["(\\d{1,2})", "second"],
  L: ["(\\d{1,3})", "millisecond"],
  b: ["([A-Za-z]{3})", "name"],
  B: ["([A-Za-z]{3,9})", "name"],
  z: ["([+-]\\d{2}:?\\d{2}|Z)", "offset"],
  Z: ["([+-]\\d{1,4})", "minutes"],
};

/** Reads a date by a format such as `%d/%m/%Y %H:%M`. */
export function parseDateAs(text: string, format: string, zone?: string): Date {
  const fields: string[] = [];
  const pattern = format.replaceAll(/%(.)|[.*+?^${}()|[\]\\/]/g, (whole, letter: string | undefined) => {
    if (letter === undefined) return `\\${whole}`;
    if (letter === "%") return "%";
    const reader = readers[letter];
    if (reader === undefined) throw new CannotSimulate(`reading a date by the format %${letter}`);
    fields.push(reader[1]);
    return reader[0];
  });
  const match = new RegExp(`^${pattern}$`).exec(text);
  if (match === null) throw failed(text, `it does not match the format "${format}"`);
  const found = Object.fromEntries(fields.map((field, index) => [field, match[index + 1] ?? ""]));
  return momentOf(fieldsFrom(text, found), zoneFrom(text, found, zone));
}

function fieldsFrom(text: string, found: Readonly<Record<string, string | undefined>>): DateFields {
  const { year, month, day, name, hour = "0", minute = "0", second = "0", millisecond = "0" } = found;
  const named =
    name === undefined ? undefined : months.findIndex((each) => each.toLowerCase().startsWith(name.toLowerCase()));
  if (year === undefined || (month ?? name) === undefined || day === undefined)
    throw failed(text, "an incomplete date/time string has been found");
  return checked(text, {
    ...{ year: Number(year), month: named === undefined ? Number(month) : named + 1, day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second), millisecond: Number(millisecond) },
  });
}

function zoneFrom(
  text: string,
  { offset, minutes }: Readonly<Record<string, string | undefined>>,
  zone: string | undefined,
): string | undefined {
  if (offset === undefined && minutes === undefined) return zone;
  if (zone !== undefined) throw failed(text, "it has a time zone of its own beside the timezone argument");
  if (offset !== undefined) return offset;
  const total = Math.abs(Number(minutes));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${Number(minutes) < 0 ? "-" : "+"}${two(Math.floor(total / 60))}:${two(total % 60)}`;
}

/** Writes a date by a format; without one as ISO 8601. */
export function formatDate(date: Date, format: string | undefined, zone: string | undefined): string {
  const fields = fieldsOf(date, zone);
  const offset = zoneOffset(zone, date.getTime()) / 60_000;
  const chosen = format ?? (zone === undefined || zone === "UTC" ? "%Y-%m-%dT%H:%M:%S.%LZ" : "%Y-%m-%dT%H:%M:%S.%L");
  return chosen.replaceAll(/%(.)/g, (_, letter: string) => {
    const write = Object.hasOwn(writers, letter) ? writers[letter] : undefined;
    if (write === undefined) throw new Error(`Invalid format character '%${letter}' in format string`);
    return write(fields, offset);
  });
}

const padded = (value: number, length: number) => String(value).padStart(length, "0");

const writers: Readonly<Record<string, (fields: DateFields, offset: number) => string>> = {
  Y: ({ year }) => padded(year, 4),
  m: ({ month }) => padded(month, 2),
  d: ({ day }) => padded(day, 2),
  H: ({ hour }) => padded(hour, 2),
  M: ({ minute }) => padded(minute, 2),
  S: ({ second }) => padded(second, 2),
  L: ({ millisecond }) => padded(millisecond, 3),
  j: (fields) => padded(dayOfYear(fields), 3),
  u: (fields) => String(isoDayOfWeek(fields)),
  w: (fields) => String((isoDayOfWeek(fields) % 7) + 1),
  U: (fields) => padded(weekOfYear(fields), 2),
  V: (fields) => padded(isoWeek(fields).week, 2),
  G: (fields) => padded(isoWeek(fields).year, 4),
  b: ({ month }) => (months[month - 1] ?? "").slice(0, 3),
  B: ({ month }) => months[month - 1] ?? "",
  z: (_, offset) =>
    `${offset < 0 ? "-" : "+"}${padded(Math.floor(Math.abs(offset) / 60), 2)}${padded(Math.abs(offset) % 60, 2)}`,
  Z: (_, offset) => String(offset),
  "%": () => "%",
};
