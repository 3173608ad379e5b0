import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../sandbox/live/emulator.ts";

const services = join(import.meta.dirname, "..", "..", "services");
const deadlineMs = 60_000;

/** One of the platform's services as a process of this machine. */
export interface RunningService {
  url: string;
  get(path: string): Promise<{ status: number; body: unknown; headers: Headers }>;
  post(path: string, body: unknown): Promise<{ status: number; body: unknown; headers: Headers }>;
  stop(): Promise<void>;
}

/** Starts a service on a free port and waits until it says that it is well. */
export async function startService(
  python: string,
  name: "api" | "predict",
  variables: Readonly<Record<string, string>>,
): Promise<RunningService> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(python, ["-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", String(port)], {
    cwd: join(services, name),
    env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", ...variables },
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
  };
  const service = {
    url,
    get: (path: string) => ask(url, path),
    post: (path: string, body: unknown) => ask(url, path, body),
    stop,
  };
  if (await well(child, service)) return service;
  await stop();
  throw new Error(`${name} did not get well:\n${output}`);
}

async function ask(url: string, path: string, body?: unknown) {
  const request = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(url + path, { ...request, headers: { "content-type": "application/json" } });
  return { status: answer.status, body: (await answer.json()) as unknown, headers: answer.headers };
}

async function well(child: ChildProcess, service: Pick<RunningService, "get">): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await service.get("/health").catch(() => undefined);
    if (answer?.status === 200) return true;
    await pause(50);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
