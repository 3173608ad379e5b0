import type { Findings, TableFacts } from "./compare.ts";
import { TableChecksum } from "./checksum.ts";
import {
  parseDocument,
  pointerSchema,
  quarantinedRowSchema,
  reportSchema,
  snapshotSchema,
  type Expected,
  type RunReport,
  type Snapshot,
} from "./documents.ts";
import { forEachOf, splitLocation, type Objects } from "./objects.ts";
import { openParquet, type Column } from "./parquet.ts";

/** Where a run of the pipeline left its results. */
export interface RunPlace {
  runId: string;
  /** Folder of the run in each bucket, with its closing slash. */
  root: string;
  processedBucket: string;
  quarantineBucket: string;
}

/** Small files: what they cost is the way to each. */
const filesAtATime = 8;

export async function readReport(objects: Objects, { processedBucket, root, runId }: RunPlace): Promise<RunReport> {
  const key = `${root}_runs/${runId}/report.json`;
  return parseDocument(reportSchema, await objects.get(processedBucket, key), `s3://${processedBucket}/${key}`);
}

/** Everything that a run left, read from the files themselves. @throws Error that names the document or file that is wrong. */
export async function readFindings(objects: Objects, place: RunPlace, expected: Expected): Promise<Findings> {
  const snapshot = await readSnapshot(objects, place);
  const keys = await objects.list(place.processedBucket, place.root);
  const tables: Findings["tables"] = {};
  for (const [name, { partitions }] of Object.entries(snapshot.datasets))
    tables[name] = await readTable(objects, keys, partitions, expected.datasets[name]?.columns ?? []);
  return { tables, quarantined: await readQuarantine(objects, place) };
}

async function readSnapshot(objects: Objects, { processedBucket, root, runId }: RunPlace): Promise<Snapshot> {
  const read = async <T>(schema: Parameters<typeof parseDocument<T>>[0], key: string) =>
    parseDocument(schema, await objects.get(processedBucket, key), `s3://${processedBucket}/${key}`);
  const pointer = await read(pointerSchema, `${root}_state/current.json`);
  const snapshot = await read(snapshotSchema, `${root}${pointer.snapshot}`);
  if (snapshot.runId === runId) return snapshot;
  throw new Error(`${root}${pointer.snapshot} was published by ${snapshot.runId}, expected ${runId}`);
}

type Partitions = Snapshot["datasets"][string]["partitions"];

/** One table, file by file: no more than a row group of so many files is held at any time. */
async function readTable(
  objects: Objects,
  keys: readonly string[],
  partitions: Partitions,
  wanted: readonly Column[],
): Promise<TableFacts> {
  const checksum = new TableChecksum();
  const columns = new Map<string, string>();
  const files = Object.entries(partitions).flatMap(([value, { location }]) => {
    const { bucket, key } = splitLocation(location);
    const folder = key.endsWith("/") ? key : `${key}/`;
    const inside = keys.filter((one) => one.startsWith(folder) && one.endsWith(".parquet"));
    return inside.map((one) => ({ bucket, key: one, partition: partitionOf(folder, value) }));
  });
  await forEachOf(files, filesAtATime, async ({ bucket, key, partition }) => {
    const where = `s3://${bucket}/${key}`;
    const body = await objects.get(bucket, key);
    if (body === undefined) throw new Error(`${where} is not there`);
    const found = await addFile(body, partition, wanted, checksum).catch((error: unknown) => {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    });
    for (const { name, type } of found) columns.set(name, eitherType(columns.get(name), type));
  });
  return {
    rows: checksum.rows,
    partitions: Object.keys(partitions).length,
    columns: [...columns].map(([name, type]) => ({ name, type })),
    checksum: checksum.hex,
  };
}

/** Files of one table that disagree on a column show both types. */
const eitherType = (known: string | undefined, type: string): string =>
  known === undefined || known.split(" or ").includes(type) ? (known ?? type) : `${known} or ${type}`;

interface Partition {
  column: string;
  value: string;
}

/** The column's name is in the folder's; its value is taken from the snapshot, which does not escape it. */
function partitionOf(folder: string, value: string): Partition {
  const column = /([^/=]+)=[^/]*\/$/u.exec(folder)?.[1];
  if (column === undefined) throw new Error(`${folder} is no folder of a partition: expected <column>=<value>`);
  return { column, value };
}

/** Adds the rows of a file in the order of the wanted columns; answers the columns that the table has by this file. */
async function addFile(
  body: Uint8Array,
  partition: Partition,
  wanted: readonly Column[],
  checksum: TableChecksum,
): Promise<Column[]> {
  const table = await openParquet(body);
  const type = wanted.find(({ name }) => name === partition.column)?.type ?? "string";
  const stored = table.columns.map(({ name }) => name);
  const positions = wanted.map(({ name }) => stored.indexOf(name));
  for await (const rows of table.batches())
    for (const row of rows)
      checksum.add(
        positions.map((at, index) => {
          if (at >= 0) return row[at] ?? null;
          return wanted[index]?.name === partition.column ? partition.value : null;
        }),
      );
  if (stored.includes(partition.column)) return table.columns;
  return [...table.columns, { name: partition.column, type }];
}

/** Counts the lines of the quarantine by dataset and reason. */
async function readQuarantine(objects: Objects, place: RunPlace): Promise<Findings["quarantined"]> {
  const { quarantineBucket: bucket, root } = place;
  const found: Findings["quarantined"] = {};
  await forEachOf(await objects.list(bucket, `${root}rows/`), filesAtATime, async (key) => {
    const lines = Buffer.from((await objects.get(bucket, key)) ?? "")
      .toString("utf8")
      .split("\n");
    for (const [at, line] of lines.entries()) {
      if (line === "") continue;
      const where = `s3://${bucket}/${key}, line ${at + 1}`;
      const { dataset, reason } = parseDocument(quarantinedRowSchema, Buffer.from(line), where);
      const reasons = (found[dataset] ??= {});
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
  });
  return found;
}
