import { strict as assert } from "node:assert";

import { promoteRollout, serveServices, startKubernetesApi } from "../../../sandbox/index.ts";
import { ClusterClient } from "./cluster-client.ts";
import { clusterName, openClusterLab, until, type ClusterLab } from "./cluster-lab.ts";
import { nodeImage, service, workload } from "./manifests.ts";

/** Services in JavaScript alone need no Python: any file stands for it. */
const environment = { SLIPWAY_SANDBOX_PYTHON: process.execPath };
const strategy = { blueGreen: { activeService: "api", previewService: "api-preview", autoPromotionEnabled: false } };

describe("looking at the services of an environment", function () {
  this.timeout(60_000);
  let lab: ClusterLab;
  beforeEach(() => {
    lab = openClusterLab();
    lab.application("api");
  });
  afterEach(() => lab.close());
  const release = (image: string) =>
    lab.commit({
      "api/rollout.yaml": workload({ image, strategy }),
      "api/service.yaml": service(),
      "api/service-preview.yaml": { ...service(), metadata: { name: "api-preview", namespace: "services" } },
    });
  const signal = new AbortController().signal;
  const onNote = () => undefined;

  it("serves them by the environment's name until it is closed", async () => {
    release(await lab.image(nodeImage("one")));
    const { cluster, services, lines, close } = await serveServices(lab.directory, "dev", {
      environment,
      signal,
      onNote,
    });
    const url = services.find(({ name }) => name === "api")?.url ?? "";
    assert.deepEqual([cluster, services.map(({ ready }) => ready)], [clusterName, [true, true]]);
    assert.ok(lines.some((line) => line.includes(url)));
    assert.match(await (await fetch(url)).text(), /"name":"one"/);
    await close();
    await assert.rejects(fetch(url));
  });

  it("says what is missing", async () => {
    const serve = (stack: string, settings: Record<string, string>) =>
      serveServices(lab.directory, stack, { environment: settings, signal, onNote });
    await assert.rejects(serve("prod", environment), /There are no services of prod in the sandbox/);
    await assert.rejects(serve("dev", { SLIPWAY_SANDBOX_LIVE: "off" }), /only simulated: SLIPWAY_SANDBOX_LIVE is off/);
  });

  it("promotes a blue-green update that waits for a person", async () => {
    const [first, second] = [await lab.image(nodeImage("one")), await lab.image(nodeImage("two"))];
    release(first);
    const api = await startKubernetesApi(lab.directory, { environment });
    try {
      const client = new ClusterClient(api);
      const name = async (of: string) => (await client.proxy("/", of)).body["name"];
      await client.healthy(first);
      release(second);
      const { health } = await until("it waits", async () => {
        const status = await client.application();
        return status.health.status === "Suspended" && status;
      });
      assert.match(health.message ?? "", /\.\/slipway sandbox promote slipway-dev services\/api$/);
      assert.deepEqual([await name("api"), await name("api-preview")], ["one", "two"]);
      promoteRollout(lab.directory, clusterName, "services", "api");
      await client.healthy(second);
      assert.equal(await name("api"), "two");
    } finally {
      await api.close();
    }
  });
});
