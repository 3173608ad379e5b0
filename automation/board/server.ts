import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ExitCode, SlipwayError } from "../errors.ts";
import { moment } from "../report/time.ts";
import type { Board } from "./model.ts";
import { boardMain, boardPage, boardPolicy } from "./page.ts";

/** Where boards come from. */
export interface BoardSource {
  /** What is the case now. */
  current(): Promise<Board>;
  /** Calls with every board that differs, and what happened since the one before; answers how to stop that. */
  follow(onBoard: (board: Board, said: readonly string[]) => void): () => void;
}

/** A server on 127.0.0.1 that shows a board. */
export interface BoardServer {
  /** `http://127.0.0.1:<port>/` */
  address: string;
  close(): Promise<void>;
}

/** No other page may frame it, read it or learn of it; nothing of it is kept. */
const headers: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Pages that may follow at once; each holds a connection. */
const mostFollowers = 64;

/** Bytes that wait for a page that does not read. */
const mostUnread = 8 * 1024 * 1024;

interface Serving {
  source: BoardSource;
  script: string;
  followers: Set<ServerResponse>;
}

/** Listens on a port of 127.0.0.1; 0 takes a free one. */
export async function serveBoard(source: BoardSource, script: string, port: number): Promise<BoardServer> {
  const serving: Serving = { source, script, followers: new Set() };
  const server = createServer((request, response) => {
    answer(serving, request, response).catch((error: unknown) => refuse(response, 500, (error as Error).message));
  });
  await listening(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${taken}/`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listening(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SlipwayError(ExitCode.usage, `--port: ${port} cannot be listened on (${code ?? "unknown"}).`, {
      where: `127.0.0.1:${port}`,
      next: "End what uses it, name another port, or take a free one with --port 0.",
      cause,
    });
  }
}

async function answer(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = request;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (!isOurs(request))
    return refuse(response, 421, "This is slipway board on 127.0.0.1, asked for under another name.");
  if (isForeign(request)) return refuse(response, 403, "Another site may not ask.");
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return refuse(response, 405, "The board is only read.");
  }
  switch (url.split("?", 1)[0]) {
    case "/":
      response.setHeader("content-security-policy", boardPolicy(serving.script));
      return send(response, "text/html", boardPage(await serving.source.current(), serving.script));
    case "/board.json":
      return send(response, "application/json", JSON.stringify(await serving.source.current()));
    case "/events":
      return follow(serving, request, response);
    default:
      return refuse(response, 404, "There is nothing here but / and /board.json.");
  }
}

/**
 * Whether it was asked for under the name that it was given out under. A page elsewhere whose name suddenly leads to 127.0.0.1 comes with that
 * name, and would otherwise read as if it were this one.
 */
function isOurs({ headers: { host }, socket }: IncomingMessage): boolean {
  const port = String(socket.localPort);
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** Browsers say where a request comes from; a link that somebody follows is none of that. */
function isForeign({
  headers: { origin, host, "sec-fetch-site": site, "sec-fetch-mode": mode },
}: IncomingMessage): boolean {
  if (origin !== undefined && origin !== `http://${host ?? ""}`) return true;
  return (site === "cross-site" || site === "same-site") && mode !== "navigate";
}

function send(response: ServerResponse, type: string, body: string): void {
  response.setHeader("content-type", `${type}; charset=utf-8`);
  response.end(body);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.statusCode = status;
  send(response, "text/plain", `${message}\n`);
}

/** Server-sent events: the board as it is, then every one that differs. */
async function follow(
  { source, followers }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (followers.size >= mostFollowers) return refuse(response, 503, `${mostFollowers} pages follow already.`);
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  if (request.method === "HEAD") return void response.end();
  followers.add(response);
  const tell = (board: Board, said: readonly string[]) => {
    // Who does not read is let go, and comes again for the board as it is then.
    if (response.writableLength > mostUnread) response.destroy();
    else if (!response.destroyed) response.write(eventOf(board, said));
  };
  response.write("retry: 2000\n\n");
  const stop = source.follow(tell);
  response.on("close", () => {
    followers.delete(response);
    stop();
  });
  tell(await source.current(), []);
}

/** JSON has no line ends of its own, so an event is one line of data. */
const eventOf = (board: Board, said: readonly string[]): string =>
  `event: board\ndata: ${JSON.stringify({ main: boardMain(board).text, at: moment(board.at), said })}\n\n`;
