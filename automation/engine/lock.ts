import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";
import { fileBackendDirectory, locateStack, lockDirectory } from "./backend.ts";
import type { Environment } from "./environment.ts";
import { processIdentity, startedAtSeconds } from "./process-identity.ts";

/** Who holds a stack's state, as the engine writes it. */
export interface StateLock {
  file: string;
  pid: number;
  username: string;
  hostname: string;
  /** ISO time. */
  timestamp: string;
}

/** Reads a lock file's text; undefined when it is none (it may be half written). */
export function parseLock(text: string, file: string): StateLock | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, username, hostname: host, timestamp } = value as Record<string, unknown>;
  if (typeof pid !== "number" || typeof host !== "string" || typeof timestamp !== "string") return undefined;
  return { file, pid, username: typeof username === "string" ? username : "?", hostname: host, timestamp };
}

/** What is known about the process a lock names. */
export interface HolderFacts {
  sameHost: boolean;
  alive: boolean;
  /** Seconds since the epoch; undefined when the system does not say. */
  startedAt: number | undefined;
}

/** A few seconds for the rounding of both clocks. */
const CLOCK_SLACK_SECONDS = 5;

/** A lock is stale only when its holder is known to be gone: on this host, and ended or replaced by a later process. */
export function isStale(lock: StateLock, { sameHost, alive, startedAt }: HolderFacts): boolean {
  if (!sameHost) return false;
  if (!alive) return true;
  return startedAt !== undefined && startedAt > Date.parse(lock.timestamp) / 1000 + CLOCK_SLACK_SECONDS;
}

/** Looks at the processes of this machine. */
export const factsOf = (lock: StateLock): HolderFacts => ({
  sameHost: lock.hostname === hostname(),
  alive: processIdentity(lock.pid) !== undefined,
  startedAt: startedAtSeconds(lock.pid),
});

/** Whether a lock's holder may still be at work. */
export const mayLive = (lock: StateLock): boolean => !isStale(lock, factsOf(lock));

/** The locks of a stack in a `file://` backend; none for other backends: `remote-lock.ts` reads those of S3. */
export function readLocks(stack: string, workDir: string, environment: Environment): StateLock[] {
  const backend = fileBackendDirectory(environment, workDir);
  const location = locateStack(stack, workDir);
  if (backend === undefined || location === undefined) return [];
  const directory = lockDirectory(backend, location);
  return listLocks(directory).flatMap((name) => {
    const file = join(directory, name);
    return parseLock(readOrEmpty(file), file) ?? [];
  });
}

/** Temporary files too: the engine takes every file that it finds there for a lock. */
function listLocks(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /\.json(?:\.[0-9a-f]+\.tmp)?$/.test(name));
  } catch {
    return [];
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Removes the locks of engines that are gone, saying so, and refuses (lease held) when one is there whose holder may live.
 * It saves a start of the CLI that could only have said the same.
 */
export function clearStaleLocks(
  stack: string,
  workDir: string,
  environment: Environment,
  report: (message: string) => void,
): void {
  for (const lock of readLocks(stack, workDir, environment)) {
    if (mayLive(lock)) throw lockedError(stack, lock);
    rmSync(lock.file, { force: true });
    report(staleLockMessage(stack, lock));
  }
}

export const staleLockMessage = (stack: string, { pid, username, timestamp }: StateLock): string =>
  `Removed a stale lock of stack ${stack}: its holder, process ${pid} of ${username} from ${timestamp}, is gone.`;

export const lockedError = (stack: string, lock: StateLock): SlipwayError =>
  new SlipwayError(
    ExitCode.leaseHeld,
    `The state of stack ${stack} is locked by ${lock.username}@${lock.hostname}, process ${lock.pid}, since ${lock.timestamp}.`,
    {
      where: lock.file,
      next: `Wait for that process to end. Only if it is certain to be gone: pulumi cancel --yes ${stack}`,
    },
  );

const LOCK_LINE = /created by (.+)@(\S+) \(pid (\d+)\) at (\S+)/;

/** The holder as the CLI names it, for backends whose lock files cannot be read here. */
export function lockFromText(stderr: string): StateLock | undefined {
  if (!stderr.includes("currently locked by")) return undefined;
  const [, username = "?", host = "?", pid = "0", timestamp = "?"] = LOCK_LINE.exec(stderr) ?? [];
  const file = /^\s+(\S+): created by/m.exec(stderr)?.[1] ?? "the state backend";
  return { file, pid: Number(pid), username, hostname: host, timestamp };
}
