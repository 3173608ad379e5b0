import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { listenLocally, type LocalServer } from "../local-server.ts";
import { AwsError, bodyOf, membersOf, operationOf, scopeOf, type Operations, type Scope } from "./protocol.ts";
import type { Answer, Invocation } from "./sagemaker/runtime.ts";

/** What the server answers with. */
export interface Handlers {
  /** By the service's name in `X-Amz-Target`. */
  services: Readonly<Record<string, Operations>>;
  invoke(scope: Scope, endpoint: string, invocation: Invocation): Promise<Answer>;
}

const jsonType = "application/x-amz-json-1.1";
const invocationPath = /^\/endpoints\/([^/?]+)\/invocations$/;

/**
 * Listens on a free port of 127.0.0.1 and speaks AWS's JSON protocol, and SageMaker's runtime beside it.
 *
 * @param handlers Settle when there is something to answer with; requests wait for them.
 */
export async function listen(handlers: Promise<Handlers>, onNote: (line: string) => void): Promise<LocalServer> {
  const server = createServer((request, response) => {
    answer(request, response, handlers).catch((error: unknown) => {
      if (!(error instanceof AwsError))
        onNote(`${request.url}: ${error instanceof Error ? error.stack : String(error)}`);
      refuse(request, response, error);
    });
  });
  return listenLocally(server);
}

async function answer(request: IncomingMessage, response: ServerResponse, handlers: Promise<Handlers>): Promise<void> {
  const body = await bodyOf(request);
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const [, endpoint] = invocationPath.exec(path) ?? [];
  if (request.method !== "POST" || (endpoint === undefined && path !== "/"))
    throw new AwsError(
      "UnknownOperationException",
      `The sandbox answers POST / and POST /endpoints/<name>/invocations here.`,
      {
        status: 404,
      },
    );
  const scope = scopeOf(request.headers);
  const { services, invoke } = await handlers;
  if (endpoint !== undefined) {
    const made = await invoke(scope, decodeURIComponent(endpoint), { headers: request.headers, body });
    send(response, 200, made.headers, made.body);
    return;
  }
  const operation = operationOf(String(request.headers["x-amz-target"] ?? ""), services);
  const members = await operation(membersOf(body), scope);
  send(response, 200, { "content-type": jsonType }, Buffer.from(JSON.stringify(members)));
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known =
    error instanceof AwsError
      ? error
      : new AwsError(
          "InternalFailure",
          `The sandbox failed: ${error instanceof Error ? error.message : String(error)}`,
          {
            status: 500,
          },
        );
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { code, message, status, details } = known;
  // The runtime speaks another protocol: there the header names the error. Some SDKs read `message`, others `Message`.
  const body = { __type: code, message, Message: message, ...details };
  // A body that was refused is not read to its end.
  const close = request.complete ? {} : { connection: "close" };
  send(
    response,
    status,
    { "content-type": jsonType, "x-amzn-errortype": code, ...close },
    Buffer.from(JSON.stringify(body)),
  );
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: Buffer): void {
  response.writeHead(status, {
    ...headers,
    "content-length": String(body.byteLength),
    "x-amzn-requestid": randomUUID(),
  });
  response.end(body);
}
