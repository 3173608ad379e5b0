import assert from "node:assert/strict";

import { startKubernetesApi } from "../../sandbox/index.ts";
import { openLab, type Lab } from "./lab.ts";

const bucketType = "aws:s3/bucket:Bucket";

describe("sandbox packages and accounts under the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;

  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  it("keeps four accounts and two regions apart", async () => {
    lab.program(`
      const accounts = ["111111111111", "222222222222", "333333333333", "444444444444"];
      for (const account of accounts) {
        const p = aws("p" + account[0], account);
        thing("aws:ecr/repository:Repository", "repo" + account[0], { name: "shared-name" }, ["arn"], { provider: p });
      }
      const assumed = provider("aws", "assumed", {
        region: "us-west-2",
        assumeRoles: JSON.stringify([{ roleArn: "arn:aws:iam::111111111111:role/deploy" }]),
      });
      thing("aws:ecr/repository:Repository", "west", { name: "shared-name" }, ["arn"], { provider: assumed });
      return {};`);
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    const places = lab.resources().map(({ account, region }) => `${account} ${region}`);
    assert.deepEqual(places.sort(), [
      "111111111111 eu-west-1",
      "111111111111 us-west-2",
      "222222222222 eu-west-1",
      "333333333333 eu-west-1",
      "444444444444 eu-west-1",
    ]);
  });

  it("refuses what the service would refuse", async () => {
    lab.program(`
      const p = aws("p", "111111111111"), q = aws("q", "222222222222");
      const first = thing("${bucketType}", "first", { bucket: "taken-name" }, ["arn"], { provider: p });
      thing("${bucketType}", "second", { bucket: "taken-name" }, ["arn"], { provider: q, dependsOn: first });
      return {};`);
    const run = await lab.up();
    assert.notEqual(run.code, 0);
    assert.match(run.text, /BucketAlreadyExists/);
  });

  it("stores github and mongodbatlas resources under their owners", async () => {
    lab.program(`
      const g = provider("github", "g", { owner: "slipway-org" }), m = provider("mongodbatlas", "m", {});
      thing("github:index/nobodyModelledThis:NobodyModelledThis", "gh", { of: "github" }, [], { provider: g });
      thing("mongodbatlas:index/nobodyModelledThis:NobodyModelledThis", "atlas", { of: "atlas" }, [], { provider: m });
      return {};`);
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    const places = lab.resources().map(({ account, region, inputs }) => [account, region, inputs["of"]]);
    assert.deepEqual(places.sort(), [
      ["atlas", "", "atlas"],
      ["slipway-org", "", "github"],
    ]);
    assert.deepEqual((await lab.up()).changes, []);
  });

  it("gives Kubernetes objects the semantics of an API server", async () => {
    lab.program(kubernetesProgram("team", 2));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    const ids = lab.resources().map(({ account, id }) => `${account} ${id}`);
    assert.ok(ids.includes("demo team") && ids.includes("demo team/app"), ids.join());
    assert.ok(
      ids.some((id) => /^demo team\/unnamed-[0-9a-f]{7}$/.test(id)),
      ids.join(),
    );
    lab.program(kubernetesProgram("team", 3));
    assert.deepEqual((await lab.up()).changes, ["update app"]);
    assert.deepEqual((await lab.up()).changes, []);
  });

  it("serves them on a read-only API", async () => {
    const api = await startKubernetesApi(lab.directory);
    try {
      const base = api.endpoint("demo");
      const deployment = (await (await fetch(`${base}/apis/apps/v1/namespaces/team/deployments/app`)).json()) as {
        spec: { replicas: number };
      };
      assert.equal(deployment.spec.replicas, 3);
      const missing = await fetch(`${base}/api/v1/namespaces/team/configmaps/nothing`);
      assert.equal(missing.status, 404);
      assert.equal(((await missing.json()) as { reason: string }).reason, "NotFound");
      assert.equal((await fetch(`${base}/api/v1/namespaces/team`, { method: "DELETE" })).status, 405);
      assert.equal((await fetch(`${base}/api/v1/namespaces/team`)).status, 200);
      assert.equal((await fetch(`${api.endpoint("other")}/api/v1/namespaces/team`)).status, 404);
    } finally {
      await api.close();
    }
  });

  it("refuses objects in a namespace that does not exist", async () => {
    lab.program(`
      const k = cluster();
      thing("kubernetes:core/v1:ConfigMap", "lost", { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "nowhere", name: "lost" } }, [], { provider: k });
      return {};
      ${clusterFunction}`);
    const run = await lab.up();
    assert.notEqual(run.code, 0);
    assert.match(run.text, /namespaces "nowhere" not found/);
  });
});

const clusterFunction = `
  function cluster() {
    const kubeconfig = {
      apiVersion: "v1", kind: "Config", "current-context": "aws",
      clusters: [{ name: "kubernetes", cluster: { server: "https://demo.example" } }],
      contexts: [{ name: "aws", context: { cluster: "kubernetes", user: "aws" } }],
      users: [{ name: "aws", user: { exec: { command: "aws", args: ["eks", "get-token", "--cluster-name", "demo"] } } }],
    };
    return provider("kubernetes", "k", { kubeconfig: JSON.stringify(kubeconfig) });
  }`;

function kubernetesProgram(namespace: string, replicas: number): string {
  return `
    const k = cluster();
    const ns = thing("kubernetes:core/v1:Namespace", "ns", { apiVersion: "v1", kind: "Namespace", metadata: { name: "${namespace}" } }, [], { provider: k });
    const common = { provider: k, dependsOn: ns };
    thing("kubernetes:apps/v1:Deployment", "app", {
      apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace: "${namespace}", name: "app" },
      spec: { replicas: ${replicas}, selector: { matchLabels: { app: "app" } }, template: { metadata: { labels: { app: "app" } }, spec: { containers: [{ name: "app", image: "app" }] } } },
    }, ["status"], common);
    thing("kubernetes:core/v1:ConfigMap", "unnamed", { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "${namespace}" }, data: { a: "b" } }, [], common);
    return {};
    ${clusterFunction}`;
}
