import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { openCloud, sandboxStatus } from "../../sandbox/index.ts";
import { kubernetesState } from "../../sandbox/kubernetes/server/files.ts";
import { openLab } from "../sandbox/lab.ts";
import { askServer, serverFolders, startProvider, type ProviderProcess } from "./provider-process.ts";

const environment = { ...process.env, SLIPWAY_SANDBOX_KUBERNETES: "server" };
const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const settings = (data: object, more: object = {}) => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "shop" }, data },
  ...more,
});
const service = (port: unknown) => ({
  ...{ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: { ports: [{ port }] } },
});
const types = {
  namespace: "kubernetes:core/v1:Namespace",
  configMap: "kubernetes:core/v1:ConfigMap",
  service: "kubernetes:core/v1:Service",
  application: "kubernetes:argoproj.io/v1alpha1:AppProject",
  claim: "kubernetes:core/v1:PersistentVolumeClaim",
};
const place = "/api/v1/namespaces/shop/configmaps/settings";

function recorded(directory: string): string[] {
  const cloud = openCloud(directory);
  try {
    return cloud.list().map(({ id }) => id);
  } finally {
    cloud.close();
  }
}

/** Processes that have a file of the directory on their command line. */
function processesOf(directory: string): string[] {
  return readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && commandOf(name).includes(join(directory, "kubernetes")),
  );
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, what);
    await pause(50);
  }
}

describe("the sandbox's Kubernetes provider with a real API server", function () {
  this.timeout(180_000);
  const directory = mkdtempSync(join(tmpdir(), "slipway-sandbox-kubernetes-"));
  let provider: ProviderProcess;

  before(async function () {
    const { reason } = kubernetesState(environment);
    if (reason !== undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    provider = await startProvider(directory, environment, "dev");
  });

  after(async () => {
    await provider?.kill();
    await until("the servers end with the provider", () => serverFolders(directory).length === 0);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it("starts nothing for a preview", async () => {
    await provider.create(types.namespace, space, { preview: true });
    assert.deepEqual(serverFolders(directory), []);
  });

  it("puts what is created on the server, for everybody to see", async () => {
    await provider.create(types.namespace, space);
    const made = await provider.create(types.configMap, settings({ color: "green" }));
    assert.equal(made.id, "shop/settings");
    const { status, body } = await askServer(directory, place);
    assert.equal(status, 200);
    assert.deepEqual(body["data"], { color: "green" });
    const fields = (body["metadata"] as { managedFields: { manager: string }[] }).managedFields;
    assert.deepEqual(
      fields.map(({ manager }) => manager),
      ["slipway"],
    );
  });

  for (const [name, type, inputs, message] of [
    ["a field that does not exist", types.configMap, settings({}, { dota: {} }), /dota.*field not declared in schema/],
    ["a value of the wrong type", types.service, service("eighty"), /port/],
    ["a value out of range", types.service, service(70_000), /must be between 1 and 65535/],
  ] as const)
    it(`refuses ${name} in the server's words, in a preview as well, and records nothing`, async () => {
      const before = recorded(directory);
      const other = { ...inputs, metadata: { ...inputs.metadata, name: "bad" } };
      await assert.rejects(provider.create(type, other, { preview: true }), { message });
      await assert.rejects(provider.create(type, other), { message });
      assert.deepEqual(recorded(directory), before);
    });

  it("brings updates and deletions there, and leaves the record as it was where one is refused", async () => {
    const made = await provider.create(types.service, service(80));
    const path = "/api/v1/namespaces/shop/services/web";
    const portOf = async () =>
      ((await askServer(directory, path)).body["spec"] as { ports: { port: number }[] }).ports[0]?.port;
    const changed = await provider.update(made, service(81));
    assert.equal(await portOf(), 81);
    await assert.rejects(provider.update(changed, service(0)), /between 1 and 65535/);
    assert.equal(await portOf(), 81);
    const cloud = openCloud(directory);
    const stored = cloud.list({ urn: made.urn })[0];
    cloud.close();
    assert.deepEqual(stored?.inputs["spec"], service(81).spec);
    await provider.remove(changed);
    assert.equal((await askServer(directory, path)).status, 404);
    assert.ok(!recorded(directory).includes("shop/web"));
  });

  it("lets go of what would wait for a controller: it can be made again", async () => {
    const other = { ...space, metadata: { name: "short-lived" } };
    const volume = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "c", namespace: "short-lived" },
    };
    for (let round = 1; round <= 2; round += 1) {
      const madeSpace = await provider.create(types.namespace, other);
      await provider.remove(await provider.create(types.claim, { ...claim, spec: volume }));
      await provider.remove(madeSpace);
      assert.equal((await askServer(directory, "/api/v1/namespaces/short-lived")).status, 404);
    }
  });

  it("keeps kinds that the server does not know on record, and says so once", async () => {
    const project = { apiVersion: "argoproj.io/v1alpha1", kind: "AppProject", spec: {} };
    for (const name of ["one", "two"])
      await provider.create(types.application, { ...project, metadata: { name, namespace: "shop" } });
    assert.ok(recorded(directory).includes("shop/two"));
    const lines = () => provider.said.filter((line) => line.includes("AppProject"));
    await until("it is said", () => lines().length > 0);
    assert.match(lines()[0] ?? "", /argoproj\.io\/v1alpha1 AppProject is kept on record only/);
    assert.equal(lines().length, 1);
  });

  it("leaves no process behind a provider that is killed, and the next one replays the record", async () => {
    if (process.platform === "linux") assert.ok(processesOf(directory).length >= 2);
    await provider.kill();
    await until("the servers and their files are gone", () => serverFolders(directory).length === 0);
    if (process.platform === "linux") await until("the processes are gone", () => processesOf(directory).length === 0);
    provider = await startProvider(directory, environment, "dev");
    const { metadata } = settings({});
    await provider.create(types.configMap, { ...settings({}), metadata: { ...metadata, name: "later" } });
    assert.deepEqual((await askServer(directory, place)).body["data"], { color: "green" });
  });

  it("starts again when the server was lost", async function () {
    // Which processes there are is read from /proc.
    if (process.platform !== "linux") this.skip();
    const servers = processesOf(directory).filter((pid) => /^[^\0]*\/(?:etcd|kube-apiserver)\0/.test(commandOf(pid)));
    assert.equal(servers.length, 2);
    for (const pid of servers) process.kill(Number(pid), "SIGKILL");
    await until("the lost server is noticed", () => serverFolders(directory).length === 0);
    const { metadata } = settings({});
    await provider.create(types.configMap, { ...settings({}), metadata: { ...metadata, name: "last" } });
    assert.deepEqual((await askServer(directory, place)).body["data"], { color: "green" });
  });

  it("fails the resource under the real engine", async () => {
    const lab = await openLab();
    try {
      process.env["SLIPWAY_SANDBOX_KUBERNETES"] = "server";
      lab.program(
        `thing("${types.configMap}", "bad", ${JSON.stringify(settings({}, { dota: {}, metadata: { name: "bad" } }))});`,
      );
      const { code, text } = await lab.up();
      assert.notEqual(code, 0);
      assert.match(text, /dota.*field not declared in schema/);
      assert.deepEqual(lab.resources(), []);
    } finally {
      delete process.env["SLIPWAY_SANDBOX_KUBERNETES"];
      await until("the servers end with the engine", () => serverFolders(lab.directory).length === 0);
      lab.close();
    }
  });

  it("is in the sandbox's status", async () => {
    const { server } = (await sandboxStatus(directory, { environment })).kubernetes;
    assert.match(server ?? "", /^1\.\d+\.\d+$/);
    const { reason } = (await sandboxStatus(directory, { environment: {} })).kubernetes;
    assert.equal(reason, "SLIPWAY_SANDBOX_KUBERNETES=server is not set");
  });
});
