import { z } from "zod";
import { plural } from "../../report/text.ts";
import type { Check } from "../../../config/outputs.ts";
import type { AwsClientConfig, CheckKind, Probe, SimulatedResource } from "../check-kind.ts";
import { openObjects, splitLocation } from "../pipeline/objects.ts";
import type { Column } from "../pipeline/parquet.ts";

type TableCheck = Extract<Check, { kind: "glue-table" }>;

/** What the catalog says of a table. */
export interface CatalogTable {
  location: string;
  columns: Column[];
  partitionKeys: Column[];
  /** Left out for plain files. */
  format?: "iceberg" | undefined;
}

/** Iceberg tables are known by a parameter, in capitals or not. */
const formatOf = (parameters: Readonly<Record<string, string>> = {}) =>
  parameters["table_type"]?.toLowerCase() === "iceberg" ? ("iceberg" as const) : undefined;

type Field = { Name?: string | undefined; Type?: string | undefined };
const column = ({ Name, Type }: Field): Column => ({ name: Name ?? "", type: Type ?? "" });

/** Pure: how a table of the catalog differs from what it must be. Readers know columns by name, partition keys by place. */
export function tableProblems(wanted: CatalogTable, found: CatalogTable): string[] {
  const types = new Map(found.columns.map(({ name, type }) => [name, type]));
  const different = wanted.columns.flatMap(({ name, type }) =>
    types.get(name) === type ? [] : [`column ${name} is ${types.get(name) ?? "missing"}, expected ${type}`],
  );
  const known = new Set(wanted.columns.map(({ name }) => name));
  const surplus = found.columns.filter(({ name }) => !known.has(name));
  const keys = [keyText(wanted.partitionKeys), keyText(found.partitionKeys)];
  return [
    ...different,
    ...surplus.map(({ name, type }) => `column ${name} is ${type}, expected none`),
    ...(keys[0] === keys[1] ? [] : [`partitioned by ${keys[1]}, expected ${keys[0]}`]),
    ...(wanted.format === found.format ? [] : [`holds ${formatText(found)}, expected ${formatText(wanted)}`]),
    ...(found.location.startsWith(wanted.location) ? [] : [`is in ${found.location}, expected ${wanted.location}`]),
  ];
}

const formatText = ({ format }: Pick<CatalogTable, "format">) => (format === "iceberg" ? "Iceberg" : "plain files");

const keyText = (keys: readonly Column[]) => keys.map(({ name, type }) => `${name} ${type}`).join(", ") || "nothing";

const wantedPartitions = 5;
/** Glue answers with at most this many at once. */
const atMostPartitions = 1000;

/** So many of a list, from its beginning to its end. */
export function spread<T>(items: readonly T[], count = wantedPartitions): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, at) => items[Math.round((at * (items.length - 1)) / (count - 1))] as T);
}

/** Asks the catalog, then the locations of some partitions; undefined where there is no such table. */
async function look(check: TableCheck, config: AwsClientConfig, signal: AbortSignal) {
  const { GlueClient, GetTableCommand, GetPartitionsCommand } = await import("@aws-sdk/client-glue");
  const client = new GlueClient(config);
  const options = { abortSignal: signal };
  try {
    const { Table } = await client.send(
      new GetTableCommand({ DatabaseName: check.database, Name: check.table }),
      options,
    );
    const { Location = "", Columns = [] } = Table?.StorageDescriptor ?? {};
    const found: CatalogTable = {
      location: Location,
      columns: Columns.map(column),
      partitionKeys: (Table?.PartitionKeys ?? []).map(column),
      format: formatOf(Table?.Parameters),
    };
    // An Iceberg table keeps its partitions to itself.
    if (found.format === "iceberg") return { found, empty: [], partitions: 0 };
    const named = { DatabaseName: check.database, TableName: check.table };
    const { Partitions = [] } = await client.send(
      new GetPartitionsCommand({ ...named, MaxResults: atMostPartitions }),
      options,
    );
    const places = spread(Partitions).flatMap(({ StorageDescriptor }) => StorageDescriptor?.Location ?? []);
    return { found, empty: await emptyPlaces(places, config, signal), partitions: Partitions.length };
  } finally {
    client.destroy();
  }
}

async function emptyPlaces(places: readonly string[], config: AwsClientConfig, signal: AbortSignal): Promise<string[]> {
  if (places.length === 0) return [];
  const objects = await openObjects(config, signal);
  try {
    const counts = await Promise.all(
      places.map(async (place) => {
        const { bucket, key } = splitLocation(place.endsWith("/") ? place : `${place}/`);
        return (await objects.list(bucket, key, 1)).length;
      }),
    );
    return places.filter((_, at) => counts[at] === 0);
  } finally {
    objects.close();
  }
}

/** Pure: what was seen of a table, and of the places of some of its partitions. */
export function judgeTable(
  check: TableCheck,
  { found, empty, partitions }: { found: CatalogTable; empty: readonly string[]; partitions: number },
): Probe {
  const problems = [
    ...tableProblems(check, found),
    ...empty.map((place) => `a partition is registered at ${place}, where there is nothing`),
  ];
  if (problems.length > 0)
    return { state: "failed", detail: `${check.database}.${check.table}: ${problems.join("; ")}` };
  if (found.format === "iceberg")
    return { state: "passed", detail: `${plural(check.columns.length, "column")}, Iceberg` };
  const shown = partitions === atMostPartitions ? "1,000 or more partitions" : plural(partitions, "partition");
  return { state: "passed", detail: `${plural(check.columns.length, "column")}, ${shown}` };
}

const fields = z.array(z.object({ name: z.string(), type: z.string() })).optional();
const simulatedTable = z.object({
  name: z.string(),
  databaseName: z.string(),
  partitionKeys: fields,
  parameters: z.record(z.string(), z.string()).optional(),
  storageDescriptor: z.object({ location: z.string(), columns: fields }),
});

/** Pure: the same comparison with what the simulated cloud remembers. */
export function judgeSimulatedTable(check: TableCheck, resources: readonly SimulatedResource[]): Probe {
  const tables = resources.flatMap((resource) => simulatedTable.safeParse(resource).data ?? []);
  const one = tables.find(({ name, databaseName }) => name === check.table && databaseName === check.database);
  if (one === undefined) return noTable(check);
  const { location, columns = [] } = one.storageDescriptor;
  const { partitionKeys = [], parameters } = one;
  const problems = tableProblems(check, { location, columns, partitionKeys, format: formatOf(parameters) });
  if (problems.length > 0)
    return { state: "failed", detail: `${check.database}.${check.table}: ${problems.join("; ")}` };
  return {
    state: "passed",
    simulated: true,
    detail: `simulated: the table stands, with ${plural(check.columns.length, "column")}`,
  };
}

const noTable = (check: TableCheck): Probe => ({
  state: "failed",
  detail: `no such table: ${check.database}.${check.table}`,
});

/** A table of the Glue catalog has the columns, the partition keys and the place that the program declares. */
export const glueTable: CheckKind<"glue-table"> = {
  kind: "glue-table",
  async probe(check, { targets, signal }) {
    const target = await targets.aws(check.region);
    if (target.simulated) return judgeSimulatedTable(check, target.resources("aws:glue/catalogTable:CatalogTable"));
    try {
      return judgeTable(check, await look(check, target.config, signal));
    } catch (error) {
      const { name, message } = error as Error;
      if (name === "EntityNotFoundException") return noTable(check);
      return {
        state: name === "AccessDeniedException" ? "failed" : "pending",
        detail: `Glue in ${check.region}: ${message}`,
      };
    }
  },
};
