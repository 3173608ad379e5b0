import { generateKeyPair, randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { freePort } from "../../live/emulator.ts";
import { builtInNamespaces } from "../object.ts";
import { call, type Answer } from "./client.ts";
import type { ApiServerFiles } from "./files.ts";
import { startGuarded, type Guarded } from "./guard.ts";

/** A Kubernetes API server of its own: no nodes and no controllers, but every rule for objects. */
export interface ApiServer {
  version: string;
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Server-side apply; unknown and doubled fields are errors. */
  apply(path: string, object: object, options?: ApplyOptions): Promise<Answer>;
  /** Settles when it has ended, whoever ended it. */
  ended: Promise<unknown>;
  stop(): void;
}

export interface ApplyOptions {
  dryRun?: boolean;
  /** Whose fields they are; `slipway` where nothing else is said. */
  manager?: string;
}

const patienceMs = 60_000;
const attempts = 3;

/**
 * Starts etcd and the server on 127.0.0.1 and waits until it is ready, which takes some three seconds. Their files are in `directory`,
 * which goes when they end; they end with this process.
 *
 * @throws Error with the last line of the log of the one that did not start.
 */
export async function startApiServer(files: ApiServerFiles, directory: string): Promise<ApiServer> {
  for (let attempt = 1; ; attempt += 1) {
    const started = await startOnce(files, directory);
    if (typeof started !== "string") return started;
    // A port that somebody takes in between costs another attempt.
    if (attempt === attempts) throw new Error(`the cluster's API server did not start: ${started}`);
  }
}

async function startOnce({ etcd, apiServer, version }: ApiServerFiles, directory: string): Promise<ApiServer | string> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const token = randomBytes(16).toString("hex");
  writeFileSync(join(directory, "service-accounts.key"), await signingKey(), { mode: 0o600 });
  writeFileSync(join(directory, "tokens.csv"), `${token},slipway,slipway,system:masters\n`, { mode: 0o600 });
  const children = [
    startGuarded(directory, "etcd", etcd, etcdFlags(directory, client, peer)),
    startGuarded(directory, "kube-apiserver", apiServer, serverFlags(directory, client, port)),
  ];
  const ask: ApiServer["ask"] = (method, path, body) => call({ port, token }, method, path, body);
  const stop = () => {
    for (const child of children) child.kill();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  const ended = Promise.race(children.map((child) => child.ended)).then(stop);
  const problem = await readiness(ask, children);
  if (problem !== undefined) {
    stop();
    return problem;
  }
  writeFileSync(join(directory, "kubeconfig"), JSON.stringify(kubeconfig(port, token)), { mode: 0o600 });
  return { version, ask, apply: applyWith(ask), ended, stop };
}

function applyWith(ask: ApiServer["ask"]): ApiServer["apply"] {
  return (path, object, { dryRun = false, manager = "slipway" } = {}) => {
    const query = `fieldManager=${manager}&fieldValidation=Strict&force=true${dryRun ? "&dryRun=All" : ""}`;
    return ask("PATCH", `${path}?${query}`, object);
  };
}

/** For looking at the objects with other tools, as long as the server runs. */
function kubeconfig(port: number, token: string): object {
  const cluster = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "sandbox", cluster }],
    users: [{ name: "sandbox", user: { token } }],
    contexts: [{ name: "sandbox", context: { cluster: "sandbox", user: "sandbox" } }],
    "current-context": "sandbox",
  };
}

async function signingKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return privateKey;
}

const etcdFlags = (directory: string, client: number, peer: number): string[] => [
  `--data-dir=${join(directory, "etcd")}`,
  `--listen-client-urls=http://127.0.0.1:${client}`,
  `--advertise-client-urls=http://127.0.0.1:${client}`,
  `--listen-peer-urls=http://127.0.0.1:${peer}`,
  "--log-level=error",
  // What is lost is on the sandbox's record.
  "--unsafe-no-fsync",
];

const serverFlags = (directory: string, client: number, port: number): string[] => [
  `--etcd-servers=http://127.0.0.1:${client}`,
  "--bind-address=127.0.0.1",
  `--secure-port=${port}`,
  `--cert-dir=${join(directory, "certificates")}`,
  "--service-account-issuer=https://kubernetes.default.svc",
  `--service-account-key-file=${join(directory, "service-accounts.key")}`,
  `--service-account-signing-key-file=${join(directory, "service-accounts.key")}`,
  `--token-auth-file=${join(directory, "tokens.csv")}`,
  "--authorization-mode=RBAC",
  // Its controller, which makes the accounts that pods need, is not running; nor are the pods that webhooks would ask.
  "--disable-admission-plugins=ServiceAccount,MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
];

/** Undefined when it is ready, with the namespaces that every cluster is born with; else what went wrong. */
async function readiness(ask: ApiServer["ask"], children: readonly Guarded[]): Promise<string | undefined> {
  const until = performance.now() + patienceMs;
  const paths = ["/readyz", ...[...builtInNamespaces].map((name) => `/api/v1/namespaces/${name}`)];
  for (;;) {
    const answers = await Promise.all(paths.map((path) => ask("GET", path))).catch(() => []);
    if (answers.length > 0 && answers.every(({ status }) => status === 200)) return undefined;
    const dead = children.find((child) => child.hasEnded());
    if (dead !== undefined) return `${dead.name}: ${dead.lastLine()}`;
    if (performance.now() > until) return `it is not ready after ${patienceMs / 1000} s`;
    await pause(100);
  }
}
