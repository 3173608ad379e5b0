import { datasetsFolder, type DatasetDefinition } from "../../config/datasets.ts";

type Column = DatasetDefinition["columns"][number];

/** Delivered datasets first, what is made from them after them, each by name. */
const inOrder = (datasets: readonly DatasetDefinition[]): DatasetDefinition[] =>
  [...datasets].sort((a, b) => order(a).localeCompare(order(b), "en"));
const order = ({ source, name }: DatasetDefinition) => `${source === "csv" ? 0 : 1} ${name}`;

/** Pure: the data catalog as Markdown, formatted as the repository's formatter wants it. The same datasets give the same text. */
export function dataCatalog(datasets: readonly DatasetDefinition[]): string {
  const tables = inOrder(datasets);
  const overview = tables.map((dataset) => [
    `[${dataset.name}](#${dataset.name})`,
    dataset.description,
    origin(dataset),
    codeList(dataset.key),
    code(dataset.partition.column),
  ]);
  const parts = [
    "# Data catalog",
    `Made by \`./slipway docs catalog\` from \`${datasetsFolder}\`; changes belong there. \`./slipway docs catalog --check\` tells whether this page is current.`,
    "Every environment has these tables in the Glue database that its stack output `data.databases.live` names, and their files in the bucket of its output `ProcessedBucket`. A row that breaks a rule of its columns goes to the quarantine with the reason and its line; a table that breaks a quality rule is not published.",
    ...markdownTable(["Table", "What it holds", "From", "Key", "Partitioned by"], overview),
    ...tables.flatMap(section),
  ];
  return `${parts.join("\n\n")}\n`;
}

function section(dataset: DatasetDefinition): string[] {
  const { name, description, partition, version, ruleset } = dataset;
  const newest = version === undefined ? [] : [`- Newest row of a key: by ${code(version)}`];
  const derived = derivation(partition);
  const facts = [
    `- From: ${origin(dataset)}`,
    `- Key: ${codeList(dataset.key)}`,
    ...newest,
    `- Partitioned by: ${code(partition.column)}${derived === undefined ? "" : `, ${derived}`}`,
    `- Files: ${code(`s3://<ProcessedBucket>/${name}/run=<run>/${partition.column}=<value>/part-*.parquet`)}`,
  ];
  const columns = dataset.columns.map((column) => [
    code(column.name),
    code(column.type),
    column.required ? "yes" : "no",
    columnRules(column),
    column.description,
  ]);
  if (derived !== undefined)
    columns.push([code(partition.column), code("date"), "yes", "", `${derived[0]?.toUpperCase()}${derived.slice(1)}.`]);
  return [
    `## ${name}`,
    description,
    facts.join("\n"),
    ...markdownTable(["Column", "Type", "Required", "Rules", "Meaning"], columns),
    `Quality rules, as \`${name}.dqdl\` has them:`,
    `\`\`\`dqdl\n${ruleset.trim()}\n\`\`\``,
  ];
}

/** What a partition column holds that no delivery has. */
function derivation({ transform, from }: DatasetDefinition["partition"]): string | undefined {
  if (transform === "identity") return undefined;
  return `the ${transform === "month" ? "first day of the month" : "day"} (UTC) of ${code(from)}`;
}

const origin = ({ source }: DatasetDefinition): string => (source === "csv" ? "deliveries (CSV)" : "other tables");

/** The rules of a column in words. */
export function columnRules({ minimum, maximum, allowed, pattern }: Column): string {
  const said = [
    ...(minimum !== undefined && maximum !== undefined ? [`from ${minimum} to ${maximum}`] : []),
    ...(minimum !== undefined && maximum === undefined ? [`at least ${minimum}`] : []),
    ...(minimum === undefined && maximum !== undefined ? [`at most ${maximum}`] : []),
    ...(allowed === undefined ? [] : [`one of ${codeList(allowed)}`]),
    ...(pattern === undefined ? [] : [`matches ${code(pattern)}`]),
  ];
  return said.join("; ");
}

const code = (text: string): string => `\`${text}\``;
const codeList = (texts: readonly string[]): string => texts.map(code).join(", ");

/** A pipe would end its cell, even between backticks. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

/** One block with columns of equal width; no block without rows. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const all = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0), 3));
  const line = (row: readonly string[]) => `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [first = [], ...others] = all;
  return [[line(first), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...others.map(line)].join("\n")];
}
