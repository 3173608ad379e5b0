import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { cacheFolder } from "../../live/paths.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The store and the server of a Kubernetes control plane. */
export interface ApiServerFiles {
  etcd: string;
  apiServer: string;
  /** Version of the server without its `v`. */
  version: string;
}

/** Where they are, or why they cannot be had here. */
export type ApiServerState = { files: ApiServerFiles; reason?: undefined } | { files?: undefined; reason: string };

/** The variable that sends the sandbox's Kubernetes objects to a real API server. */
export const kubernetesVariable = "SLIPWAY_SANDBOX_KUBERNETES";

const checkout = resolve(import.meta.dirname, "../../..");

/** The Go module of a checkout that names both and their versions. */
export const kubernetesModule = (root: string) => join(root, "toolchain", "kubernetes");

/** What was built once from this very go.mod, or why not: nothing is built. */
export function apiServerState(root: string, environment: Environment): ApiServerState {
  const files = apiServerFiles(root, environment);
  return existsSync(files.apiServer) && existsSync(files.etcd)
    ? { files }
    : { reason: "kube-apiserver is built with Go, once, by npm test, and is not there" };
}

/** Where the two belong, built or not. */
export function apiServerFiles(root: string, environment: Environment): ApiServerFiles {
  const goMod = readFileSync(join(kubernetesModule(root), "go.mod"), "utf8");
  const version = /^\s*(?:require )?k8s\.io\/kubernetes v(\S+)/m.exec(goMod)?.[1] ?? "unknown";
  const digest = createHash("sha256").update(goMod).digest("hex").slice(0, 12);
  const target = join(cacheFolder(environment), "kubernetes", `${version}-${digest}`);
  return { etcd: join(target, "etcd"), apiServer: join(target, "kube-apiserver"), version };
}

/** The server that the sandbox's Kubernetes objects go to, or why they are only kept on record. */
export function kubernetesState(environment: Environment): ApiServerState {
  if (environment[kubernetesVariable] !== "server") return { reason: `${kubernetesVariable}=server is not set` };
  return apiServerState(checkout, environment);
}
