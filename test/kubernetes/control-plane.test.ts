import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { openSandbox } from "../../automation/engine/sandbox.ts";
import type { ApiServer } from "../../sandbox/kubernetes/server/api-server.ts";
import type { Answer } from "../../sandbox/kubernetes/server/client.ts";
import { ControlPlane } from "../../sandbox/kubernetes/server/control-plane.ts";
import { kubernetesState } from "../../sandbox/kubernetes/server/files.ts";
import { startGuarded } from "../../sandbox/kubernetes/server/guard.ts";
import { kubernetesHook } from "../../sandbox/kubernetes/server/hook.ts";
import { inOrder, manifestOf, objectPath, type Manifest } from "../../sandbox/kubernetes/server/manifest.ts";
import { markOf } from "../../sandbox/live/process.ts";
import { openLab } from "../sandbox/lab.ts";

function manifest(type: string, inputs: Record<string, unknown>): Manifest {
  const found = manifestOf(type, inputs);
  assert.ok(found !== undefined, type);
  return found;
}

describe("what a resource is to an API server", () => {
  const metadata = { name: "x", namespace: "shop" };

  it("takes group and kind from the type where the program does not say them", () => {
    const { apiVersion, kind, object } = manifest("kubernetes:core/v1:ConfigMap", { metadata });
    assert.deepEqual([apiVersion, kind], ["v1", "ConfigMap"]);
    assert.deepEqual(object, { apiVersion: "v1", kind: "ConfigMap", metadata });
    assert.equal(manifest("kubernetes:apps/v1:Deployment", { metadata }).apiVersion, "apps/v1");
  });

  it("is nothing for charts, lists and patches", () => {
    for (const type of ["helm.sh/v3:Chart", "apps/v1:DaemonSetPatch", "core/v1:ConfigMapList", "yaml/v2:ConfigGroup"])
      assert.equal(manifestOf(`kubernetes:${type}`, { metadata }), undefined, type);
    assert.equal(manifestOf("aws:s3/bucket:Bucket", { metadata }), undefined);
  });

  it("is the namespace of a release that makes one, as Helm's, and stays", () => {
    const type = "kubernetes:helm.sh/v3:Release";
    const made = manifest(type, { chart: "argo-cd", namespace: "argocd", createNamespace: true });
    assert.deepEqual([made.kind, made.name, made.manager, made.deletable], ["Namespace", "argocd", "helm", false]);
    assert.equal(manifestOf(type, { chart: "argo-cd", namespace: "argocd" }), undefined);
  });

  it("is in its namespace only where its kind has one", () => {
    const role = manifest("kubernetes:rbac.authorization.k8s.io/v1:Role", { metadata });
    const served = { kind: "Role", name: "roles", namespaced: true };
    assert.equal(objectPath(role, served), "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/x");
    assert.equal(
      objectPath(role, { ...served, name: "clusterroles", namespaced: false }),
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/x",
    );
  });

  it("comes after namespaces and new kinds, else in its order", () => {
    const kinds = ["Secret", "CustomResourceDefinition", "ConfigMap", "Namespace"];
    const all = kinds.map((kind) => manifest(`kubernetes:core/v1:${kind}`, { metadata }));
    const sorted = inOrder(all).map(({ kind }) => kind);
    assert.deepEqual(sorted, ["Namespace", "CustomResourceDefinition", "Secret", "ConfigMap"]);
  });
});

/** Answers as a server that knows config maps, and refuses those named `bad`. */
function pretendServer() {
  const asked: string[] = [];
  const ended = Promise.withResolvers<void>();
  const said = (status: number, body: Answer["body"] = {}): Promise<Answer> =>
    Promise.resolve({ status, warnings: [], body });
  const resources = [{ kind: "ConfigMap", name: "configmaps", namespaced: true }];
  const server: ApiServer = {
    version: "1.0.0",
    ask: (method, path) => {
      if (method === "GET" && path === "/api/v1") return said(200, { resources });
      asked.push(`${method} ${path}`);
      return said(404);
    },
    apply: (path, _object, { dryRun = false } = {}) => {
      asked.push(`${dryRun ? "check" : "apply"} ${path.split("/").at(-1)}`);
      return path.endsWith("/bad") ? said(422, { message: "bad is bad" }) : said(200);
    },
    ended: ended.promise,
    stop: () => ended.resolve(),
  };
  return { server, asked };
}

describe("the control plane of a cluster in one process", () => {
  const named = (name: string, kind = "ConfigMap") => manifest(`kubernetes:core/v1:${kind}`, { metadata: { name } });

  function plane(recorded: Manifest[] = []) {
    const started: ReturnType<typeof pretendServer>[] = [];
    const lines: string[] = [];
    const control = new ControlPlane({
      start: () => Promise.resolve((started[started.length] = pretendServer()).server),
      recorded: () => recorded,
      say: (line) => lines.push(line),
    });
    return { control, started, lines };
  }

  it("starts one server for all, and replays the record before the first object", async () => {
    const { control, started } = plane([named("old")]);
    await Promise.all([control.apply(named("a")), control.apply(named("b"))]);
    assert.equal(started.length, 1);
    assert.equal(started[0]?.asked[0], "apply old");
    assert.deepEqual(started[0]?.asked.slice(1).sort(), ["apply a", "apply b"]);
  });

  it("starts none for a preview, and asks one that runs", async () => {
    const { control, started } = plane();
    await control.preview(named("bad"));
    assert.equal(started.length, 0);
    await control.apply(named("a"));
    await assert.rejects(control.preview(named("bad")), { message: "bad is bad" });
  });

  it("says what is refused of the record, and goes on", async () => {
    const { control, lines } = plane([named("bad")]);
    await control.apply(named("a"));
    assert.deepEqual(lines, ["ConfigMap bad is on record and the API server refuses it: bad is bad"]);
  });

  it("says once what it does not know", async () => {
    const { control, started, lines } = plane();
    await control.apply(named("a", "Unheard"));
    await control.remove(named("b", "Unheard"));
    assert.deepEqual(lines, ["v1 Unheard is kept on record only: the cluster's API server does not know it"]);
    assert.deepEqual(started[0]?.asked, []);
  });

  it("starts again when the server is gone", async () => {
    const { control, started } = plane();
    await control.apply(named("a"));
    started[0]?.server.stop();
    await started[0]?.server.ended;
    await control.apply(named("b"));
    assert.equal(started.length, 2);
  });
});

describe("a guarded program", () => {
  const guardFile = new URL("../../sandbox/kubernetes/server/guard.ts", import.meta.url).href;
  const directory = mkdtempSync(join(tmpdir(), "slipway-guard-"));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("ends with the process that started it, killed without a warning, and its folder with it", async () => {
    const folder = mkdtempSync(join(directory, "killed-"));
    const script = `import { startGuarded } from ${JSON.stringify(guardFile)};
      startGuarded(${JSON.stringify(folder)}, "shell", "/bin/sh", ["-c", "echo $$ > pid; exec sleep 1000"]);
      setInterval(() => console.log("alive"), 20);`;
    const owner = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(createInterface({ input: owner.stdout }), "line");
    await until(() => existsSync(join(folder, "pid")) && readFileSync(join(folder, "pid"), "utf8").endsWith("\n"));
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    assert.ok(markOf(pid) !== undefined);
    owner.kill("SIGKILL");
    await until(() => markOf(pid) === undefined && !existsSync(folder));
  });

  it("tells that it ended by itself, and its last words", async () => {
    const folder = mkdtempSync(join(directory, "ended-"));
    const guarded = startGuarded(folder, "shell", "/bin/sh", ["-c", "echo one; echo two >&2"]);
    await guarded.ended;
    assert.equal(guarded.hasEnded(), true);
    assert.equal(guarded.lastLine(), "two");
  });
});

describe("SLIPWAY_SANDBOX_KUBERNETES", () => {
  const nowhere = { XDG_CACHE_HOME: join(tmpdir(), "slipway-no-such-cache") };

  it("is off unless it asks for a server", () => {
    assert.match(kubernetesState(nowhere).reason ?? "", /SLIPWAY_SANDBOX_KUBERNETES=server is not set/);
    assert.equal(kubernetesHook(nowhere, assert.fail), undefined);
  });

  it("says once that there is no server to be had", async () => {
    const lines: string[] = [];
    const hook = kubernetesHook({ ...nowhere, SLIPWAY_SANDBOX_KUBERNETES: "server" }, (line) => lines.push(line));
    for (let round = 0; round < 2; round += 1) await hook?.ensure(undefined as never, undefined as never);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? "",
      /on record only: kube-apiserver is built with Go, once, by npm test, and is not there/,
    );
  });

  it("tells people under the real engine", async function () {
    this.timeout(60_000);
    const lab = await openLab();
    const before = { ...process.env };
    try {
      Object.assign(process.env, nowhere, { SLIPWAY_SANDBOX_KUBERNETES: "server" });
      lab.program(`thing("kubernetes:core/v1:ConfigMap", "a", { data: {} });`);
      const { code, text } = await lab.up();
      assert.equal(code, 0, text);
      assert.match(text, /Kubernetes objects are kept on record only/);
    } finally {
      for (const name of ["XDG_CACHE_HOME", "SLIPWAY_SANDBOX_KUBERNETES"])
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      lab.close();
    }
  });

  it("refuses any other value", async () => {
    const opened = openSandbox(tmpdir(), { SLIPWAY_SANDBOX_KUBERNETES: "yes" });
    await assert.rejects(opened, /SLIPWAY_SANDBOX_KUBERNETES is "yes"; it is "server" or "record"/);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, "it does not happen");
    await pause(20);
  }
}
