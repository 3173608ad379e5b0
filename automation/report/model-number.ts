/** A measured number as people read it: five digits that count, thousands apart. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = value === 0 ? 0 : Math.max(0, Math.min(6, 4 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** As `number`, always with its sign. */
export const difference = (value: number): string => `${value > 0 ? "+" : ""}${number(value)}`;
