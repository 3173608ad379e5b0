import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, callerGone, json, problem, type Question } from "./answer.ts";
import { answerFromApi, apiRoute, ask, isApiPath } from "./api-proxy.ts";
import { Metrics } from "./metrics.ts";
import { BodyTooLarge, readBody } from "./body.ts";
import type { Settings } from "./settings.ts";
import { answerStatic, type StaticFiles } from "./static-files.ts";

export type Log = (message: string, fields: Record<string, unknown>) => void;

/** Nothing but this page's own files runs or is shown, and no other page may frame it. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const READY_TIMEOUT = 2000;

/** The service without an address: the page's files, the api behind `/api/`, probes and metrics. */
export function createApp(settings: Settings, files: StaticFiles, log: Log): Server {
  const metrics = new Metrics();
  const server = createServer({ requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 });
  server.on("request", (request, response) => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    void answer({ request, path, requestId, gone: gone.signal, log }, (question) =>
      route(question, { settings, files, metrics }),
    ).then((answer) => {
      // A connection that stays open would hold up a server that stops.
      const closing = server.listening ? {} : { connection: "close" };
      send(request, response, { ...answer, headers: { ...answer.headers, ...closing, "x-request-id": requestId } });
      const seconds = Number(((performance.now() - started) / 1000).toFixed(6));
      const method = METHODS.has(request.method ?? "") ? String(request.method) : "other";
      const name = routeOf(path, files);
      metrics.count(name, method, answer.status, seconds);
      log("request", { request_id: requestId, route: name, method, status: answer.status, seconds });
    });
  });
  return server;
}

/** The id that the request came with, where it is fit for a log, or a new one. */
function requestIdOf(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[A-Za-z0-9._-]{1,64}$/u.test(given) ? given : randomUUID();
}

interface Incoming {
  request: IncomingMessage;
  path: string;
  requestId: string;
  gone: AbortSignal;
  log: Log;
}

/** Never rejects: what goes wrong is an answer. */
async function answer(incoming: Incoming, route: (question: Question) => Promise<Answer> | Answer): Promise<Answer> {
  const { request, path, requestId, gone, log } = incoming;
  try {
    const body = await readBody(request);
    return await route({ method: request.method ?? "", path, headers: request.headers, body, requestId, gone });
  } catch (error) {
    // Bytes that were not read would be taken for the next request.
    if (error instanceof BodyTooLarge) return problem(413, error.message, { connection: "close" });
    if (gone.aborted || !request.complete) return callerGone();
    log("unhandled error", { request_id: requestId, level: "error", error: String(error) });
    return problem(500, "internal error");
  }
}

interface Parts {
  settings: Settings;
  files: StaticFiles;
  metrics: Metrics;
}

function route(question: Question, { settings, files, metrics }: Parts): Promise<Answer> | Answer {
  if (isApiPath(question.path)) return answerFromApi({ url: settings.apiUrl, timeout: settings.apiTimeout }, question);
  const probe = question.method === "GET" || question.method === "HEAD" ? question.path : undefined;
  if (probe === "/health") return json(200, { status: "ok", environment: settings.environment });
  if (probe === "/ready") return ready(settings, question);
  if (probe === "/metrics") {
    const body = Buffer.from(metrics.text(), "utf8");
    return { status: 200, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" }, body };
  }
  return answerStatic(files, question);
}

async function ready(settings: Settings, { requestId, gone }: Question): Promise<Answer> {
  const api = { url: settings.apiUrl, timeout: Math.min(READY_TIMEOUT, settings.apiTimeout) };
  const { status } = await ask(api, "/ready", { method: "GET", body: new Uint8Array(), requestId, gone });
  if (status === 200) return json(200, { status: "ready" });
  return problem(503, `the api answers ${status}`);
}

function routeOf(path: string, files: StaticFiles): string {
  if (isApiPath(path)) return apiRoute(path);
  if (["/health", "/ready", "/metrics"].includes(path)) return path;
  if (!files.has(path)) return "unmatched";
  return path === "/" || path === "/index.html" ? "/" : "static";
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer) {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...headers,
    ...(status === 304 ? {} : { "content-length": String(body.byteLength) }),
  });
  response.end(request.method === "HEAD" || status === 304 ? undefined : body);
}
