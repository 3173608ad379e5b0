import { Agent, request, type IncomingMessage, type ServerResponse } from "node:http";

/** Largest body of a request that is handed on. */
export const maxBodyBytes = 1_048_576;

const timeoutMs = 30_000;
/** Headers that belong to a connection, not to what it carries. */
const ownOfConnection = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "host",
  "expect",
  "authorization",
]);
/** No connection is kept: an answer says what the process at the port is now. */
const agent = new Agent({ keepAlive: false });

/** Status of a GET on a port of 127.0.0.1; undefined without an answer in `patienceMs`. */
export function statusOf(port: number, path: string, patienceMs = 5_000): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, path, agent, timeout: patienceMs }, (answer) => {
      answer.on("error", () => resolve(undefined));
      answer.on("end", () => resolve(answer.statusCode));
      answer.resume();
    });
    asked.on("timeout", () => asked.destroy(new Error("timeout")));
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}

const largestDocument = 4 * 1024 * 1024;

/** A JSON document from a port of 127.0.0.1; undefined where there is none. */
export async function readJson(port: number, path: string): Promise<unknown> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(5_000),
      redirect: "error",
    });
    const text =
      answer.ok && Number(answer.headers.get("content-length") ?? 0) <= largestDocument ? await answer.text() : "";
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Body of a request; undefined when it is larger than what is handed on. */
export async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Hands a request on to a port of 127.0.0.1 and the answer back; returns its status, 502 where there was none. */
export function forward(
  { method, headers }: Pick<IncomingMessage, "method" | "headers">,
  body: Buffer,
  response: ServerResponse,
  { port, path }: { port: number; path: string },
): Promise<number> {
  const kept = Object.entries(headers).filter(([name]) => !ownOfConnection.has(name));
  return new Promise((resolve) => {
    const options = {
      host: "127.0.0.1",
      port,
      path,
      method,
      headers: { ...Object.fromEntries(kept), "content-length": body.byteLength },
    };
    const asked = request({ ...options, agent, timeout: timeoutMs }, (answer) => {
      const status = answer.statusCode ?? 502;
      const passed = Object.entries(answer.headers).filter(([name]) => !ownOfConnection.has(name));
      response.writeHead(status, Object.fromEntries(passed));
      answer.pipe(response);
      answer.on("end", () => resolve(status));
      answer.on("error", () => response.destroy());
      answer.on("close", () => resolve(status));
    });
    asked.on("timeout", () => asked.destroy(new Error("it did not answer in time")));
    asked.on("error", (error) => {
      if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain" });
      response.end(`the pod cannot be reached: ${error.message}\n`);
      resolve(502);
    });
    response.on("close", () => asked.destroy());
    asked.end(body);
  });
}
