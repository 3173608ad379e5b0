/** Left-aligned columns two spaces apart; widths ignore colour codes. The last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell)),
      )
      .join("  ")
      .trimEnd(),
  );
}

// eslint-disable-next-line no-control-regex -- the escape character is what a colour code starts with
const colorCode = /\u001b\[[0-9;]*m/g;

const width = (cell: string) => cell.replace(colorCode, "").length;
