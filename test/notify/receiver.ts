import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A local HTTP server that keeps what it was sent and answers as it is told. */
export interface Receiver {
  url: string;
  received: Received[];
  /** Resolves when so many requests have come in. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, nth: number) => void;

/** Takes the request and never answers. */
const hang: Answer = () => undefined;
const ok: Answer = (response) => void response.end("ok");
const redirect: Answer = (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
const reset: Answer = (response) => void response.destroy();
const status =
  (code: number): Answer =>
  (response) =>
    void response.writeHead(code).end("no");
const later =
  (milliseconds: number): Answer =>
  (response) =>
    void setTimeout(() => response.end("ok"), milliseconds);

export const answers = { hang, ok, redirect, reset, status, later };

export async function receive(answer: Answer): Promise<Receiver> {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      for (const wake of waiting.splice(0)) wake();
      answer(response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook/secret-path`,
    received,
    async until(count) {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
