import { lakeBucket } from "./lake-scope.ts";
import type { DataScope } from "./state-machine/names.ts";

/**
 * Folder of the processed bucket with everything that Iceberg keeps of the published tables. It is apart from the folders that
 * runs write to: whoever clears away files that a table does not know must not meet those.
 */
export const icebergFolder = "iceberg";

/** Where the job notes which snapshot all tables are in line with. The library knows the same name. */
export const icebergMark = "_state/iceberg.json";

/**
 * Location of a table. Without a slash at its end: Iceberg takes it off and Glue shows what Iceberg says, so only this is the
 * beginning of both.
 */
export function icebergLocation(scope: DataScope, dataset: string): string {
  return `s3://${lakeBucket(scope, "processed")}/${icebergFolder}/${dataset}`;
}

/** Settings that make the Glue catalog one of Spark's under the name that the library uses. Glue takes them as one argument. */
export function icebergCatalog(scope: DataScope): string {
  const catalog = "spark.sql.catalog.glue_catalog";
  return [
    "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    `${catalog}=org.apache.iceberg.spark.SparkCatalog`,
    `${catalog}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog`,
    `${catalog}.io-impl=org.apache.iceberg.aws.s3.S3FileIO`,
    `${catalog}.warehouse=s3://${lakeBucket(scope, "processed")}/${icebergFolder}`,
  ].join(" --conf ");
}
