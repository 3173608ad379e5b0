import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiCli } from "./cli.ts";
import { engineEnvironment, type Environment } from "./environment.ts";
import { withoutDebug } from "./event-log.ts";
import { parseEvent, type EngineEvent } from "./events.ts";
import { processIdentity } from "./process-identity.ts";
import { connectRelay, createSignalRelay, type RelayTriggers, type SignalRelay, type StopReason } from "./signals.ts";
import { tailLines } from "./tail.ts";

/** A started engine, as one records it to find it again after the driver's death. */
export interface EngineProcess {
  pid: number;
  /** Tells this process from a later one with the same pid; undefined when the system does not say. */
  identity: string | undefined;
  /** When it was started, ISO. */
  startedAt: string;
  eventLog: string;
  log: string;
}

export interface EngineRun extends RelayTriggers {
  args: (eventLog: string) => readonly string[];
  /** First part of the log files' names, e.g. `dev-up`. */
  name: string;
  workDir: string;
  environment: Environment;
  logDirectory: string;
  onStart?: ((engine: EngineProcess) => void | Promise<void>) | undefined;
  onEvent: (event: EngineEvent) => void;
}

export interface EngineExit {
  /** The CLI's exit code; null when a signal ended it. */
  exitCode: number | null;
  exitSignal: NodeJS.Signals | null;
  /** Set when the engine was told to stop, whether or not it then did. */
  stopped: StopReason | undefined;
  signalsSent: number;
  /** False when the CLI gave up before the engine began. */
  sawEvents: boolean;
  /** The CLI's whole stderr. */
  stderr: string;
  engine: EngineProcess;
}

let runs = 0;

function logFiles(run: EngineRun): { log: string; errors: string; eventLog: string } {
  mkdirSync(run.logDirectory, { recursive: true });
  const time = new Date().toISOString().replaceAll(/[-:]/g, "").replace(".", "");
  const base = join(run.logDirectory, `${run.name}-${time}-${process.pid}-${(runs += 1)}`);
  return { log: `${base}.log`, errors: `${base}.stderr.log`, eventLog: `${base}.events.jsonl` };
}

/**
 * Starts the CLI in its own process group with its output in files. A terminal's Ctrl-C then reaches the driver alone, which
 * forwards it once, and an engine whose driver is killed has no pipe that breaks: it finishes and its state is complete.
 */
function start(cli: PulumiCli, run: EngineRun, files: ReturnType<typeof logFiles>): ChildProcess {
  const out = openSync(files.log, "ax", 0o600);
  const errors = openSync(files.errors, "ax", 0o600);
  // Property values are in the event log: it is nobody else's to read.
  closeSync(openSync(files.eventLog, "ax", 0o600));
  try {
    cli.starts += 1;
    return spawn(cli.path, [...run.args(files.eventLog)], {
      cwd: run.workDir,
      env: engineEnvironment(cli, run.environment),
      stdio: ["ignore", out, errors],
      detached: true,
    });
  } finally {
    closeSync(out);
    closeSync(errors);
  }
}

const exited = (child: ChildProcess): Promise<{ exitCode: number | null; exitSignal: NodeJS.Signals | null }> =>
  new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode, exitSignal) => resolve({ exitCode, exitSignal }));
  });

/** Runs the CLI to its end, feeding its events to `onEvent` as they are written. */
export async function runEngineProcess(cli: PulumiCli, run: EngineRun): Promise<EngineExit> {
  const files = logFiles(run);
  const child = start(cli, run, files);
  const exit = exited(child);
  let sawEvents = false;
  const tail = tailLines(files.eventLog, (line) => {
    const event = parseEvent(line);
    if (event === undefined) return;
    sawEvents = true;
    run.onEvent(event);
  });
  const relay = createSignalRelay((signal) => child.kill(signal));
  const disconnect = connectRelay(relay, run);
  try {
    const engine = describe(child, files);
    if (child.pid !== undefined) await announce(run, engine, relay, exit);
    const ended = await exit;
    await tail.close();
    await withoutDebug(files.eventLog);
    const stderr = readFileSync(files.errors, "utf8");
    return { ...ended, stopped: relay.reason, signalsSent: relay.sent, sawEvents, stderr, engine };
  } finally {
    disconnect();
    await tail.close();
  }
}

function describe(child: ChildProcess, files: ReturnType<typeof logFiles>): EngineProcess {
  const pid = child.pid ?? -1;
  const startedAt = new Date().toISOString();
  return { pid, identity: processIdentity(pid), startedAt, eventLog: files.eventLog, log: files.log };
}

/** An engine that could not be recorded must not go on unseen: it is stopped, and the failure is the caller's. */
async function announce(
  run: EngineRun,
  engine: EngineProcess,
  relay: SignalRelay,
  exit: Promise<unknown>,
): Promise<void> {
  try {
    await run.onStart?.(engine);
  } catch (error) {
    relay.first("user");
    await exit;
    throw error;
  }
}
