import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { signal } from "../../live/process.ts";

/** A program that ends with this process, in whatever way this process ends. */
export interface Guarded {
  name: string;
  /** Settles when it has ended, whoever ended it. */
  ended: Promise<unknown>;
  hasEnded(): boolean;
  /** The last line of its log. */
  lastLine(): string;
  kill(): void;
}

/**
 * A shell that holds the program in a process group of its own. It waits for the end of the pipe on its standard input, which comes with
 * the end of the process that made it, then removes the folder and kills the group. A program that ends by itself takes the shell along.
 */
const script = `("$@"; kill -9 0) & read -r _; rm -rf -- "$0"; kill -9 0`;

/** Starts a program whose files and log are in `directory`; the folder goes with it. */
export function startGuarded(directory: string, name: string, program: string, flags: readonly string[]): Guarded {
  const logFile = join(directory, `${name}.log`);
  const log = openSync(logFile, "w", 0o600);
  const child = spawn("/bin/sh", ["-c", script, directory, program, ...flags], {
    cwd: directory,
    // Nothing of the machine's settings: no proxy, no kubeconfig and no switch of another server may leak in.
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: directory, TMPDIR: directory },
    stdio: ["pipe", log, log],
    detached: true,
  });
  closeSync(log);
  let over = false;
  const ended = once(child, "exit")
    .catch(() => undefined)
    .then(() => (over = true));
  // Nobody waits for it but who asks.
  child.unref();
  (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  child.stdin?.on("error", () => undefined);
  return {
    name,
    ended,
    hasEnded: () => over,
    lastLine: () => lastLine(logFile),
    kill: () => void (child.pid !== undefined && signal(-child.pid, "SIGKILL")),
  };
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, "utf8").trim().split("\n").at(-1) || "it ended without a word";
  } catch {
    return "it left no log";
  }
}
