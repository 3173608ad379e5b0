import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { artifactSchema } from "./manifest.ts";

/** Digest and size by the content key of an artifact's files. */
export type DigestCache = Map<string, { digest: string; size: number }>;

const cacheSchema = z.record(z.string(), artifactSchema.omit({ path: true }));

/** Beyond this many entries old ones go. */
const CAPACITY = 1000;

/** Reads the cache; one that is missing or damaged is an empty one, since it only saves time. */
export async function readDigestCache(file: string): Promise<DigestCache> {
  try {
    return new Map(Object.entries(cacheSchema.parse(JSON.parse(await readFile(file, "utf8")))));
  } catch {
    return new Map();
  }
}

/** Writes the cache; a disk that refuses costs time on the next run and nothing else. */
export async function writeDigestCache(file: string, cache: DigestCache): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(Object.fromEntries([...cache].slice(-CAPACITY))));
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
