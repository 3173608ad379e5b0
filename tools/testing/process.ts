import { spawn } from "node:child_process";
import type { SuiteContext, SuiteResult } from "./suite.ts";

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Last object that the process sent over its IPC channel. */
  message: unknown;
}

/** Runs a program with its output where the test run's output goes. Rejects only when it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  { root, environment, write }: SuiteContext,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const output = write === undefined ? "inherit" : "pipe";
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ["ignore", output, output, "ipc"] });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => write?.(chunk));
    let message: unknown;
    child.on("message", (value) => (message = value));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, message }));
  });
}

/** A program whose exit code is the whole answer counts as one test. */
export async function runAsOneTest(
  command: string,
  args: readonly string[],
  context: SuiteContext,
): Promise<SuiteResult> {
  const { code } = await run(command, args, context);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] };
}
