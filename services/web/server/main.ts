import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp, type Log } from "./app.ts";
import { loadSettings } from "./settings.ts";
import { loadStaticFiles } from "./static-files.ts";

interface Output {
  write(text: string): unknown;
}

/** Serves until SIGTERM or SIGINT, then lets requests in flight end. Returns the exit code. */
export async function main(environment: NodeJS.ProcessEnv, output: Output): Promise<number> {
  const log = jsonLog(output, environment["ENVIRONMENT"] ?? "local");
  try {
    const settings = loadSettings(environment);
    const server = createApp(settings, await loadStaticFiles(settings.dist), log);
    server.listen(settings.port, settings.host);
    await once(server, "listening");
    log("listening", { host: settings.host, port: (server.address() as AddressInfo).port, api: settings.apiUrl });
    const signal = await stopSignal();
    log("stopping", { signal });
    await close(server, settings.drain);
    log("stopped", {});
    return 0;
  } catch (error) {
    log("cannot start", { level: "error", error: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}

/** One line of JSON per message, with the same keys as the other services. */
export function jsonLog(output: Output, environment: string, now: () => Date = () => new Date()): Log {
  return (message, fields) => {
    const line = { time: now().toISOString(), level: "info", service: "web", environment, message, ...fields };
    output.write(`${JSON.stringify(line)}\n`);
  };
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}

/** No new connections; those that wait are closed, those that are answered get this many milliseconds. */
async function close(server: Server, drain: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drain);
  await closed;
  clearTimeout(timer);
}
