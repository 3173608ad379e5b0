import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { networkPolicy, servicesOf } from "../../../components/services/manifests/network.ts";
import { podTemplate } from "../../../components/services/manifests/pod.ts";
import { autoscaler, disruptionBudget } from "../../../components/services/manifests/scaling.ts";
import { workload } from "../../../components/services/manifests/workload.ts";
import { analysis, blueGreen, canary, context, image, service } from "./sample.ts";

type Loose = Record<string, unknown>;

const strategyOf = (object: unknown) => (object as { spec: { strategy: Loose } }).spec.strategy;
const pods = (name: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": name } } });

describe("components/services/manifests: workload", () => {
  it("rolls by a Deployment that never has fewer pods than it should", () => {
    const made = workload(context());
    assert.deepEqual([made.apiVersion, made.kind], ["apps/v1", "Deployment"]);
    assert.deepEqual(strategyOf(made), {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 },
    });
  });

  it("goes through a canary's steps and measures from the first one on", () => {
    assert.deepEqual(strategyOf(workload(context({ delivery: { ...canary, analysis } }))), {
      canary: {
        canaryService: "api-canary",
        maxSurge: "25%",
        maxUnavailable: 0,
        analysis: {
          templates: [{ templateName: "api" }],
          args: [{ name: "pod-hash", valueFrom: { podTemplateHashValue: "Latest" } }],
          startingStep: 1,
        },
        steps: [
          { setWeight: 10 },
          { pause: { duration: "1800s" } },
          { setWeight: 50 },
          { pause: { duration: "600s" } },
        ],
      },
    });
  });

  for (const approvalRequired of [true, false]) {
    it(`switches from blue to green ${approvalRequired ? "when a person says so" : "by itself"}`, () => {
      assert.deepEqual(strategyOf(workload(context({ delivery: { ...blueGreen, approvalRequired } }))), {
        blueGreen: {
          activeService: "api",
          previewService: "api-preview",
          autoPromotionEnabled: !approvalRequired,
          scaleDownDelaySeconds: 600,
        },
      });
    });
  }

  it("measures green before the switch and after it", () => {
    const { blueGreen: made } = strategyOf(workload(context({ delivery: { ...blueGreen, analysis } }))) as {
      blueGreen: Record<string, { templates: unknown }>;
    };
    assert.deepEqual(made["prePromotionAnalysis"]?.templates, [{ templateName: "api" }]);
    assert.deepEqual(made["postPromotionAnalysis"], made["prePromotionAnalysis"]);
  });

  it("takes a version back whose pods never become ready, and goes back without steps", () => {
    const { spec } = workload(context({ delivery: canary })) as unknown as { spec: Loose };
    assert.equal(spec["progressDeadlineAbort"], true);
    assert.deepEqual(spec["rollbackWindow"], { revisions: 3 });
  });
});

describe("components/services/manifests: pods", () => {
  const { spec, metadata } = podTemplate(
    context(
      { delivery: canary, calls: ["model-store"], variables: { A: "1" } },
      {
        services: { api: service(), "model-store": service({ port: 9000 }) },
      },
    ),
  );
  const [container] = spec?.containers ?? [];

  it("satisfy the restricted pod security standard and hold no token of the cluster", () => {
    assert.deepEqual(spec?.securityContext, {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.equal(spec.automountServiceAccountToken, false);
    assert.deepEqual(spec.volumes, [{ name: "tmp", emptyDir: {} }]);
  });

  it("know their environment and where the services are that they call", () => {
    assert.deepEqual(container?.env, [
      { name: "ENVIRONMENT", value: "dev" },
      { name: "MODEL_STORE_URL", value: "http://model-store:9000" },
      { name: "A", value: "1" },
    ]);
  });

  it("run the image of the release and are asked on its port", () => {
    assert.equal(container?.image, image);
    assert.deepEqual(container.ports, [{ name: "http", containerPort: 8000 }]);
    const paths = [container.startupProbe, container.readinessProbe, container.livenessProbe];
    assert.deepEqual(
      paths.map((probe) => probe?.httpGet),
      ["/health", "/ready", "/health"].map((at) => ({ path: at, port: "http" })),
    );
  });

  it("go on answering until nobody sends them anything, and have the time to end after that", () => {
    const sleep = container?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    assert.ok(sleep > 0);
    assert.ok((spec?.terminationGracePeriodSeconds ?? 0) >= sleep + 30);
  });

  it("ask to be measured where somebody measures", () => {
    assert.deepEqual(metadata?.annotations, {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "8000",
      "prometheus.io/path": "/metrics",
    });
    assert.equal(podTemplate(context()).metadata?.annotations, undefined);
  });
});

describe("components/services/manifests: network", () => {
  const predict = service({ port: 8001, delivery: { ...canary, analysis } });
  const api = service({ calls: ["predict"], exposed: true });
  const services = { api, predict };
  const policyOf = (name: "api" | "predict", hasIdentity = false) =>
    networkPolicy(context({}, { name, settings: services[name], services, hasIdentity })).spec;

  it("lets a service that is exposed be asked from anywhere, and ask whom it calls", () => {
    assert.deepEqual(policyOf("api"), {
      ...pods("api"),
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [{ port: "http" }] }],
      egress: [{ to: [pods("predict")], ports: [{ port: 8001 }] }],
    });
  });

  it("lets any other be asked by its callers and by who measures it, and ask nobody", () => {
    const measuring = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "prometheus" } } };
    assert.deepEqual(policyOf("predict")?.ingress, [{ from: [pods("api"), measuring], ports: [{ port: "http" }] }]);
    assert.deepEqual(policyOf("predict")?.egress, []);
  });

  it("lets nobody ask a service that nobody calls", () => {
    assert.deepEqual(networkPolicy(context()).spec?.ingress, []);
  });

  it("lets a service with an AWS identity reach the node's agent and AWS", () => {
    assert.deepEqual(policyOf("predict", true)?.egress, [
      { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ port: 80 }] },
      { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] },
    ]);
  });

  for (const [title, delivery, names] of [
    ["rolling", { strategy: "rolling" }, ["api"]],
    ["canary", canary, ["api", "api-canary"]],
    ["blue-green", blueGreen, ["api", "api-preview"]],
  ] as const) {
    it(`has ${names.join(" and ")} for ${title}, all of which pick the service's pods`, () => {
      const made = servicesOf(context({ delivery }));
      assert.deepEqual(
        made.map(({ metadata, spec }) => [metadata?.name, spec?.selector]),
        names.map((name) => [name, { "app.kubernetes.io/name": "api" }]),
      );
    });
  }
});

describe("components/services/manifests: scaling", () => {
  it("scales what runs the pods, from what always runs", () => {
    const scaling = { max: 12, cpuPercent: 65 };
    for (const [delivery, kind] of [
      [canary, "Rollout"],
      [{ strategy: "rolling" }, "Deployment"],
    ] as const) {
      const [made] = autoscaler(context({ delivery, autoscaling: scaling }));
      const { scaleTargetRef, minReplicas, maxReplicas } = made?.spec ?? assert.fail("no autoscaler");
      assert.deepEqual([scaleTargetRef.kind, scaleTargetRef.name, minReplicas, maxReplicas], [kind, "api", 3, 12]);
    }
    assert.deepEqual(autoscaler(context()), []);
  });

  it("lets nodes be emptied one pod at a time, where there is more than one", () => {
    assert.equal(disruptionBudget(context({ replicas: 2 }))[0]?.spec?.maxUnavailable, 1);
    assert.deepEqual(disruptionBudget(context({ replicas: 1 })), []);
  });
});
