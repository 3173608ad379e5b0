import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { bodyOf, forward, maxBodyBytes } from "./http.ts";

/** A revision behind a service, by template hash, with its number of pods. */
export interface Backend {
  hash: string;
  weight: number;
  port: number;
}

/** What a router saw of a revision. */
export interface Traffic {
  requests: number;
  errors: number;
}

/** The local address of one service: splits its requests over the revisions behind it by their pods, and counts what came back. */
export class ServiceRouter {
  readonly #server: Server;
  readonly #traffic = new Map<string, Traffic>();
  #backends: readonly Backend[] = [];
  #balance = new Map<string, number>();

  private constructor() {
    this.#server = createServer((request, response) => {
      this.handle(request, response, request.url ?? "/").catch(() => response.destroy());
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async open(): Promise<ServiceRouter> {
    const router = new ServiceRouter();
    router.#server.listen(0, "127.0.0.1");
    await once(router.#server, "listening");
    return router;
  }

  /** `http://127.0.0.1:<port>` */
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get backends(): readonly Backend[] {
    return this.#backends;
  }

  set backends(backends: readonly Backend[]) {
    if (JSON.stringify(backends) === JSON.stringify(this.#backends)) return;
    this.#backends = backends;
    this.#balance = new Map();
  }

  /** Requests and server errors of a revision since this was asked last. */
  takeTraffic(hash: string): Traffic {
    const seen = this.#traffic.get(hash) ?? { requests: 0, errors: 0 };
    this.#traffic.delete(hash);
    return seen;
  }

  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return refuse(response, 413, `at most ${maxBodyBytes} bytes`);
    const backend = this.#next();
    if (backend === undefined) return refuse(response, 503, "no pod is ready");
    const status = await forward(request, body, response, { port: backend.port, path });
    const seen = this.#traffic.get(backend.hash) ?? { requests: 0, errors: 0 };
    this.#traffic.set(backend.hash, { requests: seen.requests + 1, errors: seen.errors + (status >= 500 ? 1 : 0) });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #next(): Backend | undefined {
    const hash = nextHash(this.#backends, this.#balance);
    return this.#backends.find((each) => each.hash === hash);
  }
}

/**
 * Weighted round robin without bursts: each turn everybody gains its weight, and who has most pays the sum of all. Of any `sum` turns in a
 * row everybody gets exactly its weight.
 */
export function nextHash(
  backends: readonly Pick<Backend, "hash" | "weight">[],
  balance: Map<string, number>,
): string | undefined {
  const sum = backends.reduce((total, { weight }) => total + weight, 0);
  let best: string | undefined;
  for (const { hash, weight } of backends) {
    const gained = (balance.get(hash) ?? 0) + weight;
    balance.set(hash, gained);
    if (best === undefined || gained > (balance.get(best) ?? 0)) best = hash;
  }
  if (best !== undefined) balance.set(best, (balance.get(best) ?? 0) - sum);
  return best;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "text/plain", connection: "close" });
  response.end(`${message}\n`);
}
