import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { argoCdValues } from "../../../components/services/argo-cd.ts";
import { applicationSpec, projectSpec } from "../../../components/services/argo-specs.ts";
import { ServicesPipeline, validateServices } from "../../../components/services/services-pipeline.ts";
import { promised, run } from "../../support/harness.ts";

const git = { repository: "https://git.test/slipway.git", path: "services", revision: "main" };
const image = `registry.test/slipway/api@sha256:${"a".repeat(64)}`;
const args = {
  environment: "dev",
  clusterName: "slipway-dev",
  services: { api: { port: 8000, replicas: 1, image } },
  git,
};

const spec = (resource: { inputs: Record<string, unknown> }) => resource.inputs.spec as Record<string, unknown>;

describe("components/services/ServicesPipeline", () => {
  it("makes Argo CD, a closed namespace, a project and one application per service", async () => {
    const { list } = await run(() => void new ServicesPipeline("services", args));
    assert.deepEqual(list(), [
      "kubernetes:argoproj.io/v1alpha1:AppProject services-project",
      "kubernetes:argoproj.io/v1alpha1:Application services-api",
      "kubernetes:core/v1:Namespace services-argo-namespace",
      "kubernetes:core/v1:Namespace services-namespace",
      "kubernetes:helm.sh/v3:Release services-argo-release",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy services-allow-dns",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy services-default-deny",
      "slipway:index:ArgoCd services-argo",
      "slipway:index:RestrictedNamespace services",
      "slipway:index:ServicesPipeline services",
    ]);
  });

  it("refuses pods that do not run restricted, and all traffic but DNS", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", args));
    const { metadata } = get("kubernetes:core/v1:Namespace", "services-namespace").inputs;
    assert.deepEqual(metadata, {
      name: "services",
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
      },
    });
    const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    assert.deepEqual(spec(get(policy, "services-default-deny")), {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    assert.deepEqual(spec(get(policy, "services-allow-dns")).egress, [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ]);
  });

  it("deploys the release's image by digest, once Argo CD and the project are there", async () => {
    const { get } = await run(() => void new ServicesPipeline("services", args));
    const application = get("kubernetes:argoproj.io/v1alpha1:Application", "services-api");
    assert.deepEqual(application.inputs.metadata, {
      name: "api",
      namespace: "argocd",
      finalizers: ["resources-finalizer.argocd.argoproj.io"],
    });
    assert.deepEqual((spec(application).source as Record<string, unknown>).kustomize, {
      images: [`api=${image}`],
      replicas: [{ name: "api", count: 1 }],
    });
    for (const needed of [
      "kubernetes:argoproj.io/v1alpha1:AppProject services-project",
      "kubernetes:helm.sh/v3:Release services-argo-release",
      "kubernetes:core/v1:Namespace services-namespace",
    ]) {
      assert.ok(application.dependsOn.includes(needed), needed);
    }
  });

  it("declares one check per service, with the image it must run", async () => {
    const made: ServicesPipeline[] = [];
    await run(() => void made.push(new ServicesPipeline("services", args)));
    assert.deepEqual(await promised(made[0]!.checks), [
      { kind: "argo-application", name: "api", cluster: "slipway-dev", namespace: "argocd", images: [image] },
    ]);
    assert.deepEqual(await promised(made[0]!.services), {
      api: { application: "api", namespace: "services", image, port: 8000 },
    });
  });

  it("finds every problem of its arguments", () => {
    assert.deepEqual(validateServices({ services: { api: { port: 0, replicas: -1, image } } }), [
      "`services.api.port`: got 0, expected a port from 1 to 65535. Correct it.",
      "`services.api.replicas`: got -1, expected a whole number, at least 0. Correct it.",
    ]);
  });
});

describe("components/services/argo-specs", () => {
  it("lets the services' project touch one namespace and no cluster-wide object", () => {
    const { destinations, sourceRepos, clusterResourceWhitelist } = projectSpec("services", git);
    assert.deepEqual(destinations, [{ server: "https://kubernetes.default.svc", namespace: "services" }]);
    assert.deepEqual(sourceRepos, ["https://git.test/slipway.git"]);
    assert.deepEqual(clusterResourceWhitelist, []);
  });

  it("reads the environment's overlay and leaves the number of pods to it where none is given", () => {
    const { source } = applicationSpec({
      service: "api",
      project: "services",
      environment: "prod",
      namespace: "services",
      git,
      image,
    });
    assert.deepEqual(source, {
      repoURL: "https://git.test/slipway.git",
      targetRevision: "main",
      path: "services/api/deploy/overlays/prod",
      kustomize: { images: [`api=${image}`] },
    });
  });
});

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
