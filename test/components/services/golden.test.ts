import assert from "node:assert/strict";
import { glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { registryUri } from "../../../components/model/names.ts";
import { applicationSpec, projectSpec, thisCluster } from "../../../components/services/argo-specs.ts";
import { manifestFiles } from "../../../components/services/manifests/render.ts";
import { prometheusAddress } from "../../../components/services/prometheus.ts";
import type { ServiceSettings } from "../../../components/services/settings.ts";
import { rawSettings } from "../../../config/load.ts";
import { type EnvironmentSettings, parseSettings } from "../../../config/schema.ts";
import { withRegistry } from "../../../config/services.ts";
import { argoProblems, isArgo, kubernetesProblems } from "../../support/kubernetes-schemas.ts";
import { stackConfig } from "../../support/stack-files.ts";
import { analysis, blueGreen, canary, image, service } from "./sample.ts";

/** `UPDATE_GOLDEN=1 npx mocha test/components/services/golden.test.ts` writes what is rendered now; look at the difference. */
const update = process.env["UPDATE_GOLDEN"] === "1";
const folder = path.join(import.meta.dirname, "golden");

/** Services of a real stack file, with an image each. */
function configured(stack: string): { services: Record<string, ServiceSettings>; version: string } {
  const settings = parseSettings(rawSettings(stackConfig(stack))) as EnvironmentSettings;
  const released = Object.entries(settings.services).map(([name, plan]) => [name, { ...plan, image }] as const);
  const { environment, account } = settings;
  const registry = registryUri({ environment, account: account.id, region: account.region });
  return { services: withRegistry(Object.fromEntries(released), registry), version: settings.cluster.version };
}

/** What no stack file uses today. */
const strategies: Record<string, ServiceSettings> = {
  "blue-green-automatic": service({ delivery: { ...blueGreen, approvalRequired: false } }),
  "blue-green-manual": service({
    port: 8001,
    delivery: { ...blueGreen, analysis },
    autoscaling: { max: 9, cpuPercent: 50 },
  }),
  "canary-blind": service({ port: 8002, delivery: canary, calls: ["blue-green-manual"] }),
  "rolling-scaled": service({ port: 8003, autoscaling: { max: 9, cpuPercent: 50 }, variables: { LOG_LEVEL: "on" } }),
};

const environments = {
  dev: configured("dev"),
  staging: configured("staging"),
  prod: configured("prod"),
  strategies: { services: strategies, version: "1.35" },
};

function rendered(environment: keyof typeof environments): Record<string, string> {
  const { url: address, namespace } = prometheusAddress;
  const { services } = environments[environment];
  const identities = environment === "strategies" ? ["rolling-scaled"] : ["api", "predict"];
  return manifestFiles({ environment, namespace: "services", services, metrics: { address, namespace }, identities });
}

async function kept(environment: string): Promise<Record<string, string>> {
  const root = path.join(folder, environment);
  const files = await Array.fromAsync(glob("**/*.yaml", { cwd: root }));
  const read = files.map(async (file) => [file, await readFile(path.join(root, file), "utf8")] as const);
  return Object.fromEntries(await Promise.all(read));
}

async function keep(environment: string, files: Readonly<Record<string, string>>): Promise<void> {
  await rm(path.join(folder, environment), { recursive: true, force: true });
  for (const [file, text] of Object.entries(files)) {
    const at = path.join(folder, environment, file);
    await mkdir(path.dirname(at), { recursive: true });
    await writeFile(at, text);
  }
}

for (const environment of Object.keys(environments) as (keyof typeof environments)[]) {
  describe(`manifests of ${environment}`, () => {
    const files = rendered(environment);

    it("are the ones in golden/", async () => {
      if (update) await keep(environment, files);
      const before = await kept(environment);
      assert.deepEqual(Object.keys(files).sort(), Object.keys(before).sort());
      for (const [file, text] of Object.entries(files)) assert.equal(text, before[file], file);
    });

    it("are what this version of Kubernetes takes, without a field that it does not know", async () => {
      assert.deepEqual(await kubernetesProblems(files, environments[environment].version), []);
    });

    it("are what Argo Rollouts takes, without a field that it does not know", () => {
      const objects = Object.values(files).map((text): unknown => parse(text, { version: "1.1" }));
      assert.deepEqual(objects.filter(isArgo).flatMap(argoProblems), []);
    });
  });
}

describe("the schemas", () => {
  const files = rendered("prod");
  const change = (file: string, from: string, to: string) => ({ [file]: (files[file] ?? "").replace(from, to) });

  it("refuse a field that Kubernetes does not know, in a Rollout's pods as well", async () => {
    const wrong = {
      ...change("api/service.yaml", "targetPort: http", "targetPrt: http"),
      ...change("api/rollout.yaml", "readOnlyRootFilesystem", "readOnlyRootFilesytem"),
    };
    const problems = await kubernetesProblems(wrong, "1.35");
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? "", /service\.yaml .*'targetPrt' was unexpected/);
    assert.match(problems[1] ?? "", /rollout\.yaml .*'readOnlyRootFilesytem' was unexpected/);
  });

  it("refuse a version of Kubernetes that nobody knows, in place of checking nothing", async () => {
    assert.notDeepEqual(await kubernetesProblems(change("api/service.yaml", "", ""), "1.99"), []);
  });

  const rollout = (from: string, to: string): unknown =>
    parse(change("api/rollout.yaml", from, to)["api/rollout.yaml"] ?? "");
  const wrong = [
    ["setWeight: 10", "setWeight: ten", /steps\/0\/setWeight must be integer/],
    ["setWeight: 10", "setWait: 10", /Rollout\.spec\.strategy\.canary\.steps\[0\]\.setWait is unknown/],
    ["canaryService", "canarySvc", /Rollout\.spec\.strategy\.canary\.canarySvc is unknown/],
    ["progressDeadlineAbort", "progressDeadlineAbrt", /Rollout\.spec\.progressDeadlineAbrt is unknown/],
  ] as const;
  for (const [from, to, problem] of wrong) {
    it(`refuse ${to} in a Rollout`, () => {
      const problems = argoProblems(rollout(from, to));
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", problem);
    });
  }
});

describe("components/services/argo-specs", () => {
  const git = { repository: "https://git.test/slipway.git", branch: "manifests/dev" };
  const destination = { server: thisCluster, namespace: "services" };
  const args = { service: "api", project: "services", destination, git, autoscaled: false, rollout: false };
  const object = (kind: string, spec: unknown) => ({
    apiVersion: "argoproj.io/v1alpha1",
    kind,
    metadata: { name: "api" },
    spec,
  });

  it("lets the services' project touch one namespace, the kinds of a service and no cluster-wide object", () => {
    const spec = projectSpec(destination, git);
    assert.deepEqual(spec.destinations, [{ server: "https://kubernetes.default.svc", namespace: "services" }]);
    assert.deepEqual(spec.sourceRepos, ["https://git.test/slipway.git"]);
    assert.deepEqual(spec.clusterResourceWhitelist, []);
    const rendered = new Set(Object.values(manifestFilesOfAll()).map((text) => (parse(text) as { kind: string }).kind));
    assert.deepEqual(spec.namespaceResourceWhitelist?.map(({ kind }) => kind).sort(), [...rendered].sort());
    assert.deepEqual(argoProblems(object("AppProject", spec)), []);
  });

  it("reads a service's folder of the environment's branch and puts back what somebody changes", () => {
    const spec = applicationSpec(args);
    assert.deepEqual(spec.source, {
      repoURL: "https://git.test/slipway.git",
      targetRevision: "manifests/dev",
      path: "api",
      directory: { recurse: false },
    });
    assert.deepEqual(spec.syncPolicy?.automated, { prune: true, selfHeal: true });
    assert.equal(spec.ignoreDifferences, undefined);
    assert.deepEqual(argoProblems(object("Application", spec)), []);
  });

  for (const [rollout, group, kind] of [
    [true, "argoproj.io", "Rollout"],
    [false, "apps", "Deployment"],
  ] as const) {
    it(`leaves the number of pods of a ${kind} to its autoscaler`, () => {
      const spec = applicationSpec({ ...args, rollout, autoscaled: true });
      assert.deepEqual(spec.ignoreDifferences, [{ group, kind, name: "api", jsonPointers: ["/spec/replicas"] }]);
      assert.ok(spec.syncPolicy?.syncOptions?.includes("RespectIgnoreDifferences=true"));
      assert.deepEqual(argoProblems(object("Application", spec)), []);
    });
  }
});

/** Every file of every environment, by path. */
function manifestFilesOfAll(): Record<string, string> {
  const names = Object.keys(environments) as (keyof typeof environments)[];
  return Object.fromEntries(
    names.flatMap((name) => Object.entries(rendered(name)).map(([file, text]) => [`${name}/${file}`, text] as const)),
  );
}
