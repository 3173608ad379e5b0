import { randomUUID } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { chmod, mkdir, rename } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { processIdentity } from "./process-identity.ts";

export function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A new folder beside the final one, hence on the same file system, so that a rename puts files in place in one step. */
export function temporaryBeside(directory: string): string {
  const folder = join(dirname(dirname(directory)), `.installing-${process.pid}-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Moves finished executables into place. Each move is atomic and the CLI comes last, so whoever finds the CLI finds all of it,
 * and two installers at once leave one whole installation.
 */
export async function putInPlace(
  from: string,
  directory: string,
  names: readonly string[],
  last: string,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of [...names.filter((each) => each !== last), last]) {
    await chmod(join(from, name), 0o755);
    await rename(join(from, name), join(directory, name));
  }
}

interface LockOwner {
  pid: number;
  host: string;
  identity: string | undefined;
}

function readOwner(lock: string): LockOwner | undefined {
  try {
    return JSON.parse(readFileSync(join(lock, "owner.json"), "utf8")) as LockOwner;
  } catch {
    return undefined;
  }
}

const YOUNG_MS = 10_000;

/** A lock whose owner is a process of this host that is gone, or that never got as far as to name its owner. */
export function isStaleLock(lock: string, now = Date.now()): boolean {
  const owner = readOwner(lock);
  if (owner === undefined) {
    try {
      return now - statSync(lock).mtimeMs > YOUNG_MS;
    } catch {
      return false;
    }
  }
  return owner.host === hostname() && processIdentity(owner.pid) !== owner.identity;
}

function tryLock(lock: string): boolean {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    mkdirSync(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  const owner: LockOwner = { pid: process.pid, host: hostname(), identity: processIdentity(process.pid) };
  writeFileSync(join(lock, "owner.json"), JSON.stringify(owner));
  return true;
}

/** Takes a dead owner's lock away: by a rename first, so that of two that see it dead only one removes it. */
function breakLock(lock: string): void {
  const aside = `${lock}.stale-${randomUUID()}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}

/**
 * Runs an installation while no other process does. The lock only saves work: what keeps an installation whole is that it is
 * put in place by renames.
 */
export async function withInstallLock<T>(
  target: string,
  report: (message: string) => void,
  action: () => Promise<T>,
): Promise<T> {
  const lock = `${target}.lock`;
  for (let waited = 0; !tryLock(lock); waited += 1) {
    if (isStaleLock(lock)) {
      breakLock(lock);
      continue;
    }
    if (waited % 20 === 0) report(`Another process (pid ${readOwner(lock)?.pid ?? "?"}) is installing it; waiting.`);
    await delay(250);
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
