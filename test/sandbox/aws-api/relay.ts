import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** An address in front of a server that comes later: who connects waits until it is there. */
export class Relay {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #target = Promise.withResolvers<string>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => void this.#pass(socket));
  }

  static async open(): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return relay;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#open.size;
  }

  /** From now on, and for everybody who waits. */
  leadTo(endpoint: string): void {
    this.#target.resolve(endpoint);
  }

  /** Hangs up on everybody who waits. */
  hangUp(): void {
    for (const socket of this.#open) socket.destroy();
  }

  close(): void {
    this.hangUp();
    this.#server.close();
  }

  async #pass(socket: Socket): Promise<void> {
    this.#open.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#open.delete(socket));
    const { hostname, port } = new URL(await this.#target.promise);
    if (socket.destroyed) return;
    const there = connect(Number(port), hostname);
    there.on("error", () => socket.destroy());
    socket.pipe(there).pipe(socket);
  }
}
