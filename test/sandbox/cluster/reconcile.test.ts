import { strict as assert } from "node:assert";

import { promoteRollout } from "../../../sandbox/cluster/promote.ts";
import { setFault } from "../../../sandbox/faults.ts";
import { startKubernetesApi, type KubernetesApi } from "../../../sandbox/kubernetes-api.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { ClusterClient } from "./cluster-client.ts";
import { applicationSpec, branch, clusterName, openClusterLab, type ClusterLab } from "./cluster-lab.ts";
import { service, workload } from "./manifests.ts";

const image = (digit: string) => `lab@sha256:${digit.repeat(64)}`;

/** Ten lines that stand for a thousand million. */
const growing = [
  "a0: &a0 [x]",
  ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(10)}]`),
].join("\n");

describe("the sandbox's Argo CD", function () {
  this.timeout(30_000);
  let lab: ClusterLab;
  let api: KubernetesApi;
  let client: ClusterClient;
  beforeEach(async () => {
    lab = openClusterLab();
    api = await startKubernetesApi(lab.directory, { live: false });
    client = new ClusterClient(api);
  });
  afterEach(async () => {
    await api.close();
    lab.close();
  });

  const release = (digit: string, more: Properties = {}) =>
    lab.commit({ "api/deployment.yaml": workload({ image: image(digit) }), "api/service.yaml": service(), ...more });

  it("applies the folder of the branch, and serves the objects with their status", async () => {
    lab.application("api");
    const revision = release("1", {
      "release.json": "{}",
      "api/notes.txt": "no manifest",
      "predict/deployment.yaml": "not: ours",
    });
    const { health, sync, summary } = await client.application();
    assert.deepEqual(
      [health, sync, summary.images],
      [{ status: "Healthy" }, { status: "Synced", revision }, [image("1")]],
    );
    const { body } = await client.get("/apis/apps/v1/namespaces/services/deployments/api");
    assert.equal((body["status"] as Properties)["readyReplicas"], 3);
    const list = await client.get("/api/v1/namespaces/services/services");
    assert.deepEqual([list.body["kind"], (list.body["items"] as Properties[]).length], ["ServiceList", 1]);
    assert.equal((await client.get("/apis/apps/v1/namespaces/elsewhere/deployments/api")).code, 404);
    assert.equal(
      (await client.get("/apis/apps/v1/namespaces/services/deployments/api", { method: "DELETE" })).code,
      405,
    );
  });

  it("follows the branch, and keeps what runs where the branch cannot be read any more", async () => {
    lab.application("api");
    assert.deepEqual((await client.application()).sync.status, "Unknown");
    release("1");
    assert.deepEqual((await client.application()).summary.images, [image("1")]);
    const second = release("2");
    assert.deepEqual((await client.application()).sync, { status: "Synced", revision: second });
    lab.commit({ "elsewhere/deployment.yaml": workload({ image: image("3") }) });
    const gone = await client.application();
    assert.deepEqual([gone.sync.status, gone.summary.images, gone.health.status], ["Unknown", [image("2")], "Healthy"]);
    assert.match(gone.conditions?.[0]?.message ?? "", /api: app path does not exist/);
  });

  it("names a branch that is not there", async () => {
    lab.application("api");
    const { health, sync, conditions } = await client.application();
    assert.deepEqual([health.status, sync], ["Missing", { status: "Unknown" }]);
    assert.deepEqual(conditions?.[0], {
      type: "ComparisonError",
      message: `Failed to load target state: unable to resolve '${branch}' to a commit SHA`,
    });
  });

  const refused: [what: string, files: Properties, sync: string, message: RegExp][] = [
    [
      "a kind that its project does not allow",
      { "api/job.yaml": { apiVersion: "batch/v1", kind: "Job", metadata: { name: "api" } } },
      "OutOfSync",
      /^resource batch:Job is not permitted in project services$/,
    ],
    [
      "a cluster-wide object",
      {
        "api/role.yaml": { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "all" } },
      },
      "OutOfSync",
      /ClusterRole is not permitted/,
    ],
    [
      "another namespace",
      { "api/service.yaml": { apiVersion: "v1", kind: "Service", metadata: { name: "x", namespace: "kube-system" } } },
      "OutOfSync",
      /^namespace kube-system is not permitted in project 'services'$/,
    ],
    ["an object twice", { "api/again.yaml": service() }, "Unknown", /services\/Service\/api appeared 2 times/],
    ["what is no YAML", { "api/bad.yaml": "a: [" }, "Unknown", /^bad\.yaml: /],
    ["what is no object", { "api/bad.yaml": "hello: world" }, "Unknown", /not a Kubernetes object/],
    ["aliases that grow without end", { "api/bad.yaml": growing }, "Unknown", /aliases grow/],
  ];
  for (const [what, files, sync, message] of refused)
    it(`refuses ${what}, and leaves what runs`, async () => {
      lab.application("api");
      release("1");
      await client.application();
      release("2", files);
      const status = await client.application();
      assert.deepEqual([status.sync.status, status.summary.images], [sync, [image("1")]]);
      assert.match(status.conditions?.[0]?.message ?? "", message);
    });

  it("refuses a repository that the project does not name", async () => {
    const spec = applicationSpec("api");
    lab.application("api", {
      source: { ...(spec["source"] as Properties), repoURL: "https://github.com/other/other.git" },
    });
    release("1");
    assert.match(
      (await client.application()).conditions?.[0]?.message ?? "",
      /repo https:\/\/github\.com\/other\/other\.git is not permitted/,
    );
  });

  it("leaves what does not sync by itself out of sync", async () => {
    lab.application("api", { syncPolicy: {} });
    release("1");
    const { sync, health } = await client.application();
    assert.deepEqual([sync.status, health.status], ["OutOfSync", "Missing"]);
  });

  it("reports a fault on updates of Applications with the next change of its objects, until the one after", async () => {
    lab.application("api");
    release("1");
    await client.application();
    setFault(lab.directory, {
      kind: "unhealthy",
      typeGlob: "kubernetes:argoproj.io/v1alpha1:Application",
      operation: "update",
      message: "out of memory",
    });
    release("1", { "release.json": "{}" });
    assert.equal((await client.application()).health.status, "Healthy");
    release("2");
    assert.deepEqual((await client.application()).health, { status: "Degraded", message: "out of memory" });
    assert.equal((await client.application()).health.status, "Degraded");
    release("1");
    assert.equal((await client.application()).health.status, "Healthy");
  });

  it("believes a degraded record until its objects change", async () => {
    lab.application("api");
    const degrade = (message: string) => {
      for (const found of lab.cloud.list({ type: "kubernetes:argoproj.io/v1alpha1:Application" }))
        lab.cloud.overwriteOutputs(found, { ...found.outputs, status: { health: { status: "Degraded", message } } });
    };
    degrade("at its creation");
    const health = async () => (await client.application()).health;
    for (const [digit, expected] of [
      ["1", { status: "Degraded", message: "at its creation" }],
      ["2", { status: "Healthy" }],
    ] as const) {
      release(digit);
      assert.deepEqual([await health(), await health()], [expected, expected]);
    }
    degrade("by drift");
    assert.deepEqual(await health(), { status: "Degraded", message: "by drift" });
  });

  it("leaves Applications of older releases as they are", async () => {
    lab.application("api", {
      source: { repoURL: "x", targetRevision: "main", path: "services/api", kustomize: { images: ["api=x"] } },
    });
    assert.deepEqual(await client.application(), { health: { status: "Healthy" } });
  });

  it("answers for services that only are remembered as a cluster without their pods does", async () => {
    lab.application("api");
    release("1");
    assert.deepEqual((await client.proxy("/ready")).body["message"], 'no endpoints available for service "api"');
    assert.equal((await client.proxy("/ready", "nobody")).code, 404);
    assert.match(String((await client.proxy("/ready", "api", 9)).body["message"]), /no service port "9"/);
    assert.equal((await client.proxy("/ready", "api", 8000, { method: "PUT" })).code, 405);
  });

  it("promotes nothing that is not paused", async () => {
    lab.application("api");
    lab.commit({
      "api/rollout.yaml": workload({ image: image("1"), strategy: { blueGreen: { autoPromotionEnabled: false } } }),
    });
    await client.application();
    assert.throws(
      () => promoteRollout(lab.directory, clusterName, "services", "api"),
      /was not promoted: It is Healthy, not paused/,
    );
    assert.throws(() => promoteRollout(lab.directory, clusterName, "services", "web"), /There is no such Rollout/);
  });
});
