import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { validateSettings } from "../../components/model/model-settings.ts";
import { modelArgs } from "../../config/component-args.ts";
import { rawSettings } from "../../config/load.ts";
import { modelBreaches, withModelProfile } from "../../config/model-schema.ts";
import { type EnvironmentName, environmentNames, profiles } from "../../config/profiles.ts";
import { type EnvironmentSettings, parseSettings } from "../../config/schema.ts";
import { stackConfig } from "../support/stack-files.ts";
import { bad } from "./model-refused.ts";

const raw = (stack: EnvironmentName, model: unknown, more = {}) => ({
  ...rawSettings(stackConfig(stack)),
  model,
  ...more,
});
const parsed = (stack: EnvironmentName, model: unknown) => parseSettings(raw(stack, model)) as EnvironmentSettings;

describe("config/model-schema", () => {
  for (const [title, stack, model, line] of bad)
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parseSettings(raw(stack, model)),
        (error) => {
          assert.ok(error instanceof SlipwayError && error.code === ExitCode.usage);
          assert.ok(error.message.includes(line), error.message);
          return true;
        },
      );
    });

  it("is the profile where the stack file says nothing", () => {
    for (const stack of environmentNames)
      for (const model of [undefined, {}]) assert.deepEqual(parsed(stack, model).model, profiles[stack].model);
  });

  it("asks for data to learn from, where there are models", () => {
    const without = { data: { enabled: false } };
    assert.throws(() => parseSettings(raw("dev", {}, without)), /slipway:model\.enabled: .* a data pipeline/u);
    const settings = parseSettings(raw("dev", { enabled: false }, without)) as EnvironmentSettings;
    assert.equal(settings.model.enabled, false);
  });
});

describe("config/model-schema: what a stack file changes", () => {
  const { model } = profiles.prod;

  it("is single keys of a group, and leaves the rest", () => {
    const changed = withModelProfile(model, {
      threshold: 0.8,
      hyperparameters: { algorithm: "forest" },
      compute: { train: { instanceType: "ml.c5.xlarge" } },
      schedule: { enabled: false },
      alarms: { latencyMs: 200 },
      api: { authorization: "none" },
      quotas: { "L-3F53BF0F": 1 },
    });
    assert.deepEqual(changed, {
      ...model,
      threshold: 0.8,
      hyperparameters: { ...model.hyperparameters, algorithm: "forest" },
      compute: { ...model.compute, train: { ...model.compute.train, instanceType: "ml.c5.xlarge" } },
      schedule: { ...model.schedule, enabled: false },
      alarms: { ...model.alarms, latencyMs: 200 },
      api: { ...model.api, authorization: "none" },
      quotas: { "L-3F53BF0F": 1 },
    });
  });

  it("tries two at a time where a grid says nothing else", () => {
    const grid = { alpha: [0.1, 1] };
    assert.deepEqual(withModelProfile(model, { tuning: { grid } }).tuning, { grid, parallel: 2 });
    assert.deepEqual(withModelProfile(model, { tuning: { grid, parallel: 5 } }).tuning, { grid, parallel: 5 });
  });

  const instances = model.endpoint;
  const plain = {
    kind: "instances",
    instanceType: "ml.m5.large",
    count: 1,
    terminationMinutes: 5,
    capturePercentage: 0,
  };
  const endpoints: [title: string, override: Parameters<typeof withModelProfile>[1], endpoint: unknown][] = [
    ["one figure of the same kind", { endpoint: { kind: "instances", count: 4 } }, { ...instances, count: 4 }],
    [
      "another kind, with that kind's own figures",
      { endpoint: { kind: "serverless" } },
      { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 },
    ],
    ["none at all", { endpoint: { kind: "none" } }, { kind: "none" }],
  ];
  for (const [title, override, endpoint] of endpoints)
    it(`is of the endpoint ${title}`, () => assert.deepEqual(withModelProfile(model, override).endpoint, endpoint));

  it("is the canary, away with false and there with figures", () => {
    const without = withModelProfile(model, { endpoint: { kind: "instances", canary: false, count: 1 } }).endpoint;
    assert.ok(!("canary" in without));
    assert.deepEqual(withModelProfile(profiles.dev.model, { endpoint: { kind: "instances" } }).endpoint, plain);
    const canary = { percentage: 25, minutes: 5 };
    const withOne = withModelProfile(profiles.dev.model, {
      endpoint: { kind: "instances", count: 2, canary },
    }).endpoint;
    assert.deepEqual(withOne, { ...plain, count: 2, canary });
  });

  it("takes models over from the environment before, and hands them on to the next", () => {
    const promotion = {
      mode: "model",
      from: { environment: "dev", account: "222222222222" },
      to: { environment: "prod", account: "444444444444" },
    } as const;
    const breaches = modelBreaches(
      { promotion },
      { environment: "staging", profile: profiles.staging.model, data: true },
    );
    assert.deepEqual(breaches, []);
    assert.deepEqual(parsed("staging", { promotion }).model.promotion, promotion);
  });

  it("does not matter where there is no model pipeline", () => {
    const off = { enabled: false, endpoint: { kind: "instances", count: 1 } } as const;
    assert.deepEqual(modelBreaches(off, { environment: "prod", profile: model, data: false }), []);
  });
});

describe("config/component-args: models", () => {
  for (const stack of environmentNames)
    it(`${stack}: the component finds nothing wrong with what the profile says`, () => {
      const { environment, account, region, settings, lifetimes } = modelArgs(parsed(stack, undefined));
      assert.deepEqual(validateSettings(environment, settings), []);
      assert.deepEqual([environment, region], [stack, "us-east-1"]);
      assert.match(account, /^\d{12}$/u);
      assert.deepEqual(Object.keys(lifetimes), ["logRetentionDays", "keyDeletionDays", "removal"]);
      assert.ok(!("enabled" in settings));
    });
});
