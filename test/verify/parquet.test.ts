import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SchemaElement } from "hyparquet";
import { decimalText, signedOf, TableChecksum } from "../../automation/verify/pipeline/checksum.ts";
import { openParquet, typeOf, type Column } from "../../automation/verify/pipeline/parquet.ts";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", name));

describe("a table in Parquet", () => {
  const expected = JSON.parse(fixture("visits.json").toString("utf8")) as {
    rows: number;
    columns: Column[];
    checksum: string;
  };

  for (const file of ["visits.int96.parquet", "visits.timestamp_micros.parquet"])
    it(`is read from ${file} of Spark with the types and the checksum that Python gives it`, async () => {
      const table = await openParquet(fixture(file));
      assert.deepEqual([...table.columns, { name: "day", type: "date" }], expected.columns);
      const checksum = new TableChecksum();
      for await (const rows of table.batches()) for (const row of rows) checksum.add([...row, "2026-01-31"]);
      assert.deepEqual([checksum.rows, checksum.hex], [expected.rows, expected.checksum]);
    });

  it("keeps what a double cannot hold, and cuts times off towards the past", async () => {
    const [rows = []] = await Array.fromAsync((await openParquet(fixture("visits.int96.parquet"))).batches());
    assert.deepEqual(rows[0], [
      "V1 ü €",
      "-2147483648",
      "4611686018427387905",
      "true",
      "1899-12-31",
      "2026-01-31T23:59:59.987Z",
      "-0.05",
      "9999999999999999.99",
      "-1234567890123456789012345678.0123456789",
    ]);
    assert.deepEqual(rows[1], ["", null, null, null, null, "2026-01-31T00:00:00.000Z", null, null, null]);
  });

  it("is refused when its bytes are something else", async () => {
    await assert.rejects(openParquet(Buffer.from("a,b,c\n1,2,3\n")), /parquet/i);
    await assert.rejects(openParquet(fixture("visits.int96.parquet").subarray(0, 900)), /parquet/i);
  });

  const types: [element: Omit<SchemaElement, "name">, type: string][] = [
    [{ type: "BYTE_ARRAY", converted_type: "UTF8" }, "string"],
    [{ type: "BYTE_ARRAY", logical_type: { type: "STRING" } }, "string"],
    [{ type: "BYTE_ARRAY" }, "byte_array"],
    [{ type: "INT32" }, "int"],
    [{ type: "INT32", converted_type: "INT_32" }, "int"],
    [{ type: "INT32", converted_type: "INT_16" }, "int32 int_16"],
    [{ type: "INT32", logical_type: { type: "INTEGER", bitWidth: 32, isSigned: false } }, "int32 integer"],
    [{ type: "INT64" }, "bigint"],
    [{ type: "INT64", logical_type: { type: "INTEGER", bitWidth: 64, isSigned: true } }, "bigint"],
    [{ type: "INT64", converted_type: "TIMESTAMP_MICROS" }, "timestamp"],
    [{ type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } }, "timestamp"],
    [{ type: "INT96" }, "timestamp"],
    [{ type: "INT32", converted_type: "DATE" }, "date"],
    [{ type: "BOOLEAN" }, "boolean"],
    [{ type: "DOUBLE" }, "double"],
    [{ type: "INT32", converted_type: "DECIMAL", precision: 5, scale: 2 }, "decimal(5,2)"],
    [{ type: "INT64", logical_type: { type: "DECIMAL", precision: 18, scale: 0 } }, "decimal(18,0)"],
    [{ num_children: 1, converted_type: "LIST" }, "group list"],
  ];
  for (const [element, type] of types)
    it(`has a column of type ${type} for ${JSON.stringify(element)}`, () =>
      assert.equal(typeOf({ name: "x", ...element }), type));

  const decimals: [unscaled: bigint, scale: number, text: string][] = [
    [1230n, 2, "12.30"],
    [-5n, 2, "-0.05"],
    [0n, 2, "0.00"],
    [7n, 0, "7"],
    [-7n, 0, "-7"],
    [1n, 10, "0.0000000001"],
  ];
  for (const [unscaled, scale, text] of decimals)
    it(`writes ${unscaled} with ${scale} digits after the point as ${text}`, () =>
      assert.equal(decimalText(unscaled, scale), text));

  it("reads whole numbers of any length in two's complement", () => {
    const values: [number[], bigint][] = [
      [[], 0n],
      [[0x7f], 127n],
      [[0xff], -1n],
      [[0x80, 0], -32768n],
      [[1, ...Array<number>(15).fill(0)], 2n ** 120n],
    ];
    for (const [bytes, value] of values) assert.equal(signedOf(Uint8Array.from(bytes)), value);
  });

  it("has a checksum that does not depend on the order of its rows, but on every field", () => {
    const of = (...rows: (string | null)[][]) => {
      const checksum = new TableChecksum();
      for (const row of rows) checksum.add(row);
      return checksum.hex;
    };
    // The first eight bytes of `printf 'a\037\\N' | sha256sum`.
    assert.equal(of(["a", null]), "91d0c9fb5053d456");
    assert.equal(of(["a", null], ["b", "1"]), of(["b", "1"], ["a", null]));
    assert.equal(of(), "0000000000000000");
    const one = of(["a", "b"]);
    for (const other of [
      ["ab", ""],
      ["a", null],
      ["b", "a"],
      ["a", "b", ""],
    ])
      assert.notEqual(of(other), one);
  });
});
