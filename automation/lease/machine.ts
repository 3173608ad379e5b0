import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isEngineRunning } from "../engine/inflight.ts";
import { processIdentity } from "../engine/process-identity.ts";
import type { ProcessView } from "./decide.ts";

/**
 * Where process numbers mean the same: this boot of this machine and, in a container, its own process table. Two containers that are both
 * called `runner` are two. Elsewhere than on Linux the host name has to do.
 */
function machineIdentity(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** What this process can see of others. */
export const thisMachine: ProcessView = {
  machine: machineIdentity(),
  isAlive: (pid, identity) => isEngineRunning({ pid, identity }),
};

/** This process as a lease names it. */
export function thisProcess(): { host: string; machine: string; pid: number; identity?: string } {
  const identity = processIdentity(process.pid);
  return {
    ...{ host: hostname(), machine: thisMachine.machine, pid: process.pid },
    ...(identity === undefined ? {} : { identity }),
  };
}
