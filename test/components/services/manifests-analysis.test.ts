import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { runInNewContext } from "node:vm";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { analysisTemplate } from "../../../components/services/manifests/analysis.ts";
import { fileName, serviceObjects, toYaml } from "../../../components/services/manifests/render.ts";
import { rawSettings } from "../../../config/load.ts";
import { type EnvironmentSettings, parseSettings } from "../../../config/schema.ts";
import { stackConfig } from "../../support/stack-files.ts";
import { analysis, blueGreen, canary, context } from "./sample.ts";

describe("components/services/manifests: analysis", () => {
  const [template] = analysisTemplate(context({ delivery: { ...canary, analysis } }));
  const [metric] = template?.spec.metrics ?? [];

  /** What Argo Rollouts makes of a measurement: its conditions are expressions that read the same in JavaScript. */
  function verdict(result: number[]): string {
    const holds = (condition = "false") => {
      const len = (of: readonly unknown[]) => of.length;
      return runInNewContext(condition, { result, len, isNaN: Number.isNaN }) as boolean;
    };
    if (holds(metric?.failureCondition)) return "Failed";
    return holds(metric?.successCondition) ? "Successful" : "Inconclusive";
  }

  for (const [title, result, expected] of [
    ["no error", [0], "Successful"],
    ["exactly the share that is allowed", [0.01], "Successful"],
    ["more", [0.011], "Failed"],
    ["nothing but errors", [1], "Failed"],
    ["no traffic: 0/0", [NaN], "Inconclusive"],
    ["nobody who measures", [], "Inconclusive"],
  ] as const) {
    it(`calls ${title} ${expected.toLowerCase()}`, () => assert.equal(verdict([...result]), expected));
  }

  it("gives up after as many bad measurements as were set, or as many without an answer", () => {
    assert.deepEqual([metric?.failureLimit, metric?.inconclusiveLimit], [2, 2]);
  });

  it("measures the new version's pods alone, where Prometheus is", () => {
    const { address, query = "" } = metric?.provider.prometheus ?? {};
    assert.equal(address, "http://metrics.test");
    const selector = 'namespace="services",service="api",pod_template_hash="{{args.pod-hash}}"';
    assert.equal(query.split(selector).length, 3);
    assert.match(query, /status=~"5\.\."\}\[60s\]\)\) or vector\(0\)\)/);
  });

  it("looks back far enough for a rate however often it asks", () => {
    const [often] = analysisTemplate(
      context({ delivery: { ...canary, analysis: { ...analysis, intervalSeconds: 10 } } }),
    );
    const [asked] = often?.spec.metrics ?? [];
    assert.equal(asked?.interval, "10s");
    assert.match(asked.provider.prometheus?.query ?? "", /\[60s\]/);
  });

  it("ends by itself before and after a switch, and runs on beside a canary", () => {
    const [before] = analysisTemplate(context({ delivery: { ...blueGreen, analysis } }));
    assert.deepEqual([before?.spec.metrics?.[0]?.count, metric?.count], [3, undefined]);
  });

  it("is left out where nobody measures", () => {
    assert.deepEqual(analysisTemplate(context({ delivery: canary })), []);
  });
});

describe("components/services/manifests: files", () => {
  it("have a name for each object of a service", () => {
    const objects = serviceObjects(
      context({ delivery: { ...canary, analysis }, autoscaling: { max: 9, cpuPercent: 50 } }),
    );
    assert.deepEqual(
      objects.map((object) => fileName("api", object)),
      [
        "serviceaccount.yaml",
        "networkpolicy.yaml",
        "service.yaml",
        "service-canary.yaml",
        "analysistemplate.yaml",
        "rollout.yaml",
        "horizontalpodautoscaler.yaml",
        "poddisruptionbudget.yaml",
      ],
    );
  });

  it("say the same in YAML 1.1 and 1.2", () => {
    const doubtful = { a: "yes", b: "on", c: "0o17", d: "1_000", e: "1e3", f: "~", g: "12:30:45", h: "null", i: "017" };
    const text = toYaml({ apiVersion: "v1", kind: "ConfigMap", data: doubtful } as never);
    for (const version of ["1.1", "1.2"] as const) {
      assert.deepEqual((parse(text, { version }) as { data: unknown }).data, doubtful, version);
    }
  });

  it("do not change when nothing changes", () => {
    const text = () => serviceObjects(context({ delivery: { ...canary, analysis } })).map(toYaml);
    assert.deepEqual(text(), text());
  });
});

describe("the services' images", () => {
  const { services } = parseSettings(rawSettings(stackConfig("prod"))) as EnvironmentSettings;
  for (const [name, { port }] of Object.entries(services)) {
    it(`${name} runs as the user and on the port of its manifest`, async () => {
      const file = path.resolve(import.meta.dirname, "../../../services", name, "Dockerfile");
      const text = await readFile(file, "utf8");
      assert.match(text, /^USER 10001$/m);
      assert.match(text, new RegExp(`^EXPOSE ${port}$`, "m"));
    });
  }
});
