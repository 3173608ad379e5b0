import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { argoCdValues } from "../../../components/services/argo-cd.ts";
import { argoRolloutsValues } from "../../../components/services/argo-rollouts.ts";
import { prometheusValues, scrapeConfigs } from "../../../components/services/prometheus.ts";
import { type Delivery, deliverySeconds } from "../../../components/services/settings.ts";
import { validateServices } from "../../../components/services/validation.ts";
import { analysis, blueGreen, canary, service } from "./sample.ts";

describe("components/services/argoCdValues", () => {
  for (const highlyAvailable of [true, false]) {
    it(`runs ${highlyAvailable ? "two" : "one"} of each part, without a local administrator`, () => {
      const values = argoCdValues(highlyAvailable) as {
        configs: { cm: Record<string, string> };
        server: { replicas: number };
        "redis-ha": { enabled: boolean };
      };
      assert.equal(values.server.replicas, highlyAvailable ? 2 : 1);
      assert.equal(values["redis-ha"].enabled, highlyAvailable);
      assert.equal(values.configs.cm["admin.enabled"], "false");
      assert.equal(values.configs.cm["exec.enabled"], "false");
    });
  }
});

describe("components/services/argoRolloutsValues", () => {
  const values = argoRolloutsValues(true) as {
    keepCRDs: boolean;
    dashboard: { enabled: boolean };
    providerRBAC: { enabled: boolean; providers: Record<string, boolean> };
    controller: { replicas: number; pdb: { enabled: boolean } };
  };

  it("may not touch the objects of traffic routers that nobody uses", () => {
    assert.equal(values.providerRBAC.enabled, false);
    assert.deepEqual([...new Set(Object.values(values.providerRBAC.providers))], [false]);
    assert.equal(values.dashboard.enabled, false);
  });

  it("leaves Rollouts where they are when it goes", () => assert.equal(values.keepCRDs, true));

  it("runs twice where it is to be highly available", () => {
    assert.deepEqual([values.controller.replicas, values.controller.pdb.enabled], [2, true]);
  });
});

describe("components/services/prometheusValues", () => {
  it("runs the server and nothing else", () => {
    const values = prometheusValues("services") as Record<string, { enabled?: boolean }>;
    const off = Object.keys(values).filter((key) => values[key]?.enabled === false);
    assert.deepEqual(off.sort(), [
      "alertmanager",
      "kube-state-metrics",
      "prometheus-node-exporter",
      "prometheus-pushgateway",
    ]);
  });

  it("looks at the pods of one namespace, and gives their series the labels that analyses ask for", () => {
    const [job] = scrapeConfigs("services") as [
      { kubernetes_sd_configs: unknown; relabel_configs: { target_label?: string }[] },
    ];
    assert.deepEqual(job.kubernetes_sd_configs, [{ role: "pod", namespaces: { names: ["services"] } }]);
    const labels = job.relabel_configs.map(({ target_label }) => target_label);
    for (const label of ["namespace", "service", "pod_template_hash"]) assert.ok(labels.includes(label), label);
  });
});

describe("components/services/deliverySeconds", () => {
  const table: [title: string, delivery: Delivery, seconds: number | undefined][] = [
    ["a rolling update takes as long as any", { strategy: "rolling" }, undefined],
    ["a canary takes its pauses and slack", canary, 1800 + 600 + 600],
    ["a measured one takes a last round of measurements more", { ...canary, analysis }, 3000 + 180],
    ["blue-green by itself takes slack", { ...blueGreen, approvalRequired: false }, 600],
    ["blue-green by a person waits for them", blueGreen, 3600 + 600],
    ["measured blue-green measures twice", { ...blueGreen, analysis }, 4200 + 360],
  ];
  for (const [title, delivery, seconds] of table) {
    it(title, () => assert.equal(deliverySeconds(delivery), seconds));
  }
});

describe("components/services/validateServices", () => {
  const step = (weight: number, pauseSeconds = 60) => ({ weight, pauseSeconds });
  const steps = (...given: { weight: number; pauseSeconds: number }[]) => ({
    delivery: { strategy: "canary" as const, steps: given },
  });
  const table: [title: string, services: Parameters<typeof validateServices>[0], problem: string][] = [
    [
      "a port that is none",
      { api: service({ port: 0 }) },
      "`services.api.port`: got 0, expected a port from 1 to 65535.",
    ],
    [
      "two services on one port",
      { api: service(), web: service() },
      "`services.web.port`: got 8000, expected a port of its own: api has this one.",
    ],
    [
      "no pods",
      { api: service({ replicas: 0 }) },
      "`services.api.replicas`: got 0, expected a whole number, at least 1.",
    ],
    [
      "an image by tag",
      { api: service({ image: "registry.test/slipway/api:v1" }) },
      '`services.api.image`: got "registry.test/slipway/api:v1", expected an image by digest: <repository>@sha256:<64 hex>.',
    ],
    [
      "an image by tag and digest cut short",
      { api: service({ image: "registry.test/slipway/api@sha256:abc" }) },
      '`services.api.image`: got "registry.test/slipway/api@sha256:abc", expected an image by digest: <repository>@sha256:<64 hex>.',
    ],
    [
      "a canary of one pod",
      { api: service({ replicas: 1, delivery: canary }) },
      "`services.api.replicas`: got 1, expected at least 2: a canary needs a pod of the old version beside it.",
    ],
    [
      "a share of everything",
      { api: service(steps(step(100))) },
      "`services.api.delivery.steps[0].weight`: got 100, expected a whole number from 1 to 99.",
    ],
    [
      "a share that does not grow",
      { api: service(steps(step(20), step(20))) },
      "`services.api.delivery.steps[1].weight`: got 20, expected more than 20, the share of the step before.",
    ],
    [
      "a pause of nothing",
      { api: service(steps(step(20, 0))) },
      "`services.api.delivery.steps[0].pauseSeconds`: got 0, expected more than 0 seconds.",
    ],
    [
      "a canary without steps",
      { api: service(steps()) },
      "`services.api.delivery.steps`: got [], expected at least one step.",
    ],
    [
      "a strategy that is none",
      { api: service({ delivery: { strategy: "yolo" } as never }) },
      '`services.api.delivery.strategy`: got "yolo", expected one of canary, blue-green, rolling.',
    ],
    [
      "an error rate above 1",
      { api: service({ delivery: { ...canary, analysis: { ...analysis, maxErrorRate: 2 } } }) },
      "`services.api.delivery.analysis.maxErrorRate`: got 2, expected a share from 0 to 1.",
    ],
    [
      "an analysis that never asks",
      { api: service({ delivery: { ...canary, analysis: { ...analysis, intervalSeconds: 0 } } }) },
      "`services.api.delivery.analysis.intervalSeconds`: got 0, expected more than 0 seconds.",
    ],
    [
      "an analysis that nothing stops",
      { api: service({ delivery: { ...canary, analysis: { ...analysis, failures: 0 } } }) },
      "`services.api.delivery.analysis.failures`: got 0, expected a whole number, at least 1.",
    ],
    [
      "an autoscaler below what always runs",
      { api: service({ autoscaling: { max: 2, cpuPercent: 50 } }) },
      "`services.api.autoscaling.max`: got 2, expected at least the 3 that always run.",
    ],
    [
      "a call to nobody",
      { api: service({ calls: ["search"] }) },
      '`services.api.calls`: got "search", expected another service.',
    ],
  ];
  for (const [title, services, problem] of table) {
    it(`refuses ${title}`, () => assert.deepEqual(validateServices(services), [`${problem} Correct it.`]));
  }

  it("finds every problem at once, and none where there is none", () => {
    assert.equal(validateServices({ api: service({ port: 0, replicas: 0, image: "api:latest" }) }).length, 3);
    assert.deepEqual(validateServices({ api: service({ delivery: { ...canary, analysis } }) }), []);
  });
});
