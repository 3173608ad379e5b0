import { homedir } from "node:os";
import { join } from "node:path";

/** Where the live part of one sandbox keeps its files. */
export interface LivePaths {
  root: string;
  /** How to reach the running supervisor; readable by its owner alone. */
  endpoint: string;
  /** The emulator's process, so that a later start can end one that was left behind. */
  emulator: string;
  /** What was brought into the emulator, and the lock of the one supervisor. */
  ledger: string;
  state: string;
  objects: string;
  temporary: string;
  jobs: string;
  logs: string;
}

export function livePaths(directory: string): LivePaths {
  const root = join(directory, "live");
  return {
    root,
    endpoint: join(root, "endpoint.json"),
    emulator: join(root, "emulator.json"),
    ledger: join(root, "ledger.sqlite"),
    state: join(root, "state"),
    objects: join(root, "objects"),
    temporary: join(root, "tmp"),
    jobs: join(root, "jobs"),
    logs: join(root, "logs"),
  };
}

/** What costs time to make and is the same for every sandbox of this user. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache"), "slipway");
}
