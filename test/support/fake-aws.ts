import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** An error in AWS's words. */
export class AwsFault extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message = type, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

export interface AwsRequest {
  /** `CodeDeploy_20141006.GetDeployment`, or `GET /2015-03-31/functions/…` for services that speak REST. */
  operation: string;
  body: Record<string, unknown>;
}

/** What a request is answered with: JSON, or text and headers as they are. Throws AwsFault to refuse it. */
export type AwsHandler = (request: AwsRequest) => unknown;

export class RawAnswer {
  readonly body: string;
  readonly headers: Record<string, string>;

  constructor(body: string, headers: Record<string, string> = {}) {
    this.body = body;
    this.headers = headers;
  }
}

export interface FakeAws {
  endpoint: string;
  /** Every request, in order. */
  requests: AwsRequest[];
  /** Bodies of the requests of an operation, by the end of its name. */
  bodies(operation: string): Record<string, unknown>[];
  close(): Promise<void>;
}

/** A server of this machine that speaks AWS's JSON protocols, as far as a handler answers. */
export async function startFakeAws(handler: AwsHandler): Promise<FakeAws> {
  const requests: AwsRequest[] = [];
  const server = createServer((incoming, answer) => {
    void read(incoming).then((request) => {
      requests.push(request);
      const { status, body, headers } = answered(handler, request);
      answer.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...headers });
      answer.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bodies: (operation) => requests.filter((one) => one.operation.endsWith(operation)).map(({ body }) => body),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const target = incoming.headers["x-amz-target"];
  return {
    operation: typeof target === "string" ? target : `${incoming.method} ${incoming.url}`,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

function answered(handler: AwsHandler, request: AwsRequest) {
  try {
    const answer = handler(request);
    if (answer instanceof RawAnswer) return { status: 200, body: answer.body, headers: answer.headers };
    return { status: 200, body: JSON.stringify(answer), headers: {} };
  } catch (error) {
    const { type, message, status } =
      error instanceof AwsFault ? error : new AwsFault("InternalFailure", String(error), 500);
    return { status, body: JSON.stringify({ __type: type, message }), headers: { "x-amzn-errortype": type } };
  }
}
