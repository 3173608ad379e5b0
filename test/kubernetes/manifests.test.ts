import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { applicationSpec, projectSpec } from "../../components/services/argo-specs.ts";
import { podSecurityLabels } from "../../components/services/namespace-policy.ts";
import { pluralOf } from "../../sandbox/kubernetes/rest.ts";
import type { ApiServer } from "../../sandbox/kubernetes/server/api-server.ts";
import type { Answer } from "../../sandbox/kubernetes/server/client.ts";
import { apiServerState } from "../../sandbox/kubernetes/server/files.ts";
import { moduleFolder } from "../../tools/testing/kubernetes.ts";
import { startTestServer } from "../support/api-server.ts";

const root = join(import.meta.dirname, "../..");
const golden = join(root, "test/components/services/golden");
/** Definitions of the kinds that are not Kubernetes' own, from the projects themselves. */
const definitions = {
  "github.com/argoproj/argo-rollouts@v1.8.3": ["rollout", "analysis-template"],
  "github.com/argoproj/argo-cd/v3@v3.1.0": ["application", "appproject"],
};

interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: object;
}

function pathOf({ apiVersion, kind, metadata }: KubernetesObject, namespace: string | undefined): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${group}${place}/${pluralOf(kind)}/${metadata.name}`;
}

function accepted(answer: Answer): void {
  assert.ok(answer.status === 200 || answer.status === 201, `${answer.status} ${String(answer.body.message)}`);
  assert.deepEqual(answer.warnings, []);
}

describe("the place of an object in the API", () => {
  const place = (apiVersion: string, kind: string, namespace?: string) =>
    pathOf({ apiVersion, kind, metadata: { name: "x" } }, namespace);

  it("follows from its kind", () => {
    assert.equal(place("v1", "Namespace"), "/api/v1/namespaces/x");
    assert.equal(
      place("networking.k8s.io/v1", "NetworkPolicy", "services"),
      "/apis/networking.k8s.io/v1/namespaces/services/networkpolicies/x",
    );
  });
});

describe("a real Kubernetes API server", function () {
  this.timeout(180_000);
  let server: ApiServer;

  before(async function () {
    const { files, reason } = apiServerState(root, process.env);
    if (files === undefined) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    server = await startTestServer(files);
    for (const [module, names] of Object.entries(definitions)) {
      const folder = await moduleFolder(module, process.env);
      for (const name of names) {
        const text = readFileSync(join(folder, "manifests", "crds", `${name}-crd.yaml`), "utf8");
        accepted(await server.apply(...definition(parse(text) as KubernetesObject)));
      }
    }
    for (const name of ["services", "argocd"]) {
      const labels = name === "services" ? podSecurityLabels("restricted") : {};
      const space = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
      accepted(await server.apply(pathOf(space, undefined), space));
    }
    await established(server);
  });

  after(() => server?.stop());

  it("takes every manifest of every environment, to the last field, for a namespace that is restricted", async () => {
    let count = 0;
    for await (const file of glob("*/*/*.yaml", { cwd: golden })) {
      for (const document of parseAllDocuments(readFileSync(join(golden, file), "utf8"))) {
        const object = document.toJS() as KubernetesObject;
        const answer = await server.apply(pathOf(object, "services"), object, { dryRun: true });
        assert.ok(answer.status < 300, `${file}: ${answer.status} ${String(answer.body.message)}`);
        assert.deepEqual(answer.warnings, [], file);
        count += 1;
      }
    }
    assert.ok(count >= 45, `only ${count} manifests were found`);
  });

  it("takes a whole environment for real, and again without a conflict", async () => {
    for (let round = 1; round <= 2; round++)
      for await (const file of glob("prod/*/*.yaml", { cwd: golden })) {
        const object = parse(readFileSync(join(golden, file), "utf8")) as KubernetesObject;
        accepted(await server.apply(pathOf(object, "services"), object));
      }
    const rollouts = await server.ask("GET", "/apis/argoproj.io/v1alpha1/namespaces/services/rollouts");
    const items = rollouts.body["items"] as KubernetesObject[];
    assert.ok(items.some(({ metadata }) => metadata.name === "api"));
  });

  it("takes the project and an application of Argo CD", async () => {
    const git = { repository: "https://github.com/slipway/slipway.git", branch: "manifests/dev" };
    const destination = { server: "https://kubernetes.default.svc", namespace: "services" };
    const shape = { autoscaled: true, rollout: true };
    const head = { apiVersion: "argoproj.io/v1alpha1" };
    const project = {
      ...head,
      kind: "AppProject",
      metadata: { name: "services" },
      spec: projectSpec(destination, git),
    };
    const spec = applicationSpec({ service: "api", project: "services", destination, git, ...shape });
    const application = { ...head, kind: "Application", metadata: { name: "api" }, spec };
    for (const object of [project, application]) accepted(await server.apply(pathOf(object, "argocd"), object));
  });

  for (const [name, change, message] of [
    ["a field that does not exist", { spec: { stratgy: {} } }, /field not declared in schema|unknown field/],
    ["a value of the wrong type", { spec: { replicas: "three" } }, /replicas/],
  ] as const)
    it(`refuses ${name}`, async () => {
      const file = join(golden, "prod", "api", "rollout.yaml");
      const object = parse(readFileSync(file, "utf8")) as KubernetesObject;
      const wrong = { ...object, spec: { ...object.spec, ...change.spec } };
      const answer = await server.apply(pathOf(object, "services"), wrong, { dryRun: true });
      assert.ok(answer.status >= 400, `${answer.status}`);
      assert.match(String(answer.body.message), message);
    });

  it("warns of a pod that the namespace would refuse", async () => {
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "a" }] } };
    const spec = { selector: { matchLabels: { a: "b" } }, template };
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "loose" }, spec };
    const answer = await server.apply(pathOf(object, "services"), object, { dryRun: true });
    assert.match(answer.warnings.join(), /would violate PodSecurity/);
  });
});

function definition(object: KubernetesObject): [path: string, object: KubernetesObject] {
  return [pathOf(object, undefined), object];
}

/** New kinds are served a moment after their definition was taken. */
async function established(server: ApiServer): Promise<void> {
  const kinds = ["rollouts", "analysistemplates", "applications", "appprojects"];
  for (let attempt = 0; attempt < 100; attempt++) {
    const asked = await Promise.all(kinds.map((kind) => server.ask("GET", `/apis/argoproj.io/v1alpha1/${kind}`)));
    if (asked.every(({ status }) => status === 200)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the kinds of Argo are not served");
}
