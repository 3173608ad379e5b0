import { type Doc, isDoc } from "../values/types.ts";
import { toDate } from "./conversion.ts";
import { formatDate, parseDate, parseDateAs } from "./date-text.ts";
import { type Operator, type Operators, evaluate, isNil, named } from "./operator.ts";
import { dateAdd, dateDiff, dateTrunc } from "./date-units.ts";
import { type DateFields, dayOfYear, fieldsOf, isoDayOfWeek, isoWeek, momentOf, weekOfYear } from "./zones.ts";

const form = { format: undefined, little: true };
const dateOf = (value: unknown): Date => {
  if (typeof value === "string" || typeof value === "number")
    throw new Error(`can't convert from BSON type ${typeof value} to Date`);
  return toDate(value, form) as Date;
};
const zoneOf = (value: unknown): string | undefined => {
  if (value === undefined || typeof value === "string") return value;
  throw new Error("timezone must evaluate to a string");
};

/** A part of a date; `{date, timezone}` or the date alone. */
const part =
  (read: (fields: DateFields) => number): Operator =>
  (object, argument, scope) => {
    const given = evaluate(object, argument, scope);
    const { date, timezone } = isDoc(given) ? given : { date: given, timezone: undefined };
    if (isNil(date) || timezone === null) return null;
    return read(fieldsOf(dateOf(date), zoneOf(timezone)));
  };

function fromString({ dateString, format, timezone }: Doc): unknown {
  if (isNil(dateString)) return undefined;
  if (typeof dateString !== "string") throw new Error("$dateFromString requires that 'dateString' be a string");
  const zone = zoneOf(timezone ?? undefined);
  return isNil(format) ? parseDate(dateString, zone) : parseDateAs(dateString, format as string, zone);
}

const fromParts = named((given) => {
  const number = (name: string, otherwise: number) => {
    const value = given[name] ?? otherwise;
    if (typeof value !== "number") throw new Error(`'${name}' must evaluate to an integer`);
    return value;
  };
  if (Object.values(given).some((value) => value === null)) return null;
  const zone = zoneOf(given["timezone"]);
  const clock = { hour: number("hour", 0), minute: number("minute", 0), second: number("second", 0) };
  const fields = { month: number("month", 1), day: number("day", 1), ...clock, millisecond: number("millisecond", 0) };
  if (given["isoWeekYear"] === undefined) return momentOf({ year: number("year", 1970), ...fields }, zone);
  const first = { ...fields, year: number("isoWeekYear", 1970), month: 1, day: 4 };
  const monday = 4 - isoDayOfWeek(first) + 1;
  const day = monday + (number("isoWeek", 1) - 1) * 7 + number("isoDayOfWeek", 1) - 1;
  return momentOf({ ...first, day }, zone);
});

const toParts = named((given) => {
  if (isNil(given["date"])) return null;
  const fields = fieldsOf(dateOf(given["date"]), zoneOf(given["timezone"] ?? undefined));
  if (given["iso8601"] !== true) return fields;
  const { year, month: _month, day: _day, ...clock } = fields;
  const { week, year: isoWeekYear } = isoWeek({ ...fields, year });
  return { isoWeekYear, isoWeek: week, isoDayOfWeek: isoDayOfWeek(fields), ...clock };
});

/** An operator that gives null where one of these is. */
const withDates = (names: readonly string[], compute: (given: Doc, zone: string | undefined) => unknown) =>
  named((given) => {
    if (names.some((name) => isNil(given[name])) || given["timezone"] === null) return null;
    return compute(given, zoneOf(given["timezone"]));
  });

const added = (sign: 1 | -1) =>
  withDates(["startDate", "unit", "amount"], ({ startDate, unit, amount }, zone) =>
    dateAdd(dateOf(startDate), unit as string, sign * (amount as number), zone),
  );

export const dates: Operators = {
  $year: part(({ year }) => year),
  $month: part(({ month }) => month),
  $dayOfMonth: part(({ day }) => day),
  $hour: part(({ hour }) => hour),
  $minute: part(({ minute }) => minute),
  $second: part(({ second }) => second),
  $millisecond: part(({ millisecond }) => millisecond),
  $dayOfYear: part(dayOfYear),
  $dayOfWeek: part((fields) => (isoDayOfWeek(fields) % 7) + 1),
  $isoDayOfWeek: part(isoDayOfWeek),
  $week: part(weekOfYear),
  $isoWeek: part((fields) => isoWeek(fields).week),
  $isoWeekYear: part((fields) => isoWeek(fields).year),
  $dateFromParts: fromParts,
  $dateToParts: toParts,
  $dateFromString: (object, argument, scope) => {
    const { onError: _onError, onNull: _onNull, ...rest } = argument as Doc;
    try {
      const given = evaluate(object, rest, scope) as Doc;
      return fromString(given) ?? evaluate(object, (argument as Doc)["onNull"], scope) ?? null;
    } catch (error) {
      if ((error as Error).name === "CannotSimulate" || !Object.hasOwn(argument as Doc, "onError")) throw error;
      return evaluate(object, (argument as Doc)["onError"], scope);
    }
  },
  $dateToString: named(({ date, format, timezone, onNull }) => {
    if (isNil(date)) return onNull ?? null;
    return timezone === null ? null : formatDate(dateOf(date), format as string | undefined, zoneOf(timezone));
  }),
  $dateAdd: added(1),
  $dateSubtract: added(-1),
  $dateDiff: withDates(["startDate", "endDate", "unit"], ({ startDate, endDate, unit, startOfWeek }, zone) =>
    dateDiff(dateOf(startDate), dateOf(endDate), unit as string, zone, startOfWeek as string | undefined),
  ),
  $dateTrunc: withDates(["date", "unit"], ({ date, unit, binSize, startOfWeek }, zone) =>
    dateTrunc(dateOf(date), unit as string, {
      ...{ size: (binSize as number | undefined) ?? 1, zone, startOfWeek: startOfWeek as string | undefined },
    }),
  ),
};
