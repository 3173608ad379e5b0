import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { compilerFlags, parseGoVersion, requiredGoVersion } from "../../automation/engine/build.ts";
import { atLeast } from "../../automation/engine/version.ts";
import {
  apiServerFiles,
  apiServerState,
  kubernetesModule,
  type ApiServerState,
} from "../../sandbox/kubernetes/server/files.ts";

const execute = promisify(execFile);

/** Builds etcd and kube-apiserver from Go modules, once per version and user; takes five minutes on two cores. */
export async function ensureApiServer(
  root: string,
  environment: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<ApiServerState> {
  const there = apiServerState(root, environment);
  if (there.files !== undefined) return there;
  const reason = await withoutGo(readFileSync(path.join(kubernetesModule(root), "go.mod"), "utf8"), environment);
  if (reason !== undefined) return { reason };
  const files = apiServerFiles(root, environment);
  const target = path.dirname(files.apiServer);
  const fresh = `${target}.${process.pid}`;
  try {
    await mkdir(fresh, { recursive: true });
    for (const [name, what, version] of packages(files.version)) {
      say(`building ${name} with Go, once: up to five minutes`);
      const flags = [
        "-mod=readonly",
        ...compilerFlags,
        "-ldflags",
        `-s -w ${version}`,
        "-o",
        path.join(fresh, name),
        what,
      ];
      const env = { ...environment, CGO_ENABLED: "0" };
      await execute("go", ["build", ...flags], { cwd: kubernetesModule(root), env, maxBuffer: 64 * 1024 * 1024 });
    }
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
    return { files };
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
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
