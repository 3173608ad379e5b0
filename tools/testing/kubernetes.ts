import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parseGoVersion, requiredGoVersion, requiredModule } from "../../automation/engine/build.ts";
import { atLeast } from "../../automation/engine/version.ts";

const execute = promisify(execFile);

/** The store and the server of a Kubernetes control plane. */
export interface ApiServerFiles {
  etcd: string;
  apiServer: string;
  /** Version of the server without its `v`. */
  version: string;
}

/** Where they are, or why they cannot be had here. */
export type ApiServerState = { files: ApiServerFiles; reason?: undefined } | { files?: undefined; reason: string };

const folder = (root: string) => path.join(root, "toolchain", "kubernetes");
const goModOf = (root: string) => readFileSync(path.join(folder(root), "go.mod"), "utf8");

/** What was built once from this very go.mod, or why not: nothing is built. */
export function apiServerState(root: string, environment: NodeJS.ProcessEnv): ApiServerState {
  const files = filesOf(root, environment);
  return existsSync(files.apiServer) && existsSync(files.etcd)
    ? { files }
    : { reason: "kube-apiserver is built with Go, once, by npm test, and is not there" };
}

/** Builds etcd and kube-apiserver from Go modules, once per version and user; takes five minutes on two cores. */
export async function ensureApiServer(
  root: string,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<ApiServerState> {
  const there = apiServerState(root, environment);
  if (there.files !== undefined) return there;
  const reason = await withoutGo(goModOf(root), environment);
  if (reason !== undefined) return { reason };
  const files = filesOf(root, environment);
  const target = path.dirname(files.apiServer);
  const fresh = `${target}.${process.pid}`;
  try {
    await mkdir(fresh, { recursive: true });
    for (const [name, what, version] of packages(files.version)) {
      say(`building ${name} with Go, once: up to five minutes`);
      const flags = ["-mod=readonly", "-ldflags", `-s -w ${version}`, "-o", path.join(fresh, name), what];
      const env = { ...environment, CGO_ENABLED: "0" };
      await execute("go", ["build", ...flags], { cwd: folder(root), env, maxBuffer: 64 * 1024 * 1024 });
    }
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
    return { files };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function filesOf(root: string, environment: NodeJS.ProcessEnv): ApiServerFiles {
  const goMod = goModOf(root);
  const version = requiredModule(goMod, "k8s.io/kubernetes") ?? "unknown";
  const digest = createHash("sha256").update(goMod).digest("hex").slice(0, 12);
  const cache = environment["XDG_CACHE_HOME"] ?? path.join(environment["HOME"] ?? homedir(), ".cache");
  const target = path.join(cache, "slipway", "kubernetes", `${version}-${digest}`);
  return { etcd: path.join(target, "etcd"), apiServer: path.join(target, "kube-apiserver"), version };
}

function packages(version: string): [name: string, what: string, flags: string][] {
  const [major, minor] = version.split(".");
  const stamp = Object.entries({ gitVersion: `v${version}`, gitMajor: major, gitMinor: minor })
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(" ");
  return [
    ["etcd", "go.etcd.io/etcd/server/v3", ""],
    ["kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver", stamp],
  ];
}

async function withoutGo(goMod: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const needed = requiredGoVersion(goMod) ?? "1.25";
  const said = await execute("go", ["version"], { env: environment }).catch(() => undefined);
  const found = said && parseGoVersion(said.stdout);
  return found !== undefined && atLeast(found, needed) ? undefined : `Go ${needed} or later is not installed`;
}

/** Folder of a Go module's source, fetched once into Go's own cache. */
export async function moduleFolder(module: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await execute("go", ["mod", "download", "-json", module], {
    cwd: homedir(),
    env: { ...environment, GOFLAGS: "-mod=mod" },
  });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
