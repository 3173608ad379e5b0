import { strict as assert } from "node:assert";

import { applicationSpec, projectSpec, thisCluster } from "../../../components/services/argo-specs.ts";
import { serviceFiles } from "../../../components/services/manifests/render.ts";
import type { Delivery, ServiceSettings } from "../../../components/services/settings.ts";
import { desiredObjects } from "../../../sandbox/cluster/desired.ts";
import type { Metric } from "../../../sandbox/cluster/analysis.ts";
import { workloadsOf, type Workload } from "../../../sandbox/cluster/workload.ts";

const analysis = { maxErrorRate: 0.01, intervalSeconds: 60, failures: 3 };
const judged: Metric[] = [
  { name: "error-rate", interval: 60, failureLimit: 2, limit: { value: 0.01, inclusive: true } },
];

/** The workload of a service as the program renders it and the sandbox's controllers read it. */
function rendered(delivery: Delivery): Workload {
  const settings: ServiceSettings = {
    ...{ port: 8000, replicas: 3, delivery, calls: [], exposed: true, variables: {}, verify: ["/ready"] },
    resources: { cpu: "100m", memory: "256Mi" },
    image: `registry/api@sha256:${"1".repeat(64)}`,
  };
  const context = { name: "api", environment: "prod", namespace: "services", settings, services: { api: settings } };
  const git = { repository: "https://github.com/slipway/slipway.git", branch: "manifests/prod" };
  const files = serviceFiles({
    ...context,
    metrics: { address: "http://prometheus", namespace: "monitoring" },
    hasIdentity: false,
  });
  const own = Object.entries(files).map(([path, text]) => [path.slice("api/".length), text]);
  const destination = { server: thisCluster, namespace: "services" };
  const spec = applicationSpec({
    service: "api",
    project: "services",
    destination,
    git,
    autoscaled: false,
    rollout: true,
  });
  const project = { spec: projectSpec(destination, git) };
  const { objects, problem } = desiredObjects({ spec }, project, Object.fromEntries(own) as Record<string, string>);
  assert.equal(problem, undefined);
  const [workload, ...others] = workloadsOf(objects);
  assert.ok(workload);
  assert.deepEqual(others, []);
  return workload;
}

describe("the manifests that the program renders, as the sandbox reads them", () => {
  it("roll, with nothing to watch", () => {
    const { kind, replicas, strategy } = rendered({ strategy: "rolling" });
    assert.deepEqual([kind, replicas, strategy], ["Deployment", 3, { kind: "rolling" }]);
  });

  it("go by canary, with an analysis that the sandbox can judge", () => {
    const steps = [
      { weight: 10, pauseSeconds: 1_800 },
      { weight: 50, pauseSeconds: 600 },
    ];
    const { kind, strategy, abortsAtDeadline, rollbackWindow } = rendered({ strategy: "canary", steps, analysis });
    assert.deepEqual([kind, abortsAtDeadline, rollbackWindow > 0], ["Rollout", true, true]);
    assert.ok(strategy.kind === "canary");
    assert.deepEqual(strategy.background, judged);
    assert.deepEqual(strategy.steps, [
      { kind: "setWeight", weight: 10 },
      { kind: "pause", seconds: 1_800 },
      { kind: "setWeight", weight: 50 },
      { kind: "pause", seconds: 600 },
    ]);
    assert.equal(strategy.canaryService, "api-canary");
  });

  it("go by blue-green, measured before the switch and after it", () => {
    const wanted = {
      strategy: "blue-green",
      approvalRequired: true,
      approvalSeconds: 3_600,
      keepOldSeconds: 600,
      analysis,
    } as const;
    const { strategy } = rendered(wanted);
    assert.ok(strategy.kind === "blueGreen");
    const counted = judged.map((metric) => ({ ...metric, count: 3 }));
    assert.deepEqual([strategy.analysis, strategy.after], [counted, counted]);
    assert.deepEqual([strategy.automatic, strategy.keepOldSeconds], [false, 600]);
    assert.deepEqual([strategy.activeService, strategy.previewService], ["api", "api-preview"]);
  });
});
