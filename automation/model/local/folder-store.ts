import { createHash, randomUUID } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { hasCode } from "../../store/failure.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { parseS3Uri, type S3Place } from "./s3-uri.ts";

/** Buckets as folders of one directory. Tags are digests of the content. */
export class FolderStore implements ObjectStore {
  readonly location: string;

  constructor(directory: string) {
    this.location = resolve(directory);
  }

  async list({ bucket, key: prefix }: S3Place): Promise<StoredObject[]> {
    const base = join(this.location, bucket);
    // The last part of a prefix may be the beginning of a name.
    const folder = join(base, prefix.slice(0, prefix.lastIndexOf("/") + 1));
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
      throw error;
    });
    const keys = found
      .filter((entry) => entry.isFile())
      .map((entry) => relative(base, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .filter((key) => key.startsWith(prefix) && !key.endsWith(pendingSuffix))
      .sort();
    return Promise.all(keys.map((key) => this.#describe(bucket, key)));
  }

  async read(place: S3Place): Promise<Uint8Array | undefined> {
    return readFile(this.#path(place)).catch((error: unknown) => {
      if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
      throw error;
    });
  }

  async write(place: S3Place, body: Uint8Array | string): Promise<void> {
    await this.#place(place, (pending) => writeFile(pending, body));
  }

  async download(place: S3Place, file: string): Promise<void> {
    await copyFile(this.#path(place), file, constants.COPYFILE_FICLONE);
  }

  async upload(file: string, place: S3Place): Promise<void> {
    await this.#place(place, (pending) => copyFile(file, pending, constants.COPYFILE_FICLONE));
  }

  show(uri: string): string {
    return this.#path(parseS3Uri(uri));
  }

  /** Whoever looks sees the old object or the new one. */
  async #place(place: S3Place, make: (pending: string) => Promise<void>): Promise<void> {
    const target = this.#path(place);
    const pending = `${target}.${randomUUID()}${pendingSuffix}`;
    await mkdir(dirname(target), { recursive: true });
    try {
      await make(pending);
      await rename(pending, target);
    } finally {
      await rm(pending, { force: true });
    }
  }

  async #describe(bucket: string, key: string): Promise<StoredObject> {
    const path = this.#path({ bucket, key });
    const { size } = await stat(path);
    return { key, size, tag: await fileDigest(path) };
  }

  #path({ bucket, key }: S3Place): string {
    return join(this.location, bucket, ...key.split("/"));
  }
}

const pendingSuffix = ".~pending";

/** Lower-case hex SHA-256 of a file, read piece by piece. */
export async function fileDigest(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
