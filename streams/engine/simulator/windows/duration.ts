import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import { isDoc } from "../values/types.ts";

const units: Readonly<Record<string, number>> = {
  ...{ ms: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 },
};

/** `{size, unit}` in milliseconds. `size` may go by another name; 0 alone may be allowed. @throws PipelineRefused */
export function durationOf(given: unknown, path: JsonPath, { size = "size", zero = false } = {}): number {
  if (zero && given === 0) return 0;
  const count = isDoc(given) ? given[size] : undefined;
  const unit = isDoc(given) ? given["unit"] : undefined;
  if (typeof count !== "number" || !Number.isInteger(count) || count < (zero ? 0 : 1))
    throw new PipelineRefused(`${size} is a whole number from ${zero ? 0 : 1}, not ${JSON.stringify(count)}`, path);
  const length = typeof unit === "string" && Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (length === undefined)
    throw new PipelineRefused(`unit is one of ${Object.keys(units).join(", ")}, not ${JSON.stringify(unit)}`, path);
  return count * length;
}

/** Time as a test writes it: "2m", "1h30m", milliseconds, or `{size, unit}`. Undefined where it is none of these. */
export function spanOf(given: unknown): number | undefined {
  if (typeof given === "number") return Number.isFinite(given) && given >= 0 ? given : undefined;
  if (isDoc(given)) return durationOf(given, []);
  if (typeof given !== "string" || !/^(?:\d+(?:ms|s|m|h|d))+$/.test(given)) return undefined;
  const lengths: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return [...given.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (lengths[unit ?? ""] ?? 0),
    0,
  );
}
