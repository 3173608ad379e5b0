import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { checkpointFile, fileBackendDirectory, locateStack } from "./backend.ts";
import type { PulumiCli } from "./cli.ts";
import type { Environment } from "./environment.ts";
import { isAlive, processIdentity } from "./process-identity.ts";
import { exportStack } from "./stack.ts";

/** What was recorded of a started engine; `EngineProcess` fits. */
export interface RecordedEngine {
  pid: number;
  identity?: string | undefined;
}

/**
 * Whether a recorded engine still runs. A later process that got the same pid does not count. Without a recorded identity the
 * pid alone decides, on the safe side: running.
 */
export function isEngineRunning({ pid, identity }: RecordedEngine): boolean {
  if (identity === undefined) return isAlive(pid);
  return processIdentity(pid) === identity;
}

export interface WaitOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
  /** How often to look. */
  intervalMs?: number;
  /** Called at every look that found it running, with the milliseconds waited so far. */
  onWait?: (waitedMs: number) => void;
}

/** Waits until a recorded engine has ended; false when the time is over or the signal aborted before that. */
export async function waitForEngine(engine: RecordedEngine, options: WaitOptions = {}): Promise<boolean> {
  const { timeoutMs = Number.POSITIVE_INFINITY, signal, intervalMs = 200, onWait } = options;
  const started = performance.now();
  while (isEngineRunning(engine)) {
    const waited = performance.now() - started;
    if (signal?.aborted === true || waited >= timeoutMs) return false;
    onWait?.(waited);
    // An abort only ends this pause early; the loop's next look says what is.
    await delay(Math.min(intervalMs, timeoutMs - waited), undefined, signal ? { signal } : {}).catch(() => undefined);
  }
  return true;
}

/** Tells a recorded engine once to finish what is in flight and stop; false when it had already ended. */
export function interruptEngine(engine: RecordedEngine): boolean {
  if (!isEngineRunning(engine)) return false;
  try {
    process.kill(engine.pid, "SIGINT");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** An operation of which the state does not know whether it happened. */
export interface PendingOperation {
  urn: string;
  /** `creating`, `updating`, `deleting`, `reading`, … */
  type: string;
  /** The provider's id of the resource; a pending create has none. */
  id: string | undefined;
}

interface RawOperation {
  resource?: { urn?: unknown; id?: unknown };
  type?: unknown;
}

const nonEmpty = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The pending operations of a deployment, as `pulumi stack export` and checkpoint files hold it. */
export function pendingOperationsOf(deployment: unknown): PendingOperation[] {
  const operations = (deployment as { pending_operations?: unknown } | null | undefined)?.pending_operations;
  if (!Array.isArray(operations)) return [];
  return (operations as RawOperation[]).flatMap(({ resource, type }) => {
    const urn = nonEmpty(resource?.urn);
    return urn === undefined ? [] : [{ urn, type: nonEmpty(type) ?? "unknown", id: nonEmpty(resource?.id) }];
  });
}

export interface StateQuery {
  stack: string;
  workDir: string;
  environment: Environment;
}

/** Lists a stack's pending operations: straight from the file of a `file://` backend, else by one start of the CLI. */
export async function readPendingOperations(cli: PulumiCli, query: StateQuery): Promise<PendingOperation[]> {
  const backend = fileBackendDirectory(query.environment, query.workDir);
  const location = locateStack(query.stack, query.workDir);
  if (backend !== undefined && location !== undefined) {
    const text = readIfThere(checkpointFile(backend, location));
    if (text !== undefined)
      return pendingOperationsOf((JSON.parse(text) as { checkpoint?: { latest?: unknown } }).checkpoint?.latest);
  }
  return pendingOperationsOf((await exportStack(cli, query)).deployment);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
