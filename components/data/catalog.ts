import type * as aws from "@pulumi/aws";
import { type DatasetDefinition, dataColumns, partitionKey } from "./dataset.ts";
import type { TableFormat } from "./functions.ts";
import { icebergLocation } from "./iceberg.ts";
import { type DatabaseRole, lakeBucket, lakeDatabase } from "./lake-scope.ts";
import type { DataScope } from "./state-machine/names.ts";

/** What each database is for. */
export const databaseDescriptions: Readonly<Record<DatabaseRole, string>> = {
  live: "Published tables of the lakehouse",
  staging: "What the tables would become, while the quality rules are evaluated",
  verification: "Tables of verification runs, apart from the published ones",
};

/**
 * Location of a published table. Partitions of Parquet say themselves where they are, each in the folder of the run that wrote
 * it; an Iceberg table keeps all of its files here.
 */
export function tableLocation(scope: DataScope, dataset: string, tableFormat: TableFormat): string {
  if (tableFormat === "iceberg") return icebergLocation(scope, dataset);
  return `s3://${lakeBucket(scope, "processed")}/${dataset}/`;
}

const hadoop = "org.apache.hadoop.hive.ql.io.parquet";

type TableArgs = Omit<aws.glue.CatalogTableArgs, "databaseName">;

function parquetTable(location: string, dataset: DatasetDefinition): TableArgs {
  return {
    name: dataset.name,
    description: dataset.description,
    tableType: "EXTERNAL_TABLE",
    parameters: { classification: "parquet", "parquet.compression": "SNAPPY", EXTERNAL: "TRUE" },
    partitionKeys: [partitionKey(dataset)],
    storageDescriptor: {
      location,
      columns: dataColumns(dataset),
      inputFormat: `${hadoop}.MapredParquetInputFormat`,
      outputFormat: `${hadoop}.MapredParquetOutputFormat`,
      serDeInfo: {
        serializationLibrary: `${hadoop}.serde.ParquetHiveSerDe`,
        parameters: { "serialization.format": "1" },
      },
    },
  };
}

/** Iceberg's own words for types, as JSON. Points in time are UTC. */
function icebergType(type: string): string {
  const words: Record<string, string> = { bigint: "long", timestamp: "timestamptz" };
  return JSON.stringify(words[type] ?? type.replace(",", ", "));
}

/**
 * Fields are told by their number, never by their name; the numbers follow the order of the definition. The provider hands on
 * nothing but the name besides: Glue takes all the rest from the table's own metadata.
 */
function icebergTable(location: string, dataset: DatasetDefinition): TableArgs {
  const partition = partitionKey(dataset);
  const columns = [...dataColumns(dataset), partition];
  const required = new Set(dataset.columns.filter((column) => column.required).map(({ name }) => name));
  return {
    name: dataset.name,
    openTableFormatInput: {
      icebergInput: {
        metadataOperation: "CREATE",
        version: "2",
        icebergTableInput: {
          location,
          // Each commit writes the metadata anew; those that no snapshot needs any more go.
          properties: { comment: dataset.description, "write.metadata.delete-after-commit.enabled": "true" },
          schema: {
            schemaId: 0,
            type: "struct",
            fields: columns.map(({ name, type, comment }, index) => ({
              id: index + 1,
              name,
              type: icebergType(type),
              required: required.has(name),
              doc: comment,
            })),
          },
          partitionSpec: {
            specId: 0,
            fields: [{ name: partition.name, sourceId: columns.length, transform: "identity", fieldId: 1000 }],
          },
        },
      },
    },
  };
}

/** Arguments of the published table of one dataset. */
export function tableArgs(scope: DataScope, dataset: DatasetDefinition, tableFormat: TableFormat): TableArgs {
  const location = tableLocation(scope, dataset.name, tableFormat);
  return tableFormat === "iceberg" ? icebergTable(location, dataset) : parquetTable(location, dataset);
}

/** What each commit to an Iceberg table changes in the catalog, so that a deployment does not take it back. */
export function ownedByCommits(tableFormat: TableFormat): string[] {
  return tableFormat === "iceberg" ? ["description", "parameters", "storageDescriptor", "tableType"] : [];
}

/** What the driver must find in the catalog. */
export interface TableCheck {
  kind: "glue-table";
  name: string;
  region: string;
  database: string;
  table: string;
  location: string;
  columns: { name: string; type: string }[];
  partitionKeys: { name: string; type: string }[];
  /** Only where the catalog says it. */
  format?: "iceberg";
}

const nameAndType = ({ name, type }: { name: string; type: string }) => ({ name, type });

/** The check of one published table. Iceberg keeps its partitions to itself, so there the column is one of the columns. */
export function tableCheck(scope: DataScope, dataset: DatasetDefinition, tableFormat: TableFormat): TableCheck {
  const columns = dataColumns(dataset).map(nameAndType);
  const partition = nameAndType(partitionKey(dataset));
  const iceberg = tableFormat === "iceberg";
  return {
    kind: "glue-table",
    name: `table-${dataset.name.replaceAll("_", "-")}`,
    region: scope.region,
    database: lakeDatabase(scope, "live"),
    table: dataset.name,
    location: tableLocation(scope, dataset.name, tableFormat),
    columns: iceberg ? [...columns, partition] : columns,
    partitionKeys: iceberg ? [] : [partition],
    ...(iceberg && { format: "iceberg" }),
  };
}
