import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { promisify } from "node:util";

export const root = path.resolve(import.meta.dirname, "../../..");
const execute = promisify(execFile);

/** A service as a process of its own, with what it wrote so far. */
export interface Running {
  child: ChildProcess;
  url: string;
  output(): string;
  stop(): Promise<number | null>;
}

/** Builds the page as the image does, into a folder of the test's own. */
export async function buildPage(folder: string): Promise<void> {
  const vite = path.join(root, "node_modules/vite/bin/vite.js");
  await execute(process.execPath, [vite, "build", "--outDir", folder, "--logLevel", "error"], {
    cwd: path.join(root, "services/web"),
    env: { ...process.env, NODE_ENV: "production" },
  });
}

/** Starts one of the Python services as its image does, on a port that is free. Resolves once it answers `/health` with 200. */
export async function startPython(name: "api" | "predict", environment: Record<string, string>): Promise<Running> {
  const words = ["-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "0", "--no-access-log"];
  const child = start(path.join(root, ".venv/bin/python"), words, path.join(root, "services", name), environment);
  return healthy(await listening(child, /Uvicorn running on http:\/\/127\.0\.0\.1:(\d+)/u));
}

/** Starts the web service as its image does, on a port that is free. Resolves once it listens. */
export async function startWeb(environment: Record<string, string>): Promise<Running> {
  const cwd = path.join(root, "services/web");
  const child = start(process.execPath, ["server.mjs"], cwd, { HOST: "127.0.0.1", PORT: "0", ...environment });
  return listening(child, /"message":"listening".*"port":(\d+)/u);
}

function start(program: string, words: string[], cwd: string, environment: Record<string, string>): ChildProcess {
  return spawn(program, words, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] });
}

/** Waits for the line that names the port. Rejects with all that was written where the process ends before. */
async function listening(child: ChildProcess, line: RegExp): Promise<Running> {
  const chunks: string[] = [];
  const output = () => chunks.join("");
  const port = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error(`it ended before it listened:\n${output()}`)));
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        chunks.push(text);
        const found = line.exec(output())?.[1];
        if (found !== undefined) resolve(found);
      });
  });
  return { child, url: `http://127.0.0.1:${port}`, output, stop: () => stop(child) };
}

async function healthy(service: Running): Promise<Running> {
  while (!(await fetch(`${service.url}/health`)).ok);
  return service;
}

/** Asks the process to end. Resolves to its exit code once it has; null where the signal ended it. */
async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill("SIGTERM");
  await once(child, "close");
  return child.exitCode;
}
