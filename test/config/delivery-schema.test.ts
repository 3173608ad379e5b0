import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { seconds } from "../../config/delivery-schema.ts";
import { rawSettings } from "../../config/load.ts";
import { type EnvironmentSettings, parseSettings } from "../../config/schema.ts";
import { stackConfig } from "../support/stack-files.ts";

type Raw = Record<string, unknown>;

const part = (raw: Raw, key: string) => raw[key] as Raw;
const api = (raw: Raw) => part(part(raw, "services"), "api");

/** Settings of a real stack file, with one change. */
function changed(stack: string, change: (raw: Raw) => void): Raw {
  const raw = rawSettings(stackConfig(stack));
  change(raw);
  return raw;
}

function settingsOf(stack: string, change: (raw: Raw) => void = () => undefined): EnvironmentSettings {
  return parseSettings(changed(stack, change)) as EnvironmentSettings;
}

const canary = { strategy: "canary", canaryPercentage: 10, canaryDuration: "30m" };
const analysis = { maxErrorRate: 0.01, interval: "1m", failures: 3 };
const delivery = (settings: Raw) => (raw: Raw) => void (api(raw).delivery = settings);

const bad: [title: string, stack: string, change: (raw: Raw) => void, line: string][] = [
  [
    "two services on one port",
    "dev",
    (raw) => (part(part(raw, "services"), "predict").port = 8000),
    "services.predict.port: got 8000, expected a port of its own: api has this one.",
  ],
  [
    "a percentage of 0",
    "prod",
    delivery({ ...canary, canaryPercentage: 0 }),
    "services.api.delivery.canaryPercentage: got 0, expected a whole number from 1 to 99.",
  ],
  [
    "a percentage of 100",
    "prod",
    delivery({ ...canary, canaryPercentage: 100 }),
    "services.api.delivery.canaryPercentage: got 100, expected a whole number from 1 to 99.",
  ],
  [
    "a later step of 100",
    "prod",
    delivery({ ...canary, steps: [{ weight: 100, pause: "5m" }] }),
    "services.api.delivery.steps[0].weight: got 100, expected a whole number from 1 to 99.",
  ],
  [
    "a step that goes back",
    "prod",
    delivery({
      ...canary,
      steps: [
        { weight: 50, pause: "5m" },
        { weight: 40, pause: "5m" },
      ],
    }),
    "services.api.delivery.steps[1].weight: got 40, expected more than 50, the share of the step before.",
  ],
  [
    "a canary of one pod",
    "prod",
    (raw) => (api(raw).replicas = 1),
    "services.api.replicas: got 1, expected at least 2: a canary needs a pod of the old version beside it.",
  ],
  [
    "a canary where the profile has one pod",
    "dev",
    delivery(canary),
    "services.api.replicas: missing, expected at least 2: a canary needs a pod of the old version beside it.",
  ],
  [
    "a strategy that is none",
    "prod",
    delivery({ strategy: "yolo" }),
    'services.api.delivery.strategy: got "yolo", expected one of canary, blue-green, rolling.',
  ],
  [
    "no strategy",
    "prod",
    delivery({}),
    "services.api.delivery.strategy: missing, expected one of canary, blue-green, rolling.",
  ],
  [
    "a word in place of a delivery",
    "prod",
    (raw) => (api(raw).delivery = "canary"),
    'services.api.delivery: got "canary", expected strategy and its settings.',
  ],
  [
    "an error rate above 1",
    "prod",
    delivery({ ...canary, analysis: { ...analysis, maxErrorRate: 5 } }),
    "services.api.delivery.analysis.maxErrorRate: got 5, expected a share from 0 to 1.",
  ],
  [
    "an error rate below 0",
    "prod",
    delivery({ ...canary, analysis: { ...analysis, maxErrorRate: -0.1 } }),
    "services.api.delivery.analysis.maxErrorRate: got -0.1, expected a share from 0 to 1.",
  ],
  [
    "a pause of 0",
    "prod",
    delivery({ ...canary, canaryDuration: "0m" }),
    'services.api.delivery.canaryDuration: got "0m", expected a time above zero in seconds, minutes or hours: 10s, 30m, 1h.',
  ],
  [
    "a later pause of 0",
    "prod",
    delivery({ ...canary, steps: [{ weight: 50, pause: "0s" }] }),
    'services.api.delivery.steps[0].pause: got "0s", expected a time above zero in seconds, minutes or hours: 10s, 30m, 1h.',
  ],
  [
    "a pause without a unit",
    "prod",
    delivery({ ...canary, canaryDuration: 30 }),
    "services.api.delivery.canaryDuration: got 30, expected a time above zero in seconds, minutes or hours: 10s, 30m, 1h.",
  ],
  [
    "a misspelt key of a strategy",
    "prod",
    delivery({ ...canary, analisys: analysis }),
    "services.api.delivery.analisys: unknown key. Did you mean slipway:services.api.delivery.analysis?",
  ],
  [
    "a key of another strategy",
    "prod",
    delivery({ ...canary, keepOld: "10m" }),
    "services.api.delivery.keepOld: unknown key. Remove it.",
  ],
  [
    "an autoscaler below what always runs",
    "prod",
    (raw) => (api(raw).autoscaling = { max: 2 }),
    "services.api.autoscaling.max: got 2, expected at least the 3 that always run.",
  ],
  [
    "a call to a service that is not there",
    "dev",
    (raw) => (api(raw).calls = ["search"]),
    'services.api.calls[0]: got "search", expected another service of this file.',
  ],
  [
    "a call to itself",
    "dev",
    (raw) => (api(raw).calls = ["api"]),
    'services.api.calls[0]: got "api", expected another service of this file.',
  ],
  [
    "a public endpoint in prod",
    "prod",
    (raw) => (part(raw, "cluster").endpoint = { public: true, cidrs: ["203.0.113.0/24"] }),
    "cluster.endpoint.public: got true, expected false: prod's API server is reached from inside its network alone.",
  ],
  [
    "the branch of another environment",
    "prod",
    (raw) => (part(raw, "gitops").branch = "manifests/staging"),
    'gitops.branch: got "manifests/staging", expected a branch of this environment alone, such as manifests/prod.',
  ],
  [
    "an Argo CD of AWS that nobody can reach",
    "dev",
    (raw) => (part(raw, "gitops").argo = "managed"),
    "gitops.identityCenter: missing, expected instanceArn and administrators: people reach an Argo CD that AWS runs by IAM Identity Center alone.",
  ],
  [
    "somebody else to bring Argo CD",
    "dev",
    (raw) => (part(raw, "gitops").argo = "flux"),
    'gitops.argo: got "flux", expected one of helm, managed, none.',
  ],
  [
    "the branch that people work on",
    "dev",
    (raw) => (part(raw, "gitops").branch = "main"),
    'gitops.branch: got "main", expected a branch of this environment alone, such as manifests/dev.',
  ],
];

describe("config/delivery-schema", () => {
  for (const [title, stack, change, line] of bad) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => settingsOf(stack, change),
        (error) => {
          assert.ok(error instanceof SlipwayError);
          assert.equal(error.message, `Pulumi.${stack}.yaml has 1 problem:\n  slipway:${line}`);
          assert.equal(error.code, ExitCode.usage);
          return true;
        },
      );
    });
  }

  it("rolls in dev, and goes in steps, measured, everywhere else", () => {
    const plan = {
      strategy: "canary",
      steps: [
        { weight: 10, pauseSeconds: 1800 },
        { weight: 50, pauseSeconds: 600 },
      ],
      analysis: { maxErrorRate: 0.01, intervalSeconds: 60, failures: 3 },
    };
    const table = [
      ["dev", { strategy: "rolling" }, 1, undefined],
      ["staging", plan, 2, undefined],
      ["prod", plan, 3, { max: 12, cpuPercent: 65 }],
    ] as const;
    for (const [stack, expected, replicas, autoscaling] of table) {
      const { api } = settingsOf(stack).services;
      assert.deepEqual([api?.delivery, api?.replicas, api?.autoscaling], [expected, replicas, autoscaling], stack);
    }
  });

  it("lets a service say otherwise than the profile", () => {
    const { services } = settingsOf("prod", (raw) => {
      Object.assign(api(raw), { replicas: 5, autoscaling: { max: 20, cpuPercent: 50 } });
      delivery({ strategy: "blue-green", approvalRequired: true, keepOld: "1h" })(raw);
    });
    assert.deepEqual(services.api?.delivery, {
      strategy: "blue-green",
      approvalRequired: true,
      approvalSeconds: 3600,
      keepOldSeconds: 3600,
    });
    assert.deepEqual([services.api.replicas, services.api.autoscaling], [5, { max: 20, cpuPercent: 50 }]);
    assert.equal(services.predict?.delivery.strategy, "canary");
  });

  it("brings Argo CD as a chart, or as AWS or somebody else does", () => {
    const identityCenter = { instanceArn: "arn:aws:sso:::instance/ssoins-1", administrators: ["g-1"] };
    const argoOf = (change: Raw) =>
      settingsOf("dev", (raw) => void Object.assign(part(raw, "gitops"), change)).gitops.argo;
    assert.deepEqual(argoOf({}), { mode: "helm" });
    assert.deepEqual(argoOf({ argo: "none" }), { mode: "none" });
    assert.deepEqual(argoOf({ argo: "managed", identityCenter }), { mode: "managed", identityCenter });
  });

  it("reads seconds, minutes and hours", () => {
    assert.deepEqual(["10s", "30m", "1h"].map(seconds), [10, 1800, 3600]);
  });
});
