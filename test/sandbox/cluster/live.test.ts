import { strict as assert } from "node:assert";

import { startKubernetesApi, type KubernetesApi } from "../../../sandbox/kubernetes-api.ts";
import { pythonState } from "../../../sandbox/live/install.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { clusterName, openClusterLab, until, type ClusterLab } from "./cluster-lab.ts";
import { analysisTemplate, nodeImage, pythonImage, service, watchedCanary, workload } from "./manifests.ts";

interface Status {
  health: { status: string; message?: string };
  sync: { status: string; revision?: string };
  summary: { images: string[] };
}

describe("the services of a sandbox's cluster", function () {
  this.timeout(60_000);
  let lab: ClusterLab;
  let api: KubernetesApi;
  before(function () {
    if (pythonState(process.env).python === undefined) throw new Error("these tests need the sandbox's Python");
  });
  beforeEach(() => {
    lab = openClusterLab();
  });
  afterEach(async () => {
    await api.close();
    lab.close();
  });

  const open = async (live = true) => {
    api = await startKubernetesApi(lab.directory, { environment: process.env, live });
  };
  const get = async (path: string) => {
    const answer = await fetch(`${api.endpoint(clusterName)}${path}`);
    const text = await answer.text();
    return { code: answer.status, body: JSON.parse(text) as Properties };
  };
  const statusOf = async (name = "api") =>
    (await get(`/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${name}`)).body["status"] as Status;
  const proxy = (path: string, name = "api", port = 8000) =>
    get(`/api/v1/namespaces/services/services/${name}:${port}/proxy${path}`);
  const healthy = (image: string) =>
    until("healthy", async () => {
      const status = await statusOf();
      assert.notEqual(status.health.status, "Degraded", status.health.message);
      return status.health.status === "Healthy" && status.summary.images.includes(image);
    });

  it("applies what the branch holds, runs it and answers through the proxy", async () => {
    const image = await lab.image(pythonImage("one"));
    lab.application("api");
    const revision = lab.commit({ "api/rollout.yaml": workload({ image }), "api/service.yaml": service() });
    await open();
    assert.equal(api.simulated(clusterName), false);
    assert.deepEqual((await statusOf()).sync, { status: "Synced", revision });
    await healthy(image);
    const { code, body } = await proxy("/models?x=1");
    assert.deepEqual([code, body["name"]], [200, "one"]);
  });

  it("brings a good canary all the way", async () => {
    const [first, second] = [await lab.image(nodeImage("one")), await lab.image(nodeImage("two"))];
    lab.application("api");
    const files = (image: string) => ({
      "api/rollout.yaml": workload({ image, strategy: watchedCanary }),
      "api/service.yaml": service(),
      "api/analysistemplate.yaml": analysisTemplate(),
    });
    lab.commit(files(first));
    await open();
    await healthy(first);
    lab.commit(files(second));
    await healthy(second);
    assert.equal((await proxy("/")).body["name"], "two");
  });
});
