import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { Cloud } from "./cloud/cloud.ts";
import { answer } from "./kubernetes/rest.ts";

export interface KubernetesApi {
  /** Base URL of one cluster's API server, without a slash at the end. */
  endpoint(cluster: string): string;
  close(): Promise<void>;
}

/** Serves the objects of every cluster in the sandbox, read-only, on a free port of 127.0.0.1. */
export async function startKubernetesApi(directory: string): Promise<KubernetesApi> {
  const cloud = new Cloud(directory);
  const server = createServer((request, response) => respond(cloud, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: (cluster) => `http://127.0.0.1:${port}/clusters/${encodeURIComponent(cluster)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          cloud.close();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function respond(cloud: Cloud, request: IncomingMessage, response: ServerResponse): void {
  const { code, body } = answer(request.method ?? "GET", request.url ?? "/", (cluster) =>
    cloud.list({ account: cluster }),
  );
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
