/**
 * The process that holds the emulator of one sandbox: `node supervisor.ts <sandbox directory> <python>`. `connect.ts` starts it when
 * nobody answers. It serves as long as somebody is connected and a little longer, then it ends the emulator, state saved, and itself.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { awsApiVariables, startAwsApi, type AwsApi } from "../aws-api/index.ts";
import { startEmulator, type Emulator } from "./emulator.ts";
import { Ledger } from "./ledger.ts";
import { onLines, sendLine, type Hello, type Reply, type Request, type SupervisorAddress } from "./messages.ts";
import { cacheFolder, livePaths, type LivePaths } from "./paths.ts";
import { markOf } from "./process.ts";
import { messageOf, Projection } from "./projection.ts";
import { makeClients } from "./types/clients.ts";
import type { LiveClients } from "./types/live-type.ts";

/** How long the emulator stays after the last client left: commands follow each other within seconds. */
const defaultLingerMs = 4_000;
/** How long it waits for the first one, which may itself be busy or dead. */
const firstClientMs = 15_000;

interface Ready {
  emulator: Emulator;
  api: AwsApi;
  clients: LiveClients;
  projection: Projection;
  problems: string[];
}

class Supervisor {
  readonly #token = randomBytes(24).toString("hex");
  readonly #clients = new Set<Socket>();
  readonly #lingerMs: number;
  #timer: NodeJS.Timeout | undefined;
  #leaving = false;
  #busy = () => false;
  #ready: Promise<Ready> = new Promise(() => {});
  readonly #end = Promise.withResolvers<void>();

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs;
    this.#waitForClients(firstClientMs);
  }

  /** Settles when it is time to go: nobody is connected any more, somebody asked for it, or the emulator is gone. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  address(port: number): SupervisorAddress {
    return { pid: process.pid, started: markOf(process.pid)?.started ?? "", port, token: this.#token };
  }

  serve(ready: Promise<Ready>): void {
    this.#ready = ready;
    ready.then(
      ({ emulator, api }) => {
        this.#busy = () => api.busy();
        void emulator.ended.then(() => this.leave());
      },
      (error: unknown) => this.#end.reject(error),
    );
  }

  accept(socket: Socket): void {
    let known = false;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#clients.delete(socket);
      if (known && this.#clients.size === 0) this.#waitForClients(this.#lingerMs);
    });
    onLines(socket, (message) => {
      if (known) void this.#answer(message as Request).then((reply) => sendLine(socket, reply));
      else if ((message as Hello).token === this.#token) {
        known = true;
        clearTimeout(this.#timer);
        this.#clients.add(socket);
      } else socket.destroy();
    });
  }

  leave(): void {
    this.#end.resolve();
  }

  disconnect(): void {
    this.#leaving = true;
    clearTimeout(this.#timer);
    // What was answered last still goes out.
    for (const socket of this.#clients) socket.destroySoon();
  }

  #waitForClients(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#leaving) return;
    // A shift of traffic that is under way goes on when whoever started it has left.
    this.#timer = setTimeout(() => (this.#busy() ? this.#waitForClients(milliseconds) : this.leave()), milliseconds);
  }

  async #answer(request: Request): Promise<Reply> {
    const { id } = request;
    try {
      if (request.operation === "stop") {
        setImmediate(() => this.leave());
        return { id };
      }
      const { emulator, api, projection, problems } = await this.#ready;
      if (request.operation === "ready") return { id, endpoint: emulator.endpoint, awsApi: api.endpoint, problems };
      await projection[request.operation](request.resource);
      return { id };
    } catch (error) {
      return { id, error: messageOf(error) };
    }
  }
}

async function main(directory: string, python: string): Promise<void> {
  const paths = livePaths(directory);
  const ledger = Ledger.open(paths.ledger);
  if (ledger === undefined) return;
  const supervisor = new Supervisor(Number(process.env["SLIPWAY_SANDBOX_LINGER_MS"] ?? defaultLingerMs));
  const server = createServer((socket) => supervisor.accept(socket));
  let ready: Promise<Ready> | undefined;
  try {
    process.once("SIGTERM", () => supervisor.leave());
    const { port } = await listening(server);
    // The address is out before the record is read: whoever changes the record from now on finds the address and asks for it.
    publish(paths, supervisor.address(port));
    ready = prepare(directory, python, ledger);
    supervisor.serve(ready);
    await supervisor.ended;
  } finally {
    rmSync(paths.endpoint, { force: true });
    supervisor.disconnect();
    server.close();
    await ready?.then(shutDown).catch(() => undefined);
    ledger.close();
  }
}

/** The services beside the emulator come first: functions find their address in the environment of the emulator. */
async function prepare(directory: string, python: string, ledger: Ledger): Promise<Ready> {
  const paths = livePaths(directory);
  const api = await startAwsApi({ directory, python, onNote: (line) => note(paths, line) });
  const variables = awsApiVariables(api.endpoint);
  const emulator = await startEmulator({ paths, python, cache: cacheFolder(process.env), variables }).catch(
    async (error: unknown) => {
      await api.close();
      throw error;
    },
  );
  const clients = makeClients(emulator.endpoint);
  const projection = new Projection(clients, ledger, (alias) => api.aliasVersion(alias));
  const problems = await projection.replay(directory);
  for (const problem of problems) note(paths, problem);
  api.attach(emulator.endpoint);
  return { emulator, api, clients, projection, problems };
}

/** Who calls the emulator ends first, and open connections: its way down would wait for them. */
async function shutDown({ emulator, api, clients }: Ready): Promise<void> {
  await api.close();
  clients.destroy();
  await emulator.stop();
}

async function listening(server: Server): Promise<AddressInfo> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address() as AddressInfo;
}

function publish({ endpoint }: LivePaths, address: SupervisorAddress): void {
  const temporary = `${endpoint}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(address), { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, endpoint);
}

function note({ logs }: LivePaths, line: string): void {
  mkdirSync(logs, { recursive: true });
  appendFileSync(join(logs, "supervisor.log"), `${new Date().toISOString()} ${line}\n`);
}

const [directory = "", python = ""] = process.argv.slice(2);
try {
  await main(directory, python);
} catch (error) {
  note(livePaths(directory), messageOf(error));
  process.exitCode = 1;
}
