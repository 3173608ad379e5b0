import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { stopLive } from "./live/connect.ts";
import { liveLocks } from "./state.ts";

/** Everything the sandbox makes in its directory. Only these are removed, whatever SLIPWAY_SANDBOX_DIR points at. */
const contents = [
  "prepared",
  "cloud.sqlite",
  "cloud.sqlite-wal",
  "cloud.sqlite-shm",
  "bin",
  "clusters",
  "compile-cache",
  "config",
  "images",
  "kubernetes",
  "live",
  "logs",
  "origin.git",
  "pulumi-home",
  "state",
  "store",
  "worktrees",
];

/**
 * Throws the sandbox's cloud, state and history away, and ends its emulator; returns what was removed.
 *
 * @throws SlipwayError while an engine is running on it, or when the directory is no sandbox.
 */
export async function resetSandbox(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  const isSandbox = existsSync(join(directory, "prepared")) || existsSync(join(directory, "cloud.sqlite"));
  if (!isSandbox) {
    if (readdirSync(directory).length === 0) return [];
    throw new SlipwayError(ExitCode.usage, "This directory is no sandbox; nothing was removed.", {
      where: directory,
      next: "Check SLIPWAY_SANDBOX_DIR.",
    });
  }
  const [lock] = liveLocks(directory);
  if (lock !== undefined) {
    throw new SlipwayError(ExitCode.leaseHeld, `An engine is working on the stack "${lock.stack}" of this sandbox.`, {
      where: `${directory}, process ${lock.pid}`,
      next: "Wait for it or stop it, then repeat the command.",
    });
  }
  await stopLive(directory);
  const present = contents.filter((name) => existsSync(join(directory, name)));
  for (const name of present) remove(join(directory, name));
  return present;
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new SlipwayError(
      ExitCode.unexpected,
      `A part of the sandbox cannot be removed: ${(error as Error).message}.`,
      {
        where: path,
        changed: "Parts of the sandbox may be gone already; it has to be reset before it is used again.",
        next: "Fix the permissions and repeat `./slipway sandbox reset`.",
        cause: error,
      },
    );
  }
}
