import assert from "node:assert/strict";

import { icebergShown } from "../../../sandbox/types/aws/iceberg-table.ts";

const metadata = "s3://b/t/metadata/00000.metadata.json";

describe("type tables: what Glue shows of Iceberg tables", () => {
  it("is made of their own metadata, in Hive's words", () => {
    const fields = [
      { id: 1, name: "a", type: '"long"', doc: "A" },
      { id: 2, name: "b", type: '"decimal(10, 2)"' },
      { id: 3, name: "c", type: '"timestamptz"' },
    ];
    const icebergTableInput = { location: "s3://b/t", schema: { fields } };
    const openTableFormatInput = { icebergInput: { metadataOperation: "CREATE", icebergTableInput } };
    assert.deepEqual(icebergShown({ openTableFormatInput }), {
      tableType: "EXTERNAL_TABLE",
      parameters: { table_type: "ICEBERG", metadata_location: metadata },
      storageDescriptor: {
        location: "s3://b/t",
        columns: [
          { name: "a", type: "bigint", comment: "A" },
          { name: "b", type: "decimal(10,2)" },
          { name: "c", type: "timestamp" },
        ],
      },
    });
  });

  it("is what was declared where that is all there is", () => {
    const storageDescriptor = { location: "s3://b/t/", columns: [{ name: "a", type: "int" }] };
    const openTableFormatInput = { icebergInput: { metadataOperation: "CREATE" } };
    assert.deepEqual(icebergShown({ openTableFormatInput, storageDescriptor, parameters: { x: "y" } }), {
      tableType: "EXTERNAL_TABLE",
      parameters: { x: "y", table_type: "ICEBERG", metadata_location: metadata },
      storageDescriptor,
    });
  });

  it("is nothing of its own for other tables", () => assert.deepEqual(icebergShown({ name: "t" }), {}));
});
