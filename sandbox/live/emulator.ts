import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { endProcess, goneWithin, markOf, signal, type ProcessMark } from "./process.ts";
import type { LivePaths } from "./paths.ts";

export interface Emulator {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  mark: ProcessMark;
  /** Settles when the process has ended, whoever ended it. */
  ended: Promise<unknown>;
  /** Ends it with its state saved. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  paths: LivePaths;
  python: string;
  /** Folder of what is made once per user: the archive of Spark's classes. */
  cache: string;
  /** Variables of the functions' processes besides their own, such as addresses of services that the emulator does not have. */
  variables?: Readonly<Record<string, string>>;
}

const serverFile = fileURLToPath(new URL("server.py", import.meta.url));
const startDeadlineMs = 60_000;
const startAttempts = 3;
/** Saving takes milliseconds; a connection that is kept open may hold it up to three seconds. */
const stopPatienceMs = 8_000;

/** Starts the emulator on a free port of 127.0.0.1 and waits until it answers. A port that somebody takes in between costs another attempt. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  await endLeftOver(options.paths);
  for (let attempt = 1; ; attempt += 1) {
    const started = await startOnce(options, await freePort());
    if (typeof started !== "string") return started;
    if (attempt === startAttempts) throw new Error(`the emulator did not start: ${started}`);
  }
}

/** An emulator whose supervisor was killed ends by itself; this is for one that could not. */
async function endLeftOver({ emulator, temporary }: LivePaths): Promise<void> {
  const mark = readMark(emulator);
  if (mark !== undefined) await endProcess(mark, stopPatienceMs);
  rmSync(emulator, { force: true });
  rmSync(temporary, { recursive: true, force: true });
}

function readMark(file: string): ProcessMark | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, "utf8")) as Partial<ProcessMark>;
    return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

async function startOnce(options: EmulatorOptions, port: number): Promise<Emulator | string> {
  const { paths, python } = options;
  for (const folder of [paths.state, paths.objects, paths.temporary, paths.jobs, paths.logs])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logFile = join(paths.logs, "emulator.log");
  const log = openSync(logFile, "w", 0o600);
  // A process group of its own: a signal of the terminal to the supervisor's group is not for it, and its children can be ended with it.
  const child = spawn(python, [serverFile], {
    cwd: paths.root,
    env: serverEnvironment(options, port),
    stdio: ["pipe", log, log],
    detached: true,
  });
  closeSync(log);
  const ended = once(child, "exit").catch(() => undefined);
  const mark = child.pid === undefined ? undefined : markOf(child.pid);
  if (mark === undefined) return `${python} could not be run`;
  writeFileSync(paths.emulator, JSON.stringify(mark), { mode: 0o600 });
  const endpoint = `http://127.0.0.1:${port}`;
  if (await answers(child, `${endpoint}/_ministack/health`))
    return { endpoint, mark, ended, stop: () => stop(child, mark, paths) };
  await stop(child, mark, paths);
  return readFileSync(logFile, "utf8").trim().split("\n").slice(-3).join(" | ");
}

async function stop(child: ChildProcess, mark: ProcessMark, paths: LivePaths): Promise<void> {
  signal(mark.pid, "SIGTERM");
  if (!(await goneWithin(mark, stopPatienceMs))) signal(mark.pid, "SIGKILL");
  await goneWithin(mark, 5_000);
  // Jobs and functions that still run belong to its group.
  signal(-mark.pid, "SIGKILL");
  child.stdin?.destroy();
  rmSync(paths.emulator, { force: true });
  rmSync(paths.temporary, { recursive: true, force: true });
}

/** Nothing of the machine's settings: no profile, no proxy and no endpoint of a real cloud may leak in. */
function serverEnvironment({ paths, python, cache, variables }: EmulatorOptions, port: number): Record<string, string> {
  const own: Record<string, string> = {
    PATH: [dirname(python), process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    HOME: paths.temporary,
    TMPDIR: paths.temporary,
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    ...(process.env["JAVA_HOME"] ? { JAVA_HOME: process.env["JAVA_HOME"] } : {}),
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_SECRET_ACCESS_KEY: "sandbox",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    BIND_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    LOG_LEVEL: "WARNING",
    PERSIST_STATE: "1",
    STATE_DIR: paths.state,
    S3_PERSIST: "1",
    S3_DATA_DIR: paths.objects,
    SFN_WAIT_SCALE: "0.02",
    LAMBDA_EXECUTOR: "local",
    DOCKER_HOST: "unix:///dev/null/none",
    // Other listeners that it would open on ports of its own choice.
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    SLIPWAY_LIVE_JOBS: paths.jobs,
    SLIPWAY_LIVE_LOGS: paths.logs,
    SLIPWAY_LIVE_CACHE: cache,
    // Functions inherit the emulator's environment: what is here is in no version, and may be another with each start.
    ...variables,
  };
  // A Glue job's arguments reach its process as further variables; this list tells them from the process's own.
  return { ...own, SLIPWAY_LIVE_VARIABLES: [...Object.keys(own), "SLIPWAY_LIVE_VARIABLES"].join(",") };
}

/** A port of 127.0.0.1 that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Waits until the server answers; false when it ended before, or did not in time. */
export async function answers(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + startDeadlineMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return true;
    await pause(25);
  }
  return false;
}
