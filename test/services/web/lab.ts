import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createApp } from "../../../services/web/server/app.ts";
import { loadSettings } from "../../../services/web/server/settings.ts";
import { loadStaticFiles } from "../../../services/web/server/static-files.ts";
import { type FakeApi, startFakeApi } from "./fake-api.ts";

export type LogLine = Record<string, unknown> & { message: string };

/** The web service with a small page, in front of an api that does as it is told. */
export interface Lab {
  folder: string;
  api: FakeApi;
  port: number;
  lines: LogLine[];
  get(target: string, init?: RequestInit): Promise<Response>;
  /** Sends a path as it is: `fetch` would tidy it up. */
  raw(target: string, method?: string): Promise<{ status: number | undefined; length: unknown; text: string }>;
  close(): Promise<void>;
}

export async function startLab(environment: Record<string, string> = {}): Promise<Lab> {
  const folder = await pageFolder();
  const api = await startFakeApi();
  const lines: LogLine[] = [];
  const settings = loadSettings({ API_URL: `${api.url}/`, ENVIRONMENT: "dev", ...environment }, folder);
  const log = (message: string, fields: object) => void lines.push({ message, ...fields });
  const server = createApp(settings, await loadStaticFiles(settings.dist), log);
  const port = await listen(server);
  return {
    folder,
    api,
    port,
    lines,
    get: (target, init) => fetch(`http://127.0.0.1:${port}${target}`, init),
    raw: (target, method = "GET") => raw(port, target, method),
    async close() {
      server.closeAllConnections();
      server.close();
      await api.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function pageFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-web-"));
  await mkdir(path.join(folder, "dist", "assets"), { recursive: true });
  await writeFile(path.join(folder, "dist", "index.html"), "<!doctype html><title>page</title>");
  await writeFile(path.join(folder, "dist", "assets", "index-1a2b.js"), "export {};");
  await writeFile(path.join(folder, "dist", "data.bin"), "x");
  await writeFile(path.join(folder, "secret"), "secret");
  return folder;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function raw(port: number, target: string, method: string) {
  const sent = request({ port, host: "127.0.0.1", path: target, method });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return { status: response.statusCode, length: response.headers["content-length"], text };
}
