import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

const root = path.resolve(import.meta.dirname, "../../services");
const services = [
  { name: "api", port: 8000, readiness: "/ready" },
  { name: "predict", port: 8001, readiness: "/health" },
] as const;
const environments = ["dev", "staging", "prod"] as const;

const read = (...parts: string[]): unknown => parse(readFileSync(path.join(root, ...parts), "utf8"));

interface Kustomization {
  resources: string[];
  replicas?: { name: string; count: number }[];
}
interface Container {
  image: string;
  ports: unknown;
  securityContext: unknown;
  readinessProbe: { httpGet: unknown };
  resources: { limits: object };
}
interface Deployment {
  spec: { replicas?: number; template: { spec: { securityContext: unknown; containers: Container[] } } };
}

describe("the services' deployments", () => {
  for (const { name, port, readiness } of services) {
    const base = path.join(name, "deploy", "base");
    const pod = (read(base, "deployment.yaml") as Deployment).spec.template.spec;

    it(`${name} satisfies the restricted pod security standard`, () => {
      assert.deepEqual(pod.securityContext, {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.deepEqual(
        pod.containers.map((container) => container.securityContext),
        [{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } }],
      );
      assert.match(readFileSync(path.join(root, name, "Dockerfile"), "utf8"), /^USER 10001$/m);
    });

    it(`${name} serves and is probed on ${port}`, () => {
      const [container] = pod.containers;
      assert.deepEqual(container?.ports, [{ name: "http", containerPort: port }]);
      assert.deepEqual(container?.readinessProbe.httpGet, { path: readiness, port: "http" });
      const service = read(base, "service.yaml") as { spec: unknown };
      const selector = { "app.kubernetes.io/name": name };
      assert.deepEqual(service.spec, { selector, ports: [{ name: "http", port, targetPort: "http" }] });
      assert.match(readFileSync(path.join(root, name, "Dockerfile"), "utf8"), new RegExp(`"--port", "${port}"`));
    });

    it(`${name} names an image without a tag, for the release's digest to take its place`, () => {
      assert.deepEqual(
        pod.containers.map(({ image }) => image),
        [name],
      );
    });

    it(`${name} has an overlay per environment, with an autoscaler in prod alone`, () => {
      const overlays = environments.map((environment) =>
        read(name, "deploy", "overlays", environment, "kustomization.yaml"),
      ) as Kustomization[];
      assert.deepEqual(
        overlays.map(({ resources, replicas }) => ({ resources, replicas: replicas?.[0]?.count })),
        [
          { resources: ["../../base"], replicas: 1 },
          { resources: ["../../base"], replicas: 2 },
          { resources: ["../../base", "autoscaler.yaml", "disruption-budget.yaml"], replicas: undefined },
        ],
      );
      // A fixed count beside an autoscaler would be put back by Argo CD after every scaling.
      assert.equal((read(base, "deployment.yaml") as Deployment).spec.replicas, undefined);
      for (const file of ["deployment", "service", "service-account", "network-policy"])
        assert.equal((read(base, `${file}.yaml`) as { metadata: { name: string } }).metadata.name, name);
    });
  }
});
