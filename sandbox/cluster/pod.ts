import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { signal } from "../live/process.ts";
import type { Container } from "./container.ts";
import { statusOf } from "./http.ts";
import { imageFolder } from "./images.ts";
import { startCommand, type StartCommand } from "./start-command.ts";
import type { PodObservation } from "./state.ts";

export interface PodOptions {
  /** Of the sandbox. */
  directory: string;
  python: string;
  /** Tells the log files of one pod from another's. */
  name: string;
  container: Container;
  /** The container's variables, with the addresses of this machine. */
  environment: Readonly<Record<string, string>>;
  onNote(line: string): void;
}

type Runnable = Exclude<StartCommand, { problem: string }>;

const pythonWrapper = fileURLToPath(new URL("run_service.py", import.meta.url));
const nodeWrapper = fileURLToPath(new URL("run-service.ts", import.meta.url));
/** Ends in a row, without getting ready in between, that make a crash loop. */
const crashes = 3;
const probeEveryMs = 150;
const readyProbeEveryMs = 1_000;
/** Bad answers in a row that take a ready pod out, as the default of a probe's failureThreshold. */
const lostAfter = 3;
const stopPatienceMs = 3_000;

/** The one local process that stands for all pods of a revision. It is started again when it ends by itself, and given up when it keeps doing so. */
export class Pod {
  readonly #options: PodOptions;
  /** Its first start: getting and building the image is not the service's time. */
  #since: number | undefined;
  #failure: PodObservation["failure"];
  #ready = false;
  #port = 0;
  #child: ChildProcess | undefined;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(options: PodOptions) {
    this.#options = options;
    this.#done = this.#live().catch((error: unknown) => {
      this.#fail(error instanceof Error ? error.message : String(error));
    });
  }

  get container(): Container {
    return this.#options.container;
  }

  /** Port on 127.0.0.1, while it is ready. */
  get port(): number | undefined {
    return this.#ready ? this.#port : undefined;
  }

  /** Port on 127.0.0.1 of a process that runs, ready or not. */
  get startedPort(): number | undefined {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null ? this.#port : undefined;
  }

  observe(): PodObservation {
    const failure = this.#failure;
    return { ready: this.#ready, since: this.#since ?? Date.now(), ...(failure === undefined ? {} : { failure }) };
  }

  /** Ends the process, asked first and then forced; returns when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready = false;
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const { pid } = child;
      const force = setTimeout(() => signal(-pid, "SIGKILL"), stopPatienceMs);
      child.stdin?.destroy();
      signal(pid, "SIGTERM");
      await once(child, "exit");
      clearTimeout(force);
      // Whatever it started belongs to its group.
      signal(-pid, "SIGKILL");
    }
    await this.#done;
  }

  #fail(reason: string): void {
    this.#failure = { reason, since: Date.now() };
    this.#options.onNote(`pod ${this.#options.name}: ${reason}`);
  }

  async #live(): Promise<void> {
    const { directory, container, name } = this.#options;
    const folder = await imageFolder(directory, container.image).catch((error: unknown) => {
      this.#fail(`ImagePullBackOff: ${error instanceof Error ? error.message : String(error)}`);
    });
    if (folder === undefined || this.#stopped) return;
    const command = startCommand(await readFile(join(folder, "Dockerfile"), "utf8").catch(() => ""));
    if (command.runtime === undefined) return this.#fail(`CreateContainerError: ${command.problem}`);
    for (let ends = 0; !this.#stopped;) {
      const wasReady = await this.#once(command, folder);
      if (this.#stopped) return;
      ends = wasReady ? 1 : ends + 1;
      const line = lastLine(this.#log("err"), Object.values(this.#options.environment));
      if (ends >= crashes) return this.#fail(`CrashLoopBackOff: ${line}`);
      this.#options.onNote(`pod ${name} ended and is started again: ${line}`);
      await wait(100 * ends, undefined, { ref: false });
    }
  }

  /** One life of the process; tells whether it got ready. */
  async #once(command: Runnable, folder: string): Promise<boolean> {
    this.#port = await freePort();
    if (this.#stopped) return false;
    this.#since ??= Date.now();
    const child = this.#start(command, folder);
    this.#child = child;
    const ended = Promise.withResolvers<void>();
    child.once("exit", () => ended.resolve());
    child.once("error", () => ended.resolve());
    let wasReady = false;
    for (
      let bad = 0;
      child.exitCode === null && child.signalCode === null && child.pid !== undefined && !this.#stopped;
    ) {
      const good = await this.#answers();
      bad = good ? 0 : bad + 1;
      if (good && !this.#stopped) this.#ready = true;
      else if (bad >= lostAfter) this.#ready = false;
      wasReady ||= this.#ready;
      await Promise.race([
        ended.promise,
        wait(this.#ready ? readyProbeEveryMs : probeEveryMs, undefined, { ref: false }),
      ]);
    }
    this.#ready = false;
    await ended.promise;
    return wasReady;
  }

  async #answers(): Promise<boolean> {
    const { readinessPath } = this.#options.container;
    const status = await statusOf(this.#port, readinessPath ?? "/");
    if (status === undefined) return false;
    return readinessPath === undefined || (status >= 200 && status < 400);
  }

  #start(command: Runnable, folder: string): ChildProcess {
    const { python, environment } = this.#options;
    const port = String(this.#port);
    const [program, words] =
      command.runtime === "python"
        ? [python, ["-B", pythonWrapper, command.module, ...command.words, "--host", "127.0.0.1", "--port", port]]
        : [process.execPath, [nodeWrapper, ...command.words]];
    const logs = ["log", "err"].map((kind) => openSync(this.#log(kind), "w", 0o600));
    const child = spawn(program, words, {
      cwd: folder,
      env: { ...machineVariables(), PYTHONUNBUFFERED: "1", ...environment, PORT: port },
      stdio: ["pipe", ...logs],
      detached: true,
    });
    logs.forEach(closeSync);
    // Nobody waits for it but who asks: it must not keep a driver that is done.
    child.unref();
    (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    child.stdin?.on("error", () => undefined);
    return child;
  }

  #log(kind: string): string {
    const folder = join(this.#options.directory, "clusters", "logs");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return join(folder, `${this.#options.name}.${kind}`);
  }
}

/** All that a container gets of this machine. */
function machineVariables(): Record<string, string> {
  const names = ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** The last thing it said, on one line and without the values it was given. */
export function lastLine(file: string, secrets: readonly string[]): string {
  let said: string;
  try {
    said = readFileSync(file, "utf8");
  } catch {
    said = "";
  }
  const line = said.trimEnd().split("\n").at(-1)?.trim() || "it ended without a word";
  const hidden = secrets.filter((value) => value.length > 3).sort((a, b) => b.length - a.length);
  return hidden.reduce((text, value) => text.replaceAll(value, "***"), line).slice(0, 200);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
