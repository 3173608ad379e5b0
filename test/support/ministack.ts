import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { answers, freePort } from "../../sandbox/live/emulator.ts";
import { ensureVenv } from "../../tools/testing/python.ts";

/** A local server that speaks the cloud's own protocols; every 12-digit access key is an account of its own. */
export interface MiniStack {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** `127.0.0.1:<port>`, as Pulumi's S3 backend takes it. */
  host: string;
  pid: number;
  /** Variables that point SDKs, and the Pulumi CLI, at an account of this server and at nothing else. */
  environment(account?: string): Record<string, string>;
  /** Ends the process that was started, and no other. */
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, "../..");
const startAttempts = 3;

/**
 * Starts MiniStack on a free port of 127.0.0.1 and waits until it answers. Its Python is the one of `.venv`, which is made first where
 * that has not happened. A port that somebody takes in between costs another attempt.
 * @param settings variables of its own that it reads, such as `SFN_WAIT_SCALE`.
 * @param program what Python runs: another one may change MiniStack before it serves.
 */
export async function startMiniStack(
  settings: Readonly<Record<string, string>> = {},
  program: readonly string[] = ["-m", "ministack"],
): Promise<MiniStack> {
  const python = await ensureVenv({ root, environment: process.env, say: (line) => process.stderr.write(`${line}\n`) });
  for (let attempt = 1; ; attempt += 1) {
    const started = await startOnce([python, ...program], await freePort(), settings);
    if (typeof started !== "string") return started;
    if (attempt === startAttempts) throw new Error(`MiniStack did not start:\n${started}`);
  }
}

async function startOnce(
  [python = "", ...program]: readonly string[],
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<MiniStack | string> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-ministack-"));
  const child = spawn(python, program, {
    cwd: directory,
    env: { ...settings, ...serverEnvironment(directory, port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (output = (output + chunk).slice(-4000)));
  const killWithTests = () => void child.kill("SIGKILL");
  process.once("exit", killWithTests);
  const stop = async () => {
    process.off("exit", killWithTests);
    await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  if (await answers(child, `http://127.0.0.1:${port}/_ministack/health`)) return server(child, port, stop);
  await stop();
  return output;
}

function server(child: ChildProcess, port: number, stop: () => Promise<void>): MiniStack {
  const host = `127.0.0.1:${port}`;
  const endpoint = `http://${host}`;
  const environment = (account = "111111111111") => ({
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  });
  return { endpoint, host, pid: child.pid ?? -1, environment, stop };
}

/** Nothing of the machine's settings, and nothing of the server's files outside its own folder. */
const serverEnvironment = (directory: string, port: number): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: directory,
  TMPDIR: directory,
  BIND_HOST: "127.0.0.1",
  GATEWAY_PORT: String(port),
  LOG_LEVEL: "WARNING",
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  // Its own way down waits for connections that clients keep open.
  const force = setTimeout(() => child.kill("SIGKILL"), 500);
  await exited;
  clearTimeout(force);
}

/** Whether a listening socket of this process is bound to anything but 127.0.0.1 (Linux only; for the helper's own test). */
export function foreignListeners(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => state === "0A" && local.endsWith(`:${hex}`))
    .map(([, local = ""]) => local)
    .filter((local) => local !== `0100007F:${hex}`);
}
