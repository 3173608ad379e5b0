import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process as a file remembers it: the pid alone may be somebody else's by now. */
export interface ProcessMark {
  pid: number;
  /** The time the process started, as the system writes it. */
  started: string;
}

/** The mark of a running process; undefined when it has ended, a zombie that waits for its parent included. */
export function markOf(pid: number): ProcessMark | undefined {
  const started = process.platform === "linux" ? linuxStart(pid) : psStart(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.started === mark.started;
}

/** Ends exactly this process: asks first, forces after `patienceMs`. Returns when it is gone. */
export async function endProcess(mark: ProcessMark, patienceMs: number): Promise<void> {
  if (!isRunning(mark)) return;
  signal(mark.pid, "SIGTERM");
  if (await goneWithin(mark, patienceMs)) return;
  signal(mark.pid, "SIGKILL");
  await goneWithin(mark, 5_000);
}

export async function goneWithin(mark: ProcessMark, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isRunning(mark)) {
    if (performance.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

/** False when there was nobody to hear it. A negative number means the process group. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command before may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  try {
    const environment = { ...process.env, LC_ALL: "C" };
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: environment });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}
