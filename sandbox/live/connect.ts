import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { CloudResource } from "../types/type-spec.ts";
import { localAddress } from "./address.ts";
import { onLines, sendLine, type Reply, type Request, type SupervisorAddress } from "./messages.ts";
import { livePaths } from "./paths.ts";
import { isRunning } from "./process.ts";
import { readyPython } from "./python.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The running emulator of one sandbox, for as long as this is open. */
export interface LiveCloud {
  /** `http://127.0.0.1:<port>`, for every service that the emulator has. */
  endpoint: string;
  /** The same for SageMaker, its runtime and CodeDeploy, which it has not. */
  awsApi: string;
  /** Where an address of an API of this cloud answers here; other addresses come back as they are. */
  urlOf(url: string): string;
  /** Resources that could not be brought in line when the emulator started, with the reason. */
  problems: readonly string[];
  /** The account is the access key; nothing is secret. */
  credentialsFor(account: string): { accessKeyId: string; secretAccessKey: string };
  /** @throws Error in the emulator's words. */
  ensure(resource: CloudResource): Promise<void>;
  remove(resource: CloudResource): Promise<void>;
  /** Settles when the emulator is not to be reached any more. */
  ended: Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  environment?: Environment;
  /** `false`: only an emulator that runs already. */
  start?: boolean;
}

const supervisorFile = fileURLToPath(new URL("supervisor.ts", import.meta.url));
const startDeadlineMs = 120_000;

/**
 * Connects to the sandbox's emulator, and starts it first where nobody did. Undefined when the sandbox is simulated only:
 * `SLIPWAY_SANDBOX_LIVE=off`, or there is no Python to run it.
 *
 * @throws Error when the emulator cannot be started.
 */
export async function connectLive(directory: string, options: ConnectOptions = {}): Promise<LiveCloud | undefined> {
  const environment = { ...process.env, ...options.environment };
  if (environment["SLIPWAY_SANDBOX_LIVE"] === "off") return undefined;
  const found = await open(directory);
  if (found !== undefined || options.start === false) return found;
  const python = readyPython(environment);
  if (python === undefined) return undefined;
  const deadline = performance.now() + startDeadlineMs;
  let child: ChildProcess | undefined;
  while (performance.now() < deadline) {
    // One that finds another at work ends at once; that other may be about to end, so it is tried again.
    if (child === undefined || hasEnded(child)) child = startSupervisor(directory, python, environment);
    await pause(25);
    if (child.exitCode === 1) break;
    const opened = await open(directory);
    if (opened !== undefined) return opened;
  }
  throw new Error(`the sandbox's emulator cannot be started; see ${livePaths(directory).logs}`);
}

/** Ends the emulator of a sandbox, whoever uses it. Returns false when none ran. */
export async function stopLive(directory: string): Promise<boolean> {
  const address = readAddress(directory);
  if (address === undefined || !isRunning(address)) return false;
  const channel = await Channel.open(address);
  await channel?.request({ operation: "stop" }).catch(() => undefined);
  const deadline = performance.now() + 15_000;
  while (isRunning(address) && performance.now() < deadline) await pause(20);
  channel?.close();
  return true;
}

/** Where the emulator of a sandbox answers, when one runs. Does not keep it running. */
export async function liveEndpoint(directory: string): Promise<string | undefined> {
  const live = await connectLive(directory, { start: false });
  await live?.close();
  return live?.endpoint;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function startSupervisor(directory: string, python: string, environment: Environment): ChildProcess {
  const words = ["--disable-warning=ExperimentalWarning", supervisorFile, directory, python];
  const child = spawn(process.execPath, words, { detached: true, stdio: "ignore", env: { ...environment }, cwd: "/" });
  child.unref();
  child.on("error", () => undefined);
  return child;
}

async function open(directory: string): Promise<LiveCloud | undefined> {
  const address = readAddress(directory);
  const channel = address === undefined ? undefined : await Channel.open(address);
  if (channel === undefined) return undefined;
  const ready = await channel.request({ operation: "ready" }).catch((error: unknown) => {
    // It was about to end when it answered: there is none.
    if (error instanceof Ended) return undefined;
    throw error;
  });
  if (ready === undefined) return undefined;
  const { endpoint = "", awsApi = "", problems = [] } = ready;
  return {
    endpoint,
    awsApi,
    urlOf: (url) => localAddress(url, endpoint),
    problems,
    credentialsFor: (account) => ({ accessKeyId: account, secretAccessKey: "sandbox" }),
    ensure: async (resource) => void (await channel.request({ operation: "ensure", resource })),
    remove: async (resource) => void (await channel.request({ operation: "remove", resource })),
    ended: channel.ended,
    close: async () => channel.close(),
  };
}

function readAddress(directory: string): SupervisorAddress | undefined {
  try {
    return JSON.parse(readFileSync(livePaths(directory).endpoint, "utf8")) as SupervisorAddress;
  } catch {
    return undefined;
  }
}

type NewRequest = Request extends infer R ? (R extends Request ? Omit<R, "id"> : never) : never;

/** One connection; holding it open keeps the emulator running. */
class Channel {
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply | undefined) => void>();
  #last = 0;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    onLines(socket, (message) => this.#receive(message as Reply));
    this.ended = new Promise((resolve) => socket.once("close", () => resolve(this.#lose())));
  }

  static async open({ port, token }: SupervisorAddress): Promise<Channel | undefined> {
    const socket = connect({ port, host: "127.0.0.1" });
    try {
      await once(socket, "connect");
    } catch {
      return undefined;
    }
    socket.on("error", () => socket.destroy());
    // A command that has nothing else to do ends; the connection alone does not keep it.
    socket.unref();
    sendLine(socket, { token });
    return new Channel(socket);
  }

  async request(request: NewRequest): Promise<Reply> {
    if (this.#closed) throw new Ended();
    const id = (this.#last += 1);
    this.#socket.ref();
    const reply = await new Promise<Reply | undefined>((resolve) => {
      this.#waiting.set(id, resolve);
      sendLine(this.#socket, { ...request, id });
    });
    if (reply === undefined) throw new Ended();
    if (this.#waiting.size === 0) this.#socket.unref();
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #receive(reply: Reply): void {
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #lose(): void {
    this.#closed = true;
    for (const answer of this.#waiting.values()) answer(undefined);
    this.#waiting.clear();
  }
}

class Ended extends Error {
  constructor() {
    super("the sandbox's emulator has ended");
  }
}
