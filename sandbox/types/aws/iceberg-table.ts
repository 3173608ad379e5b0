import { block, list, text } from "../build.ts";
import type { Properties } from "../type-spec.ts";

/** Iceberg's words for types that Hive has others for. */
const words: Readonly<Record<string, string>> = { long: "bigint", timestamptz: "timestamp" };

/** A field's type, which is JSON, as Glue shows it in the columns. */
function shownType(type: unknown): string {
  const word = String(JSON.parse(text(type) ?? '""'));
  return words[word] ?? word.replaceAll(", ", ",");
}

/** What Glue says of an Iceberg table that it made: columns and place out of the table's own metadata. */
export function icebergShown(inputs: Properties): Properties {
  const iceberg = block(block(inputs["openTableFormatInput"])["icebergInput"]);
  if (iceberg["metadataOperation"] !== "CREATE") return {};
  const made = block(iceberg["icebergTableInput"]);
  const declared = block(inputs["storageDescriptor"]);
  const location = text(made["location"]) ?? text(declared["location"]) ?? "";
  const fields = list(block(made["schema"])["fields"]).map(block);
  const columns = fields.map(({ name, type, doc }) => ({
    name,
    type: shownType(type),
    ...(doc ? { comment: doc } : {}),
  }));
  return {
    tableType: "EXTERNAL_TABLE",
    parameters: {
      ...block(inputs["parameters"]),
      table_type: "ICEBERG",
      metadata_location: `${location.replace(/\/$/, "")}/metadata/00000.metadata.json`,
    },
    storageDescriptor: fields.length > 0 ? { ...declared, location, columns } : declared,
  };
}
