import { createHash, randomUUID } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import { link, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkKey, checkPrefix } from "./keys.ts";
import { busy, cannotRead, cannotWrite, hasCode } from "./failure.ts";
import type { PutCondition, PutResult, Store, Stored } from "./store.ts";
import { withFileLock } from "./file-lock.ts";

/** Names with a tilde are no keys, so they never meet a document. */
const PENDING = "~pending";
const LOCK = "~lock";

/** A pending file this old was left behind by a process that was killed. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** How often a busy lock is asked for again; with the pauses about 15 seconds. */
const LOCK_ATTEMPTS = 600;

/**
 * A store in a directory that any number of processes on one machine may share. A body is written and flushed beside the
 * documents first and then linked or renamed into place, so a reader, a crash or a full disk never meets a part of it.
 */
export class DirectoryStore implements Store {
  readonly location: string;
  #ready: Promise<void> | undefined;

  constructor(directory: string) {
    this.location = resolve(directory);
  }

  async get(key: string): Promise<Stored | undefined> {
    checkKey(this.location, key);
    try {
      const body = await readFile(this.#path(key));
      return { body, etag: etagOf(body) };
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
      throw cannotRead(this.#path(key), error);
    }
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutResult> {
    checkKey(this.location, key);
    const target = this.#path(key);
    const pending = join(this.location, PENDING, `${process.pid}-${randomUUID()}`);
    const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
    try {
      await this.#prepare();
      await mkdir(dirname(target), { recursive: true });
      await writeDurably(pending, bytes);
      const result = await this.#place(pending, target, bytes, condition);
      if (result.ok) await flushDirectory(dirname(target));
      return result;
    } catch (error) {
      throw cannotWrite(this.location, key, error);
    } finally {
      await rm(pending, { force: true }).catch(() => undefined);
    }
  }

  async list(prefix: string): Promise<string[]> {
    checkPrefix(this.location, prefix);
    try {
      const found = await readdir(join(this.location, prefix), { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(this.location.length + 1))
        .filter((path) => !path.includes("~"))
        .sort();
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
      throw cannotRead(join(this.location, prefix), error);
    }
  }

  #path(key: string): string {
    return join(this.location, key);
  }

  async #place(pending: string, target: string, body: Uint8Array, condition?: PutCondition): Promise<PutResult> {
    const etag = etagOf(body);
    if (condition && "ifAbsent" in condition) return linkAbsent(pending, target, etag);
    for (let attempt = 1; attempt <= LOCK_ATTEMPTS; attempt += 1) {
      const result = withFileLock(join(this.location, LOCK), () => replace(pending, target, etag, condition?.ifMatch));
      if (result !== undefined) return result;
      await pause(1 + Math.random() * Math.min(attempt, 50));
    }
    throw busy(this.location);
  }

  #prepare(): Promise<void> {
    this.#ready ??= prepareDirectory(join(this.location, PENDING)).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }
}

/** Runs under the lock, synchronously, so that the lock is held for no longer than two file operations. */
function replace(pending: string, target: string, etag: string, ifMatch: string | undefined): PutResult {
  if (ifMatch !== undefined) {
    const current = readIfPresent(target);
    if (current === undefined) return { ok: false, reason: "missing" };
    if (etagOf(current) !== ifMatch) return { ok: false, reason: "changed" };
  }
  renameSync(pending, target);
  return { ok: true, etag };
}

/** `link` is the one file operation that both creates a whole file and fails if the name is taken. */
async function linkAbsent(pending: string, target: string, etag: string): Promise<PutResult> {
  try {
    await link(pending, target);
    return { ok: true, etag };
  } catch (error) {
    if (hasCode(error, "EEXIST")) return { ok: false, reason: "exists" };
    throw error;
  }
}

function readIfPresent(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function writeDurably(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function prepareDirectory(pending: string): Promise<void> {
  await mkdir(pending, { recursive: true });
  for (const name of await readdir(pending)) {
    const path = join(pending, name);
    const age = await stat(path).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

function etagOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
