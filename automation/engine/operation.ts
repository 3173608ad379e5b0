import { readFileSync } from "node:fs";
import type { PulumiCli } from "./cli.ts";
import { recoverCheckpoint } from "./checkpoint-recovery.ts";
import { isDebug, parseEvent, type EngineEvent } from "./events.ts";
import { clearStaleLocks } from "./lock.ts";
import { operationArguments, takesLock, type OperationFlags, type OperationKind } from "./operation-arguments.ts";
import { refusalOf, verdictOf, type Outcome } from "./outcome.ts";
import { runEngineProcess, type EngineExit, type EngineProcess } from "./process.ts";
import { createSummary, summarize, type RunSummary } from "./summary.ts";
import { ExitCode, SlipwayError } from "../errors.ts";

/** One run of the engine on one stack. */
export interface Operation extends OperationFlags {
  /** Where Pulumi.yaml is. */
  workDir: string;
  environment: Readonly<Record<string, string | undefined>>;
  logDirectory: string;
  /** The engine runs: where to find it should this process die. Record it before anything else. */
  onStart?: (engine: EngineProcess) => void | Promise<void>;
  /** Every event but the engine's debug messages. */
  onEvent?: (event: EngineEvent) => void;
  /** Lines for a person: a removed lock, a deadline. */
  report?: (message: string) => void;
  /** Aborted: the engine finishes what is in flight and starts nothing more. */
  signal?: AbortSignal;
  /** Aborted: the engine stops at once; what was in flight stays as pending operations. */
  terminate?: AbortSignal;
  /** After so long the engine is told to stop, as by `signal`; two minutes later, as by `terminate`. */
  timeoutMs?: number;
}

export interface OperationResult {
  kind: OperationKind;
  stack: string;
  outcome: Outcome;
  /** Slipway's exit code for this outcome. */
  code: ExitCode;
  /** The CLI's exit code; null when a signal ended it. */
  exitCode: number | null;
  summary: RunSummary;
  /** What the engine printed. */
  log: string;
  /** The engine's events, JSON lines; owner-readable only. */
  eventLog: string;
  /** What the CLI printed on stderr, for a failure that no event explains. */
  errorOutput: string;
}

/**
 * Runs the engine once: one start of the CLI, no call before or after it. Never throws for a resource that failed, a
 * cancelled run or a passed deadline: the result says so. Throws a SlipwayError when the engine did not begin: stack not found
 * (it is never created), state locked, credentials, configuration.
 */
export async function runOperation(cli: PulumiCli, operation: Operation): Promise<OperationResult> {
  const { stack, kind, workDir, environment } = operation;
  const report = operation.report ?? (() => undefined);
  refuseIfStopped(operation);
  if (takesLock(operation)) clearStaleLocks(stack, workDir, environment, report);
  recoverCheckpoint({ stack, workDir, environment }, report);
  const fold = createSummary(kind === "preview" || operation.previewOnly === true);
  const exit = await runEngineProcess(cli, {
    ...{ workDir, environment, logDirectory: operation.logDirectory },
    name: `${stack.replaceAll(/[^A-Za-z0-9._-]/g, "_")}-${kind}`,
    args: (eventLog) => operationArguments(operation, eventLog),
    onStart: operation.onStart,
    onEvent: (event) => {
      if (isDebug(event)) return;
      fold.add(event, performance.now() / 1000);
      operation.onEvent?.(event);
    },
    ...{ signal: operation.signal, terminate: operation.terminate, timeoutMs: operation.timeoutMs },
    onDeadline: () => report(`${kind} ${stack}: deadline passed; the engine finishes what is in flight and stops.`),
  });
  return resultOf(operation, exit, operation.plan === undefined ? fold.summary() : lastPhase(exit.engine.eventLog));
}

/**
 * Of an update that is held to a plan the engine keeps one log for two phases, and begins it anew for the second: what is there in
 * the end is either the preview that refused or the update. Following it live could mix the two.
 */
function lastPhase(eventLog: string): RunSummary {
  const lines = readFileSync(eventLog, "utf8").split("\n");
  const events = lines.map(parseEvent).filter((event) => event !== undefined);
  return summarize(
    events,
    events.some(({ resourcePreEvent, summaryEvent }) => resourcePreEvent?.planning ?? summaryEvent?.isPreview ?? false),
  );
}

function refuseIfStopped({ signal, kind, stack }: Operation): void {
  if (signal?.aborted !== true) return;
  throw new SlipwayError(ExitCode.cancelled, `${kind} ${stack} was cancelled before it began.`);
}

function resultOf({ kind, stack }: Operation, exit: EngineExit, summary: RunSummary): OperationResult {
  if (!exit.sawEvents && exit.stopped === undefined && exit.exitCode !== 0)
    throw refusalOf(exit, { stack, command: kind, log: exit.engine.log });
  return {
    ...{ kind, stack, ...verdictOf(exit, summary), exitCode: exit.exitCode, summary },
    ...{ log: exit.engine.log, eventLog: exit.engine.eventLog, errorOutput: exit.stderr.trim() },
  };
}
