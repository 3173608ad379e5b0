import { parquetMetadataAsync, parquetRead, type AsyncBuffer, type FileMetaData, type SchemaElement } from "hyparquet";
import { decimalText, signedOf } from "./checksum.ts";

export interface Column {
  name: string;
  /** As a dataset definition writes it: `string`, `int`, `decimal(10,2)` … */
  type: string;
}

export interface ParquetTable {
  columns: Column[];
  /** Rows in batches of one row group, each value as its canonical text, null where there is none. */
  batches(): AsyncGenerator<(string | null)[][]>;
}

/** @throws Error for bytes that are no Parquet file. */
export async function openParquet(bytes: Uint8Array): Promise<ParquetTable> {
  // A view of its own: the file must begin at the first byte of its buffer.
  const file: AsyncBuffer = {
    byteLength: bytes.byteLength,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const metadata = await parquetMetadataAsync(file);
  const elements = metadata.schema.slice(1);
  const columns = elements.map((element) => ({ name: element.name, type: typeOf(element) }));
  return { columns, batches: () => batches(file, metadata, elements) };
}

async function* batches(file: AsyncBuffer, metadata: FileMetaData, elements: readonly SchemaElement[]) {
  const writers = elements.map(writerOf);
  const exact = { ...metadata, schema: metadata.schema.map(withoutDecimal) };
  let rowStart = 0;
  for (const { num_rows: count } of metadata.row_groups) {
    const rowEnd = rowStart + Number(count);
    const read: unknown[][] = [];
    const onComplete = (rows: unknown[][]) => void read.push(...rows);
    await parquetRead({ file, metadata: exact, rowStart, rowEnd, utf8: false, parsers, onComplete });
    yield read.map((row) =>
      writers.map((write, at) => (row[at] === null || row[at] === undefined ? null : write(row[at]))),
    );
    rowStart = rowEnd;
  }
}

/** Dates and times go straight to text; milliseconds are cut off towards the past, as Python does. */
const parsers = {
  timestampFromMilliseconds: (value: bigint) => isoTime(value),
  timestampFromMicroseconds: (value: bigint) => isoTime(floored(value, 1_000n)),
  timestampFromNanoseconds: (value: bigint) => isoTime(floored(value, 1_000_000n)),
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
};

const floored = (value: bigint, unit: bigint): bigint => (value - (((value % unit) + unit) % unit)) / unit;
const isoTime = (milliseconds: bigint): string => new Date(Number(milliseconds)).toISOString();

/** The reader turns decimals into floating-point numbers; without the annotation it leaves the exact integers. */
function withoutDecimal(element: SchemaElement): SchemaElement {
  if (decimalOf(element) === undefined) return element;
  const { converted_type: _converted, logical_type: _logical, ...plain } = element;
  return plain;
}

function writerOf(element: SchemaElement): (value: unknown) => string {
  const decimal = decimalOf(element);
  if (decimal === undefined) return String;
  return (value) => {
    const unscaled = value instanceof Uint8Array ? signedOf(value) : BigInt(value as number | bigint);
    return decimalText(unscaled, decimal.scale);
  };
}

function decimalOf({ converted_type, logical_type, precision, scale }: SchemaElement) {
  if (logical_type?.type === "DECIMAL") return { precision: logical_type.precision, scale: logical_type.scale };
  if (converted_type === "DECIMAL") return { precision: precision ?? 0, scale: scale ?? 0 };
  return undefined;
}

/** Pure: a column's type in the words of dataset definitions; one that they do not have keeps its Parquet name. */
export function typeOf(element: SchemaElement): string {
  const { type, converted_type: converted, logical_type: logical } = element;
  const decimal = decimalOf(element);
  if (decimal !== undefined) return `decimal(${decimal.precision},${decimal.scale})`;
  if (type === "INT96" || logical?.type === "TIMESTAMP" || converted?.startsWith("TIMESTAMP_")) return "timestamp";
  if (logical?.type === "DATE" || converted === "DATE") return "date";
  if (logical?.type === "STRING" || converted === "UTF8") return "string";
  if (type === "BOOLEAN") return "boolean";
  if (type === "INT32" && wholeBits(element) === 32) return "int";
  if (type === "INT64" && wholeBits(element) === 64) return "bigint";
  return [type ?? "group", converted ?? logical?.type ?? ""].join(" ").trim().toLowerCase();
}

/** Bits of a plain signed whole number. */
function wholeBits({ type, converted_type: converted, logical_type: logical }: SchemaElement): number | undefined {
  if (logical?.type === "INTEGER") return logical.isSigned ? logical.bitWidth : undefined;
  if (converted === undefined) return type === "INT32" ? 32 : 64;
  return { INT_32: 32, INT_64: 64 }[converted as string];
}
