import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Whether a process with this pid is there; one that belongs to somebody else counts. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The fields of `/proc/<pid>/stat` after the command, which may itself hold spaces and parentheses. */
export function parseProcStat(stat: string): { state: string; startTicks: string } | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const startTicks = fields[19];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

function readProcStat(pid: number): ReturnType<typeof parseProcStat> {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * What tells a process from a later one with the same pid: the time it started, as the system writes it. Undefined when there is
 * no such process, or it has ended and only waits to be reaped.
 */
export function processIdentity(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform === "linux") {
    const stat = readProcStat(pid);
    return stat === undefined || stat.state === "Z" ? undefined : stat.startTicks;
  }
  try {
    const environment = { ...process.env, LC_ALL: "C" };
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: environment });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Seconds since the epoch at which a Linux process started; undefined elsewhere. */
export function startedAtSeconds(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const ticks = Number(readProcStat(pid)?.startTicks);
  try {
    const boot = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
    // Linux reports these ticks to user space as hundredths of a second on every architecture.
    const seconds = boot + ticks / 100;
    return Number.isFinite(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}
