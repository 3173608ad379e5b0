import { problem } from "../shared/validation.ts";

/** A bound of a column: a number, or for decimals its text. */
type Bound = number | string;

export interface ColumnDefinition {
  name: string;
  /** string, int, bigint, boolean, date, timestamp or decimal(p,s). */
  type: string;
  required: boolean;
  description: string;
  minimum?: Bound | undefined;
  maximum?: Bound | undefined;
  allowed?: readonly string[] | undefined;
  pattern?: string | undefined;
}

/** What a table is split by: a column as it is, or the day or month of a point in time as a column of its own. */
export interface PartitionDefinition {
  column: string;
  from: string;
  transform: "date" | "month" | "identity";
}

/** One table of the lake, as the files in `data/src/lakehouse/datasets` describe it. */
export interface DatasetDefinition {
  schema: 1;
  name: string;
  description: string;
  /** Delivered as files, or made from other datasets. */
  source: "csv" | "derived";
  key: readonly string[];
  /** Column by which the newest row of a key is told. */
  version?: string | undefined;
  partition: PartitionDefinition;
  columns: readonly ColumnDefinition[];
  /** Data-quality rules in DQDL, word for word. */
  ruleset: string;
}

/** A column as the catalog names it. */
export interface CatalogColumn {
  name: string;
  type: string;
  comment: string;
}

const plainTypes = ["string", "int", "bigint", "boolean", "date", "timestamp"];
/** What S3 prefixes, SQL and every service's names have in common. */
const namePattern = /^[a-z][a-z0-9_]*$/;
const maxNameLength = 64;
const maxDescriptionLength = 255;

/** Whether columns can be of this type. Decimals have at most 38 digits. */
export function isColumnType(type: string): boolean {
  if (plainTypes.includes(type)) return true;
  const decimal = /^decimal\((\d{1,2}),(\d{1,2})\)$/.exec(type);
  if (decimal === null) return false;
  const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
  return precision >= 1 && precision <= 38 && scale <= precision;
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function nameProblems(at: string, name: string): string[] {
  if (namePattern.test(name) && name.length <= maxNameLength) return [];
  const rule = `at most ${maxNameLength} lower-case letters, digits and underscores, beginning with a letter`;
  return [problem(at, name, rule, "Rename it.")];
}

function columnProblems(at: string, { columns }: DatasetDefinition): string[] {
  const twice = repeated(columns.map(({ name }) => name));
  return [
    ...twice.map((name) => problem(`${at}.columns`, name, "each column once", "Remove the second one.")),
    ...columns.flatMap(({ name, type, description }) => {
      const problems = nameProblems(`${at}.columns`, name);
      if (!isColumnType(type)) {
        const rule = `${plainTypes.join(", ")} or decimal(p,s)`;
        problems.push(problem(`${at}.columns.${name}.type`, type, rule, "Correct it."));
      }
      if (description.length > maxDescriptionLength) {
        const rule = `at most ${maxDescriptionLength} characters, which is what Glue keeps`;
        problems.push(problem(`${at}.columns.${name}.description`, description.length, rule, "Shorten it."));
      }
      return problems;
    }),
  ];
}

function mustBeColumn(at: string, name: string, { columns }: DatasetDefinition): string[] {
  if (columns.some((column) => column.name === name)) return [];
  return [problem(at, name, "the name of a column", "Add the column or correct the name.")];
}

function keyProblems(at: string, dataset: DatasetDefinition): string[] {
  const { key, version, source } = dataset;
  const problems = key.flatMap((name) => mustBeColumn(`${at}.key`, name, dataset));
  if (key.length === 0) problems.push(problem(`${at}.key`, [], "at least one column", "Name what tells rows apart."));
  if (version !== undefined) return [...problems, ...mustBeColumn(`${at}.version`, version, dataset)];
  if (source === "derived") return problems;
  const advice = "Name the column that says which row of a key is newer.";
  return [...problems, problem(`${at}.version`, null, "the name of a column", advice)];
}

function partitionProblems(at: string, dataset: DatasetDefinition): string[] {
  // Definitions come from JSON, so what the type promises may still be missing.
  const partition = dataset.partition as PartitionDefinition | undefined;
  if (partition === undefined) {
    return [problem(`${at}.partition`, null, "a column to split the table by", "Add one: runs replace partitions.")];
  }
  const { column, from, transform } = partition;
  const problems = [
    ...nameProblems(`${at}.partition.column`, column),
    ...mustBeColumn(`${at}.partition.from`, from, dataset),
  ];
  if (transform === "identity" && column !== from) {
    problems.push(
      problem(`${at}.partition.column`, column, `${from}, which it is the same as`, "Correct one of them."),
    );
  }
  if (transform !== "identity" && dataset.columns.some(({ name }) => name === column)) {
    problems.push(problem(`${at}.partition.column`, column, "a name that no column has", "Rename it: it is derived."));
  }
  const origin = dataset.columns.find(({ name }) => name === from)?.type;
  if (transform !== "identity" && origin !== undefined && !["timestamp", "date"].includes(origin)) {
    problems.push(problem(`${at}.partition.from`, from, "a timestamp or a date", "Take another column."));
  }
  return problems;
}

/** Problems of the datasets, one line each. */
export function validateDatasets(datasets: readonly DatasetDefinition[]): string[] {
  const twice = repeated(datasets.map(({ name }) => name));
  return [
    ...(datasets.length === 0 ? [problem("datasets", [], "at least one dataset", "Describe one.")] : []),
    ...twice.map((name) => problem("datasets", name, "each dataset once", "Rename one of the two.")),
    ...datasets.flatMap((dataset) => {
      const at = `datasets.${dataset.name}`;
      const empty = dataset.ruleset.trim() === "";
      return [
        ...nameProblems("datasets", dataset.name),
        ...columnProblems(at, dataset),
        ...keyProblems(at, dataset),
        ...partitionProblems(at, dataset),
        ...(empty ? [problem(`${at}.ruleset`, "", "rules in DQDL", "Nothing would ever fail the quality gate.")] : []),
      ];
    }),
  ];
}

const catalogued = ({ name, type, description }: ColumnDefinition): CatalogColumn => ({
  name,
  type,
  comment: description,
});

/** Columns that the data files hold. A column that names the folders is not in them. */
export function dataColumns({ columns, partition }: DatasetDefinition): CatalogColumn[] {
  return columns.filter(({ name }) => name !== partition.column).map(catalogued);
}

/** The column that names the folders. */
export function partitionKey({ columns, partition }: DatasetDefinition): CatalogColumn {
  const column = columns.find(({ name }) => name === partition.column);
  if (column !== undefined) return catalogued(column);
  const what = partition.transform === "month" ? "First day of the month" : "Day";
  return { name: partition.column, type: "date", comment: `${what} (UTC) of ${partition.from}.` };
}
