import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { Cloud } from "./cloud/cloud.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { applicationType } from "./cluster/table.ts";
import { answer, parseProxy, status, type Answer, type ProxyPath } from "./kubernetes/rest.ts";
import { pythonState } from "./live/install.ts";
import { listenLocally } from "./local-server.ts";
import type { Properties } from "./types/type-spec.ts";

export interface KubernetesApi {
  /** Base URL of one cluster's API server, without a slash at the end. */
  endpoint(cluster: string): string;
  /** Whether the cluster's services are only remembered: no process stands behind them. */
  simulated(cluster: string): boolean;
  /** Local URL of a service, once somebody has asked the cluster for something; undefined where none is served. */
  serviceUrl(cluster: string, namespace: string, service: string): string | undefined;
  /** Ends the server and every process that it started. */
  close(): Promise<void>;
}

export interface KubernetesApiOptions {
  /** Says whether live services may run and on which Python. Defaults to this process's. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** False keeps the services from running whatever the environment says. */
  live?: boolean;
  /** Takes a line about a process that ended or did not start. */
  onNote?(line: string): void;
}

/**
 * Serves the objects of every cluster in the sandbox, on a free port of 127.0.0.1: read-only, but for the proxy to services. While it is
 * open, the controllers of each cluster that somebody asks for something work, and where the sandbox has a Python, the services run.
 */
export async function startKubernetesApi(
  directory: string,
  options: KubernetesApiOptions = {},
): Promise<KubernetesApi> {
  const { environment = process.env, live = true, onNote = () => undefined } = options;
  const python = live ? pythonState(environment).python : undefined;
  // Most commands of a driver never look into a cluster.
  const { Cluster } = await import("./cluster/cluster.ts");
  const cloud = new Cloud(directory);
  const clusters = new Map<string, Cluster>();
  const about = { directory, cloud, environment, onNote, ...(python === undefined ? {} : { python }) };
  const clusterOf = (name: string) => {
    const found = clusters.get(name) ?? new Cluster({ ...about, name });
    clusters.set(name, found);
    return found;
  };
  const server = createServer((request, response) => void respond(cloud, clusterOf, request, response));
  const local = await listenLocally(server);
  const close = async () => {
    await local.close();
    await Promise.all([...clusters.values()].map((cluster) => cluster.close()));
    cloud.close();
  };
  let closed: Promise<void> | undefined;
  return {
    endpoint: (cluster) => `${local.endpoint}/clusters/${encodeURIComponent(cluster)}`,
    simulated: () => python === undefined,
    serviceUrl: (cluster, namespace, service) => clusters.get(cluster)?.addressOf(namespace, service),
    close: () => (closed ??= close()),
  };
}

type ClusterOf = (name: string) => Cluster;

async function respond(
  cloud: Cloud,
  clusterOf: ClusterOf,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const proxy = parseProxy(request.url ?? "/");
    const said =
      proxy === undefined
        ? await objects(cloud, clusterOf, request)
        : await proxied(clusterOf, proxy, request, response);
    if (said !== undefined) reply(response, said);
  } catch (error) {
    reply(response, status(500, "InternalError", error instanceof Error ? error.message : String(error)));
  }
}

function reply(response: ServerResponse, { code, body }: Answer): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(code, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function objects(
  cloud: Cloud,
  clusterOf: ClusterOf,
  { method = "GET", url = "/" }: IncomingMessage,
): Promise<Answer> {
  const name = new URL(url, "http://localhost").pathname.split("/")[2] ?? "";
  const recorded = cloud.list({ account: decodeURIComponent(name) });
  if (recorded.length === 0) return answer(method, url, () => []);
  const { applied, statusOf } = await clusterOf(decodeURIComponent(name)).objects();
  const current = recorded.map(({ type, outputs }): Properties => {
    const found = type === applicationType ? statusOf(outputs) : undefined;
    return found === undefined ? outputs : { ...outputs, status: found };
  });
  return answer(method, url, () => [...current, ...applied]);
}

/** Undefined where the pod itself has answered. */
async function proxied(
  clusterOf: ClusterOf,
  { cluster, namespace, name, port, path }: ProxyPath,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (request.method !== "GET" && request.method !== "POST")
    return status(405, "MethodNotAllowed", "the sandbox's proxy takes GET and POST");
  const found = await clusterOf(cluster).service(namespace, name, port);
  if (found === "no service")
    return status(404, "NotFound", `services "${name}" not found`, { name, kind: "services" });
  if (found === "no port")
    return status(503, "ServiceUnavailable", `no service port "${port}" found for service "${name}"`);
  if (found === "no endpoints")
    return status(503, "ServiceUnavailable", `no endpoints available for service "${name}"`);
  await found.handle(request, response, path);
  return undefined;
}
