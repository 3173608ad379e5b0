import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { canonicalJson, sha256 } from "../../release/canonical.ts";
import { fileDigest } from "../local/folder-store.ts";
import type { ObjectStore } from "../local/object-store.ts";
import { parseS3Uri, s3Uri } from "../local/s3-uri.ts";
import { filesBelow } from "../local/staging.ts";
import { documentText } from "../registry/documents.ts";

/** What a run learns from. */
export interface RunInput {
  /** Value of the pipeline's `InputManifest`. */
  manifest: string;
  /** In words. */
  told: string;
}

const isData = (path: string): boolean => /\.(?:csv|parquet)$/.test(path) && !/^[_.]/.test(basename(path));

/**
 * Takes a data file, or those of a folder, to the bucket. The same data is the same input, whoever gives it.
 * @throws SlipwayError (usage) where there is none.
 */
export async function givenInput(store: ObjectStore, bucket: string, given: string): Promise<RunInput> {
  const path = resolve(given);
  const kind = await stat(path).catch(() => undefined);
  const [folder, names] = kind?.isFile() ? [dirname(path), [basename(path)]] : [path, await filesBelow(path)];
  const files = names.filter(isData);
  if (files.length === 0)
    throw new SlipwayError(ExitCode.usage, "There is no .csv or .parquet file to learn from.", {
      where: path,
      next: "Name a file or a folder of houses: --data FOLDER",
    });
  const digests = await Promise.all(files.map((file) => fileDigest(join(folder, file))));
  const id = `given-${sha256(canonicalJson(files.map((file, at) => [file, digests[at] ?? ""]))).slice(0, 16)}`;
  const prefix = `inputs/${id}/data/`;
  for (const file of files) await store.upload(join(folder, file), { bucket, key: `${prefix}${file}` });
  const manifest = { bucket, key: `inputs/${id}/manifest.json` };
  await store.write(manifest, documentText([{ prefix: s3Uri({ bucket, key: prefix }) }, ...files]));
  return { manifest: s3Uri(manifest), told: `${files.length === 1 ? files[0] : `${files.length} files`} of ${folder}` };
}

const pointerSchema = z.object({ schema: z.literal(1), snapshot: z.string() });
const snapshotSchema = z.object({
  datasets: z.record(
    z.string(),
    z.object({ partitions: z.record(z.string(), z.object({ location: z.string().nullish(), rows: z.int() })) }),
  ),
});

/**
 * What the data pipeline published last of a dataset, as a list of its files; undefined where it never did. The list is written as the
 * training function writes it, so that both learn from one input.
 */
export async function publishedInput(
  store: ObjectStore,
  lake: string,
  dataset: string,
  bucket: string,
): Promise<RunInput | undefined> {
  const pointer = await document(store, lake, "_state/current.json", pointerSchema);
  if (pointer === undefined) return undefined;
  const snapshot = await document(store, lake, pointer.snapshot, snapshotSchema);
  const partitions = Object.values(snapshot?.datasets[dataset]?.partitions ?? {});
  const locations = partitions.flatMap(({ location }) => location ?? []);
  const keys = (await Promise.all(locations.map((location) => dataFiles(store, location)))).flat().sort();
  if (keys.length === 0) return undefined;
  const name = basename(pointer.snapshot, ".json");
  const manifest = { bucket, key: `inputs/${name}/manifest.json` };
  const text = documentText([{ prefix: `s3://${lake}/` }, ...keys]);
  const before = await store.read(manifest);
  if (before === undefined) await store.write(manifest, text);
  else if (Buffer.from(before).toString("utf8") !== text) throw otherFiles(s3Uri(manifest), name);
  const rows = partitions.reduce((sum, partition) => sum + partition.rows, 0);
  return { manifest: s3Uri(manifest), told: `${rows} rows of ${dataset} in snapshot ${name}` };
}

async function document<T>(
  store: ObjectStore,
  bucket: string,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const body = await store.read({ bucket, key });
  if (body === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(body).toString("utf8")));
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, "The state of the lake cannot be read.", {
      where: s3Uri({ bucket, key }),
      next: "Look at the last execution of the data pipeline.",
      cause,
    });
  }
}

/** Spark hides its own files behind `_` and `.`. */
async function dataFiles(store: ObjectStore, location: string): Promise<string[]> {
  const place = parseS3Uri(location);
  const found = await store.list(place);
  return found
    .map(({ key }) => key)
    .filter(
      (key) =>
        key.endsWith(".parquet") &&
        !key
          .slice(place.key.length)
          .split("/")
          .some((part) => /^[_.]/.test(part)),
    );
}

const otherFiles = (where: string, snapshot: string) =>
  new SlipwayError(ExitCode.unexpected, `The list of inputs names other files than snapshot ${snapshot} has.`, {
    where,
    changed: "nothing: no step was started",
    next: "Delete it, and run this again.",
  });
