import { mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { canonicalJson, sha256 } from "../../release/canonical.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { below, parseS3Uri, s3Uri } from "./s3-uri.ts";
import { ValueError } from "./values.ts";

/** What a step reads: everything below a prefix, or what a manifest lists. */
export interface Source {
  uri: string;
  type: "S3Prefix" | "ManifestFile";
}

/** An object on its way into a step. */
export interface StagedObject {
  uri: string;
  /** Below the folder that it is brought to. */
  path: string;
  tag: string;
}

/**
 * The objects of a source.
 * @throws ValueError where there are none, or it is not certain which ones are meant.
 */
export async function objectsOf(store: ObjectStore, { uri, type }: Source): Promise<StagedObject[]> {
  const found = type === "S3Prefix" ? await withPrefix(store, uri) : await inManifest(store, uri);
  if (found.length === 0) throw new ValueError(`there is nothing at ${uri}`);
  const odd = found.find(({ path }) => path === "" || path.split("/").some((part) => ["", ".", ".."].includes(part)));
  if (odd !== undefined) throw new ValueError(`${odd.uri} cannot be the name of a file`);
  return found;
}

async function withPrefix(store: ObjectStore, uri: string): Promise<StagedObject[]> {
  const place = parseS3Uri(uri);
  const objects = await store.list(place);
  const folder = place.key === "" || place.key.endsWith("/") ? place.key : `${place.key}/`;
  const stray = objects.find(({ key }) => key !== place.key && !key.startsWith(folder));
  // S3 would bring this one as well, to a place that nobody thought of.
  if (stray !== undefined)
    throw new ValueError(`${uri} is also the beginning of ${s3Uri({ ...place, key: stray.key })}: end it with a slash`);
  return objects
    .filter(({ key }) => key === place.key || key.startsWith(folder))
    .map(({ key, tag }) => ({
      uri: s3Uri({ ...place, key }),
      path: key === place.key ? basename(key) : key.slice(folder.length),
      tag,
    }));
}

/** `[{"prefix": "s3://…/"}, "key", …]`: each entry is a key below the prefix. */
async function inManifest(store: ObjectStore, uri: string): Promise<StagedObject[]> {
  const [head, ...entries] = parseManifest(await store.read(parseS3Uri(uri)), uri);
  const prefix = (head as { prefix: string }).prefix;
  return Promise.all(
    (entries as string[]).map(async (path) => {
      const place = parseS3Uri(prefix + path);
      const object: StoredObject | undefined = (await store.list(place)).find(({ key }) => key === place.key);
      if (object === undefined) throw new ValueError(`${uri} lists ${s3Uri(place)}, which is not there`);
      return { uri: s3Uri(place), path, tag: object.tag };
    }),
  );
}

function parseManifest(body: Uint8Array | undefined, uri: string): unknown[] {
  if (body === undefined) throw new ValueError(`there is no manifest at ${uri}`);
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new ValueError(`${uri} is not JSON`);
  }
  const [head, ...entries] = Array.isArray(document) ? (document as unknown[]) : [];
  const { prefix } = (head ?? {}) as { prefix?: unknown };
  if (typeof prefix !== "string" || !entries.every((entry) => typeof entry === "string"))
    throw new ValueError(`${uri} is no manifest: expected [{"prefix": "s3://…"}, "key", …]`);
  return [head, ...entries];
}

/** One text that is another one as soon as an object is, wherever the objects lie. */
export const fingerprintOf = (objects: readonly StagedObject[]): string =>
  sha256(canonicalJson(objects.map(({ path, tag }) => [path, tag])));

/** The fingerprint of what lies below a place now; undefined where nothing does. */
export async function fingerprintAt(store: ObjectStore, uri: string): Promise<string | undefined> {
  const objects = await withPrefix(store, uri);
  return objects.length === 0 ? undefined : fingerprintOf(objects);
}

/** Brings objects into a folder. */
export async function bring(store: ObjectStore, objects: readonly StagedObject[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { uri, path } of objects) {
    const file = join(folder, ...path.split("/"));
    await mkdir(dirname(file), { recursive: true });
    await store.download(parseS3Uri(uri), file);
  }
}

/**
 * Plain files below a folder, `/`-separated and in order; a folder that is not there has none.
 * @throws ValueError for anything that is neither file nor folder: it might lead anywhere.
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  const odd = found.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd !== undefined) throw new ValueError(`${join(odd.parentPath, odd.name)} is neither a file nor a folder`);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** Takes what a step left in a folder to its place. Returns how many files there were. */
export async function collect(store: ObjectStore, folder: string, uri: string): Promise<number> {
  const files = await filesBelow(folder);
  for (const path of files) await store.upload(join(folder, ...path.split("/")), parseS3Uri(below(uri, path)));
  return files.length;
}
