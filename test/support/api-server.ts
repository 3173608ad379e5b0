import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiServerFiles } from "../../tools/testing/kubernetes.ts";
import { freePort } from "../../sandbox/live/emulator.ts";

export interface Answer {
  status: number;
  /** What the server warned of, e.g. a pod that its namespace would refuse. */
  warnings: string[];
  body: { message?: string } & Record<string, unknown>;
}

/** A Kubernetes API server of its own: no nodes and no controllers, but every rule for objects. */
export interface ApiServer {
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Server-side apply; unknown and doubled fields are errors. */
  apply(path: string, object: object, options?: { dryRun?: boolean }): Promise<Answer>;
  stop(): void;
}

const patience = 60_000;

/** Starts etcd and the server on 127.0.0.1 and waits until it is ready, which takes some three seconds. */
export async function startApiServer({ etcd, apiServer }: ApiServerFiles): Promise<ApiServer> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-kubernetes-"));
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const token = randomBytes(16).toString("hex");
  const keys = join(directory, "service-accounts.key");
  execFileSync("openssl", ["genrsa", "-out", keys, "2048"], { stdio: "ignore" });
  writeFileSync(join(directory, "tokens.csv"), `${token},test,test,system:masters\n`, { mode: 0o600 });
  const children = [
    spawn(etcd, etcdFlags(directory, client, peer), { stdio: "ignore" }),
    spawn(apiServer, serverFlags(directory, keys, client, port), { stdio: "ignore" }),
  ];
  const ask: ApiServer["ask"] = (method, path, body) => call({ port, token }, method, path, body);
  const stop = () => stopAll(children, directory);
  await ready(ask, children).catch((error: unknown) => {
    stop();
    throw error;
  });
  return {
    ask,
    apply: (path, object, { dryRun = false } = {}) => {
      const query = `fieldManager=slipway&fieldValidation=Strict&force=true${dryRun ? "&dryRun=All" : ""}`;
      return ask("PATCH", `${path}?${query}`, object);
    },
    stop,
  };
}

const etcdFlags = (directory: string, client: number, peer: number): string[] => [
  `--data-dir=${join(directory, "etcd")}`,
  `--listen-client-urls=http://127.0.0.1:${client}`,
  `--advertise-client-urls=http://127.0.0.1:${client}`,
  `--listen-peer-urls=http://127.0.0.1:${peer}`,
  "--log-level=error",
];

const serverFlags = (directory: string, keys: string, client: number, port: number): string[] => [
  `--etcd-servers=http://127.0.0.1:${client}`,
  "--bind-address=127.0.0.1",
  `--secure-port=${port}`,
  `--cert-dir=${join(directory, "certificates")}`,
  "--service-account-issuer=https://kubernetes.default.svc",
  `--service-account-key-file=${keys}`,
  `--service-account-signing-key-file=${keys}`,
  `--token-auth-file=${join(directory, "tokens.csv")}`,
  "--authorization-mode=RBAC",
  // Its controller, which makes the accounts that pods need, is not running.
  "--disable-admission-plugins=ServiceAccount",
];

async function ready(ask: ApiServer["ask"], children: readonly ChildProcess[]): Promise<void> {
  const until = Date.now() + patience;
  for (;;) {
    const answer = await ask("GET", "/readyz").catch(() => undefined);
    if (answer?.status === 200) return;
    const dead = children.find(({ exitCode }) => exitCode !== null);
    if (dead !== undefined) throw new Error(`${dead.spawnfile} ended with ${dead.exitCode}`);
    if (Date.now() > until) throw new Error(`the API server is not ready after ${patience / 1000} s`);
    await delay(100);
  }
}

function stopAll(children: readonly ChildProcess[], directory: string): void {
  for (const child of children) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
}

function call(
  { port, token }: { port: number; token: string },
  method: string,
  path: string,
  body: unknown,
): Promise<Answer> {
  const patch = method === "PATCH" ? "application/apply-patch+yaml" : "application/json";
  const headers = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": patch };
  return new Promise((resolve, reject) => {
    // The certificate is made at each start and nobody else knows its authority.
    const options = { host: "127.0.0.1", port, method, path, headers, rejectUnauthorized: false };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const warnings = (response.headers["warning"] ?? "").split(", ").filter((line) => line !== "");
        resolve({ status: response.statusCode ?? 0, warnings, body: text.startsWith("{") ? parse(text) : {} });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const parse = (text: string) => JSON.parse(text) as Answer["body"];
