import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * When a process started, as an opaque text that is equal for the same process only; undefined where the process is gone or the system does
 * not tell.
 */
export function processStartTime(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses and may hold anything; the start time is the 20th after it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return process.platform === "linux" ? undefined : startTimeFromPs(pid);
  }
}

/** Whether a process of this machine is alive and, where a start time is given, still the same one. */
export function isProcessAlive(pid: number, startTime?: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user exists but may not be signalled.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (isZombie(pid)) return false;
  const found = startTime === undefined ? undefined : processStartTime(pid);
  return found === undefined || found === startTime;
}

/** A killed process that nobody has waited for yet: it answers to signals and does nothing any more. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}
