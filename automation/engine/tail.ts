import { watch, type FSWatcher } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { createLineSplitter } from "./lines.ts";

/** Follows a file that another process appends to. */
export interface Tail {
  /** Reads what is left and stops following; throws what `onLine` threw. Call it when the writer has ended. */
  close(): Promise<void>;
}

const CHUNK = 256 * 1024;
const POLL_MS = 100;

interface Follower {
  path: string;
  onLine: (line: string) => void;
  file: FileHandle | undefined;
  position: number;
  buffer: Buffer;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Calls `onLine` for every line of a file, as soon as it is complete. The file need not exist yet. Notifications make it
 * prompt; the poll makes it sure, for file systems that send none.
 */
export function tailLines(path: string, onLine: (line: string) => void): Tail {
  const splitter = createLineSplitter();
  const follower: Follower = { path, onLine, file: undefined, position: 0, buffer: Buffer.allocUnsafe(CHUNK) };
  let running: Promise<void> = Promise.resolve();
  let queued = false;
  let failure: Error | undefined;
  const drain = () => {
    if (queued) return;
    queued = true;
    running = running
      .then(() => {
        queued = false;
        return readOn(follower, splitter.push);
      })
      .catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      });
  };
  const watcher = watchFolder(path, drain);
  const poll = setInterval(drain, POLL_MS);
  const finish = async () => {
    clearInterval(poll);
    watcher?.close();
    queued = false;
    drain();
    await running;
    await follower.file?.close();
    for (const line of splitter.flush()) onLine(line);
    if (failure !== undefined) throw failure;
  };
  let closed: Promise<void> | undefined;
  return { close: () => (closed ??= finish()) };
}

/** Some file systems cannot be watched; the poll is enough there. */
function watchFolder(path: string, onChange: () => void): FSWatcher | undefined {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), (_event, file) => {
      if (file === null || file === name) onChange();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

async function readOn(follower: Follower, split: (chunk: Uint8Array) => string[]): Promise<void> {
  follower.file ??= await openIfThere(follower.path);
  if (follower.file === undefined) return;
  for (;;) {
    const { bytesRead } = await follower.file.read(follower.buffer, 0, CHUNK, follower.position);
    if (bytesRead === 0) {
      // An update that is held to a plan previews first and then begins its log anew.
      if ((await follower.file.stat()).size >= follower.position) return;
      follower.position = 0;
      continue;
    }
    follower.position += bytesRead;
    for (const line of split(follower.buffer.subarray(0, bytesRead))) follower.onLine(line);
  }
}
