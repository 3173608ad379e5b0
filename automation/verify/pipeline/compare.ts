import type { Expected, RunReport } from "./documents.ts";
import type { Column } from "./parquet.ts";

/** A table as its files say. */
export interface TableFacts {
  rows: number;
  partitions: number;
  columns: Column[];
  checksum: string;
}

/** What was read back, whatever the report says. */
export interface Findings {
  tables: Record<string, TableFacts>;
  /** Rows by dataset and reason. */
  quarantined: Record<string, Record<string, number>>;
}

type ExpectedDataset = Expected["datasets"][string];

/**
 * Pure: every way in which a run differs from what its sample must become, each with the dataset, the field, what was expected and
 * what was found. The report and the files are held against the same expectation, so that neither can vouch for the other.
 */
export function differences(expected: Expected, report: RunReport, findings: Findings): string[] {
  if (report.outcome !== "published") return [`report: outcome: expected published, got ${report.outcome}`];
  const rejected = report.files.rejected.map(({ key, reason }) => `report: file ${key}: rejected for ${reason}`);
  const unknown = [...Object.keys(report.datasets), ...Object.keys(findings.tables)].filter(
    (name) => expected.datasets[name] === undefined,
  );
  return [
    ...rejected,
    ...[...new Set(unknown)].map((name) => `${name}: expected no such table`),
    ...Object.entries(expected.datasets).flatMap(([name, wanted]) => [
      ...reportDifferences(name, wanted, report.datasets[name]),
      ...tableDifferences(name, wanted, findings.tables[name]),
      ...reasonDifferences(`${name}: quarantined rows`, wanted.quarantined, findings.quarantined[name] ?? {}),
    ]),
  ];
}

const difference = (what: string, expected: number | string, got: number | string | undefined): string[] =>
  expected === got ? [] : [`${what}: expected ${expected}, got ${got ?? "none"}`];

function reportDifferences(name: string, wanted: ExpectedDataset, said: RunReport["datasets"][string] | undefined) {
  if (said === undefined) return [`${name}: expected in the report, got nothing`];
  const fields = ["read", "new", "replaced", "rows", "partitions", "checksum"] as const;
  const counts = fields.flatMap((field) => {
    const value = wanted[field];
    return value === undefined ? [] : difference(`${name}: ${field} in the report`, value, said[field]);
  });
  return [...counts, ...reasonDifferences(`${name}: quarantined in the report`, wanted.quarantined, said.quarantined)];
}

function tableDifferences(name: string, wanted: ExpectedDataset, found: TableFacts | undefined): string[] {
  if (found === undefined) return [`${name}: expected in the snapshot, got nothing`];
  // A table without rows needs no file, and without a file it has no columns to show.
  const columns = found.rows === 0 && wanted.rows === 0 ? [] : columnDifferences(name, wanted.columns, found.columns);
  return [
    ...difference(`${name}: partitions`, wanted.partitions, found.partitions),
    ...difference(`${name}: rows`, wanted.rows, found.rows),
    ...columns,
    // With other columns the checksum is another one; that would say the same thing once more.
    ...(columns.length > 0 ? [] : difference(`${name}: checksum`, wanted.checksum, found.checksum)),
  ];
}

/** Columns are compared by name: readers of Parquet find them by name. */
export function columnDifferences(name: string, wanted: readonly Column[], found: readonly Column[]): string[] {
  const [wantedTypes, foundTypes] = [typesByName(wanted), typesByName(found)];
  const missing = wanted.flatMap((column) =>
    difference(`${name}: column ${column.name}`, column.type, foundTypes.get(column.name)),
  );
  const surplus = found.filter((column) => !wantedTypes.has(column.name));
  return [...missing, ...surplus.map((column) => `${name}: column ${column.name}: expected none, got ${column.type}`)];
}

const typesByName = (columns: readonly Column[]) => new Map(columns.map(({ name, type }) => [name, type]));

function reasonDifferences(what: string, wanted: Record<string, number>, found: Record<string, number>): string[] {
  const reasons = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].sort();
  return reasons.flatMap((reason) => difference(`${what} (${reason})`, wanted[reason] ?? 0, found[reason] ?? 0));
}

/** "1,000 orders in, 941 published, 59 quarantined in 12.3 s; 4 tables match", told of the dataset with the most rows. */
export function summaryOf(expected: Expected, seconds: number): string {
  const datasets = Object.entries(expected.datasets);
  const [biggest] = [...datasets].sort(([, a], [, b]) => (b.read ?? 0) - (a.read ?? 0));
  if (biggest === undefined) return `nothing in, nothing out in ${seconds.toFixed(1)} s`;
  const [name, { read = 0, rows, quarantined: reasons }] = biggest;
  const quarantined = Object.values(reasons).reduce((total, each) => total + each, 0);
  const number = (value: number) => value.toLocaleString("en-US");
  const flow = `${number(read)} ${name} in, ${number(rows)} published, ${number(quarantined)} quarantined`;
  return `${flow} in ${seconds.toFixed(1)} s; ${datasets.length === 1 ? "1 table matches" : `${datasets.length} tables match`}`;
}

/** The first differences, and how many more there are. */
export function told(found: readonly string[], atMost = 5): string {
  const more = found.length - atMost;
  return `${found.slice(0, atMost).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
