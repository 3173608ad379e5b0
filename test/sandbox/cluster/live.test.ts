import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { startKubernetesApi, type KubernetesApi } from "../../../sandbox/kubernetes-api.ts";
import { isRunning, markOf } from "../../../sandbox/live/process.ts";
import { ensureVenv } from "../../../tools/testing/python.ts";
import { foreignListeners } from "../../support/ministack.ts";
import { ClusterClient } from "./cluster-client.ts";
import { clusterName, openClusterLab, until, type ClusterLab } from "./cluster-lab.ts";
import {
  analysisTemplate,
  nodeImage,
  pythonImage,
  service,
  watchedCanary,
  workload,
  type WorkloadOptions,
} from "./manifests.ts";

const root = resolve(import.meta.dirname, "../../..");
const driver = fileURLToPath(new URL("driver.ts", import.meta.url));

describe("the services of a sandbox's cluster", function () {
  this.timeout(60_000);
  let python: string;
  let lab: ClusterLab;
  let api: KubernetesApi | undefined;
  let client: ClusterClient;
  const notes: string[] = [];
  before(async function () {
    this.timeout(600_000);
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    python = process.env["SLIPWAY_SANDBOX_PYTHON"] ?? (await ensureVenv({ root, environment: process.env, say }));
  });
  beforeEach(() => {
    lab = openClusterLab();
    lab.application("api");
  });
  afterEach(async () => {
    await api?.close();
    api = undefined;
    lab.close();
  });

  const open = async (options: { live?: boolean } = {}) => {
    const environment = { SLIPWAY_SANDBOX_PYTHON: python };
    api = await startKubernetesApi(lab.directory, { environment, onNote: (line) => notes.push(line), ...options });
    client = new ClusterClient(api);
    return api;
  };
  const release = (options: WorkloadOptions) =>
    lab.commit({
      "api/rollout.yaml": workload(options),
      "api/service.yaml": service(),
      "api/analysistemplate.yaml": analysisTemplate(),
    });

  it("run what the branch holds and answer through the proxy, on 127.0.0.1 alone", async () => {
    const image = await lab.image(pythonImage("one"));
    const revision = release({ image });
    const opened = await open();
    assert.equal(opened.simulated(clusterName), false);
    assert.deepEqual((await client.application()).sync, { status: "Synced", revision });
    await client.healthy(image);
    const { code, body } = await client.proxy("/models?x=1", "api", "http");
    assert.deepEqual([code, body["name"]], [200, "one"]);
    const url = opened.serviceUrl(clusterName, "services", "api") ?? "";
    assert.equal((await fetch(url)).status, 200);
    assert.deepEqual(foreignListeners(Number(new URL(url).port)), []);
  });

  it("get the pod's variables, the local address of other services, and little else", async () => {
    const image = await lab.image(nodeImage("one"));
    process.env["SLIPWAY_TEST_SECRET"] = "of this machine";
    lab.application("predict");
    lab.commit({
      "api/deployment.yaml": workload({
        image,
        env: { PREDICT_URL: "http://predict:8001", OTHER: "see http://predict:8001" },
      }),
      "api/service.yaml": service(),
      "predict/deployment.yaml": workload({ image, name: "predict" }),
      "predict/service.yaml": service("predict", 8001),
    });
    const opened = await open();
    await client.healthy(image);
    delete process.env["SLIPWAY_TEST_SECRET"];
    const env = (await client.proxy("/")).body["env"] as Record<string, string>;
    assert.equal(env["PREDICT_URL"], opened.serviceUrl(clusterName, "services", "predict"));
    assert.equal(env["OTHER"], "see http://predict:8001");
    const known = [
      "PATH",
      "HOME",
      "LANG",
      "LC_ALL",
      "LC_CTYPE",
      "TZ",
      "PORT",
      "PYTHONUNBUFFERED",
      "PREDICT_URL",
      "OTHER",
    ];
    assert.deepEqual(
      Object.keys(env).filter((name) => !known.includes(name)),
      [],
    );
  });

  it("bring a good canary all the way", async () => {
    const [first, second] = [await lab.image(nodeImage("one")), await lab.image(nodeImage("two"))];
    release({ image: first, strategy: watchedCanary });
    await open();
    await client.healthy(first);
    release({ image: second, strategy: watchedCanary });
    await until("both revisions answer", async () => {
      const names = await Promise.all([1, 2, 3, 4].map(async () => (await client.proxy("/")).body["name"]));
      return new Set(names).size === 2;
    });
    await client.healthy(second);
    assert.equal((await client.proxy("/")).body["name"], "two");
  });

  it("stop a canary that answers with errors, and come back with the manifests of before", async () => {
    const [first, second] = [await lab.image(nodeImage("one")), await lab.image(nodeImage("two"))];
    release({ image: first, strategy: watchedCanary });
    await open();
    await client.healthy(first);
    release({ image: second, strategy: watchedCanary, probePaths: "/ready, /broken" });
    const { health, sync } = await client.degraded();
    assert.match(health.message ?? "", /^RolloutAborted: .*revision 2: Metric "error-rate" .*error rate 50 %/);
    assert.equal(sync.status, "Synced");
    const { abort, currentStepIndex, canary } = await client.rollout();
    assert.deepEqual(
      [abort, currentStepIndex, (canary as { weights: { canary: { weight: number } } }).weights.canary.weight],
      [true, 1, 10],
    );
    assert.equal((await client.proxy("/")).body["name"], "one");
    release({ image: first, strategy: watchedCanary });
    await client.healthy(first);
  });

  it("remember what serves for whoever looks next", async () => {
    const [first, second] = [await lab.image(nodeImage("one")), await lab.image(nodeImage("two"))];
    release({ image: first, strategy: watchedCanary });
    await open();
    await client.healthy(first);
    await api?.close();
    release({ image: second, strategy: watchedCanary, probePaths: "/broken" });
    await open();
    await client.degraded();
    await api?.close();
    await open();
    assert.equal((await client.application()).health.status, "Degraded");
    assert.equal((await client.rollout())["abort"], true);
  });

  it("say why a process does not come up, without the values it was given", async () => {
    const secret = "a-value-of-the-pod";
    const image = await lab.image(nodeImage("bad", `throw new Error("cannot use " + process.env.TOKEN);`));
    release({ image, env: { TOKEN: secret } });
    await open();
    const { health } = await client.degraded();
    assert.match(health.message ?? "", /ProgressDeadlineExceeded: Deployment "api".*CrashLoopBackOff: /);
    assert.equal(JSON.stringify(notes).includes(secret), false);
    const { code, body } = await client.proxy("/");
    assert.deepEqual([code, body["message"]], [503, 'no endpoints available for service "api"']);
  });

  it("say so where the bytes of an image are not there", async () => {
    release({ image: `000000000000.dkr.ecr.us-east-1.amazonaws.com/lab@sha256:${"0".repeat(64)}` });
    await open();
    assert.match(
      (await client.degraded()).health.message ?? "",
      /ImagePullBackOff: sha256:0+: not found in the sandbox's store/,
    );
  });

  it("end with the process that started them, however it ends, even when they hang", async () => {
    const [image, other] = [await lab.image(nodeImage("one")), await lab.image(pythonImage("two"))];
    lab.application("predict");
    lab.commit({
      "api/deployment.yaml": workload({ image }),
      "api/service.yaml": service(),
      "predict/deployment.yaml": workload({ image: other, name: "predict" }),
      "predict/service.yaml": service("predict", 8000),
    });
    const child = spawn(process.execPath, [driver, lab.directory, python, image, other], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const marks = (JSON.parse(line) as number[]).map((pid) => markOf(pid));
    assert.equal(marks.filter((mark) => mark !== undefined).length, 2);
    child.kill("SIGKILL");
    await until("no service is left", () => marks.every((mark) => mark === undefined || !isRunning(mark)));
  });

  it("are only remembered where nothing may run", async () => {
    release({ image: "lab@sha256:none", strategy: watchedCanary });
    const opened = await open({ live: false });
    assert.equal(opened.simulated(clusterName), true);
    assert.equal((await client.application()).health.status, "Healthy");
    release({ image: "lab@sha256:other", strategy: watchedCanary });
    const { health, summary } = await client.application();
    assert.deepEqual([health.status, summary.images], ["Healthy", ["lab@sha256:other"]]);
  });
});
