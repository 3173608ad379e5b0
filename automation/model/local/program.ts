import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { finished } from "node:stream/promises";

/** A program of a step. */
export interface ProgramRun {
  command: string;
  arguments: readonly string[];
  environment: Readonly<Record<string, string>>;
  directory: string;
  /** File that both its streams go to, as they come. */
  log: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Each line of either stream. */
  onLine(line: string): void;
}

/** How a program ended. */
export interface ProgramEnd {
  outcome: "succeeded" | "failed" | "timeout" | "cancelled";
  /** In words: "ended with exit code 1". */
  told: string;
  /** Last lines of stderr. */
  lastWords: readonly string[];
}

const wordsKept = 12;
/** A program without line breaks must not fill the memory. */
const longestLine = 64 * 1024;
/** How long a program has to end when it is asked to. */
const patienceMs = 5_000;

/** Runs a program in a process group of its own, so that nothing of it is left when it is stopped. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const log = createWriteStream(run.log, { flags: "w" });
  const child = spawn(run.command, [...run.arguments], {
    cwd: run.directory,
    env: { ...run.environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const words: string[] = [];
  const heard = [
    lines(child.stdout, run.onLine, log),
    lines(
      child.stderr,
      (line) => {
        run.onLine(line);
        words.push(line);
        if (words.length > wordsKept) words.shift();
      },
      log,
    ),
  ];
  const stop = stopping(child.pid, run);
  try {
    const ended = await new Promise<{ code: number | null; signal: string | null; error?: Error }>((resolve) => {
      child.once("error", (error) => resolve({ code: null, signal: null, error }));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    // Children that it left behind hold its streams open.
    signalGroup(child.pid, "SIGKILL");
    if (ended.error === undefined) await Promise.all(heard);
    return { ...verdict(ended, stop.reason, run), lastWords: words };
  } finally {
    stop.disconnect();
    await new Promise((resolve) => log.end(resolve));
  }
}

/** Stops the group when time is up or nobody wants it any more: first it is asked, then it is ended. */
function stopping(pid: number | undefined, { timeoutMs, signal }: ProgramRun) {
  const state: { reason?: "timeout" | "cancelled"; force?: NodeJS.Timeout } = {};
  const stop = (reason: "timeout" | "cancelled") => {
    if (state.reason !== undefined) return;
    state.reason = reason;
    signalGroup(pid, "SIGTERM");
    state.force = setTimeout(() => signalGroup(pid, "SIGKILL"), patienceMs);
  };
  const cancel = () => stop("cancelled");
  const timer = setTimeout(() => stop("timeout"), timeoutMs);
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return {
    get reason() {
      return state.reason;
    },
    disconnect: () => {
      clearTimeout(timer);
      clearTimeout(state.force);
      signal.removeEventListener("abort", cancel);
    },
  };
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // There is nobody left in it.
  }
}

function verdict(
  { code, signal, error }: { code: number | null; signal: string | null; error?: Error },
  reason: "timeout" | "cancelled" | undefined,
  { timeoutMs }: ProgramRun,
): Pick<ProgramEnd, "outcome" | "told"> {
  if (error !== undefined) return { outcome: "failed", told: `could not be started: ${error.message}` };
  if (reason === "timeout") return { outcome: "timeout", told: `was stopped after ${timeoutMs / 1000} s` };
  if (reason === "cancelled") return { outcome: "cancelled", told: "was cancelled" };
  if (code === 0) return { outcome: "succeeded", told: "succeeded" };
  return { outcome: "failed", told: code === null ? `was ended by ${signal}` : `ended with exit code ${code}` };
}

/** Hands on a stream as whole lines, and as it is to the log. */
async function lines(
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void,
  log: NodeJS.WritableStream,
): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    log.write(chunk);
    const parts = (rest + decoder.write(chunk)).split("\n");
    rest = (parts.pop() ?? "").slice(-longestLine);
    for (const line of parts) onLine(line.replace(/\r$/, ""));
  });
  await finished(stream, { writable: false }).catch(() => undefined);
  if (rest !== "") onLine(rest);
}
