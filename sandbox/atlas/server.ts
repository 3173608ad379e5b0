import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import type { Cloud } from "../cloud/cloud.ts";
import { takeFault, type Fault } from "../cloud/faults.ts";
import { listenLocally, type LocalServer } from "../local-server.ts";
import { roleOf, tokenFor } from "./credentials.ts";
import { answerType, AtlasError, bodyOf, errorBody, versionOf } from "./protocol.ts";
import { routeOf, type Call, type Route } from "./routes.ts";
import { jsonOf } from "./views.ts";

/** What requests are answered with; made with the first of them. */
export interface Answering {
  routes: readonly Route[];
  cloud: Cloud;
  now(): number;
}

const tokenPath = "/api/oauth/token";
const groupPath = /^\/api\/atlas\/v2\/groups\/([^/]+)(\/.*)$/;
/** Seconds after which a request that was one too many may come again. */
const retryAfter = "1";

/** Listens on a free port of 127.0.0.1. The server alone does not keep its process running. */
export async function listen(answering: () => Promise<Answering>): Promise<LocalServer> {
  const server = createServer((request, response) => {
    answer(request, response, answering).catch((error: unknown) => refuse(request, response, error));
  });
  const local = await listenLocally(server);
  server.unref();
  server.on("connection", (socket) => socket.unref());
  return local;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answering: () => Promise<Answering>,
): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const body = await bodyOf(request);
  const { routes, cloud, now } = await answering();
  const address = new URL(url, "http://localhost");
  const { authorization, accept } = request.headers;
  if (method === "POST" && address.pathname === tokenPath) {
    const work = () => tokenFor(authorization, body, now());
    return send(response, 200, "application/json", await struck(cloud, "token", "create", work, response));
  }
  const [, projectId = "", path = ""] = groupPath.exec(address.pathname) ?? [];
  if (projectId === "") throw new AtlasError(404, "RESOURCE_NOT_FOUND", `Cannot find resource ${address.pathname}.`);
  const role = roleOf(authorization, method, url, now());
  const type = answerType(accept);
  const { route, parts } = routeOf(routes, method, path);
  if (!/^[0-9a-f]{24}$/.test(projectId))
    throw new AtlasError(400, "INVALID_GROUP_ID", `An invalid group ID ${projectId} was specified.`, {
      parameters: [projectId],
    });
  if (method !== "GET" && role === "Project Read Only")
    throw new AtlasError(
      403,
      "USER_UNAUTHORIZED",
      `The account has the role ${role}; this needs Project Stream Processing Owner.`,
    );
  const call: Call = { method, projectId, parts, query: address.searchParams, body, version: versionOf(type) };
  const made = await struck(cloud, route.kind, route.operation, async () => route.answer(call), response);
  if (made === undefined) send(response, 204, type, undefined);
  else send(response, 200, type, made);
}

/** Does something under the faults that are set for `mongodbatlas:api/<kind>`. */
async function struck<T>(
  cloud: Cloud,
  kind: string,
  operation: Route["operation"],
  work: () => T | Promise<T>,
  response: ServerResponse,
  after = 0,
): Promise<T> {
  const fault = takeFault(cloud.database, `mongodbatlas:api/${kind}`, operation, { after });
  if (fault === undefined) return work();
  return strike(fault, work, response, () => struck(cloud, kind, operation, work, response, fault.id));
}

async function strike<T>(
  fault: Fault,
  work: () => T | Promise<T>,
  response: ServerResponse,
  again: () => Promise<T>,
): Promise<T> {
  const words = fault.message || "injected by `slipway sandbox fault`";
  switch (fault.kind) {
    case "throttle":
      throw new AtlasError(429, "RATE_LIMITED", words, { headers: { "retry-after": retryAfter } });
    case "error":
      throw new AtlasError(500, "UNEXPECTED_ERROR", words);
    case "latency":
      await delay(fault.milliseconds);
      return again();
    case "crash":
      // The effect is there, or not, and nobody hears of it.
      if (fault.moment === "after") await work();
      response.destroy();
      throw new AtlasError(500, "UNEXPECTED_ERROR", words);
    case "unhealthy":
      return again();
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const message = error instanceof Error ? error.message : String(error);
  const known =
    error instanceof AtlasError ? error : new AtlasError(500, "UNEXPECTED_ERROR", `The sandbox failed: ${message}`);
  // A body that was refused is not read to its end.
  const close = request.complete ? {} : { connection: "close" };
  send(response, known.status, "application/json", errorBody(known), { ...known.headers, ...close });
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return;
  const bytes = body === undefined ? undefined : Buffer.from(jsonOf(body));
  const about = bytes === undefined ? {} : { "content-type": type, "content-length": String(bytes.byteLength) };
  response.writeHead(status, { ...about, ...headers });
  response.end(bytes);
}
