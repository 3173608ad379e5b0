import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Stands for the api service: answers as it is told to and keeps what it was asked. */
export interface FakeApi {
  url: string;
  asked: Asked[];
  /** Decides every answer; may be replaced at any time. */
  answer: (asked: Asked, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startFakeApi(): Promise<FakeApi> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      api.asked.push(asked);
      api.answer(asked, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const api: FakeApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: (_, response) => void response.writeHead(200, { "content-type": "application/json" }).end("[]"),
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return api;
}
