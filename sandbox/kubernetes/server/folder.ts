import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { isRunning, markOf } from "../../live/process.ts";

let count = 0;

/**
 * A folder for the server of one process, named after that process. Those of processes that are gone are removed: the servers remove
 * theirs when they end, unless the machine was faster.
 */
export function freshFolder(directory: string): string {
  const root = join(directory, "kubernetes");
  for (const name of existsSync(root) ? readdirSync(root) : [])
    if (!isOwned(name)) rmSync(join(root, name), { recursive: true, force: true, maxRetries: 3 });
  const started = encodeURIComponent(markOf(process.pid)?.started ?? "");
  return join(root, [process.pid, (count += 1), started].join("-"));
}

/** The time a process started tells it from a later one with the same number. */
function isOwned(name: string): boolean {
  const [pid = "", , ...started] = name.split("-");
  return isRunning({ pid: Number(pid), started: decodeURIComponent(started.join("-")) });
}
