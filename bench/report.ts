/** One line of the performance table. */
export interface Row {
  name: string;
  /** What was measured, in the unit. */
  value: number;
  unit: "ratio" | "starts" | "s" | "ms" | "ms per resource" | "holders";
  /** The numbers behind a ratio, for people. */
  detail: string;
  /** At most this much passes; a row without a target only informs. */
  target?: number;
}

export const passes = (row: Row): boolean => row.target === undefined || row.value <= row.target;

/** The table for people: aligned columns, one row per measurement. */
export function table(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    row.name,
    `${format(row)}`,
    row.target === undefined ? "" : `<= ${row.target}`,
    row.target === undefined ? "" : passes(row) ? "pass" : "FAIL",
    row.detail,
  ]);
  const all = [["measurement", "value", "target", "", "detail"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function format({ value, unit }: Row): string {
  if (unit === "starts") return `${value} more`;
  return unit === "ratio" ? `${value.toFixed(2)} x` : `${value.toFixed(2)} ${unit}`;
}
