import type { EnvironmentName } from "../../config/profiles.ts";

const staging = { environment: "staging", account: "333333333333" };

/** Settings of the model pipeline that are refused: where, and what is said about them. */
export const bad: [title: string, stack: EnvironmentName, model: unknown, line: string][] = [
  [
    "an unknown key",
    "dev",
    { treshold: 0.5 },
    "slipway:model.treshold: unknown key. Did you mean slipway:model.threshold?",
  ],
  [
    "a threshold in percent",
    "dev",
    { threshold: 60 },
    "slipway:model.threshold: got 60, expected a number from 0 to 1.",
  ],
  [
    "a threshold below 0",
    "dev",
    { threshold: -0.1 },
    "slipway:model.threshold: got -0.1, expected a number from 0 to 1.",
  ],
  [
    "a threshold in words",
    "dev",
    { threshold: "high" },
    'slipway:model.threshold: got "high", expected a number from 0 to 1.',
  ],
  [
    "an unknown metric",
    "dev",
    { metric: "accuracy" },
    'slipway:model.metric: got "accuracy", expected one of r2, within_10_percent, explained_variance.',
  ],
  [
    "an approval of another kind",
    "dev",
    { approval: "maybe" },
    'slipway:model.approval: got "maybe", expected one of auto, manual.',
  ],
  [
    "an unknown algorithm",
    "dev",
    { hyperparameters: { algorithm: "boosting" } },
    'slipway:model.hyperparameters.algorithm: got "boosting", expected one of linear, ridge, forest.',
  ],
  [
    "a negative penalty",
    "dev",
    { hyperparameters: { alpha: -1 } },
    "slipway:model.hyperparameters.alpha: got -1, expected a number from 0 to 1000000.",
  ],
  [
    "half a tree",
    "dev",
    { hyperparameters: { trees: 1.5 } },
    "slipway:model.hyperparameters.trees: got 1.5, expected a whole number from 1 to 2000.",
  ],
  [
    "a tuning of nothing",
    "dev",
    { tuning: { grid: {} } },
    "slipway:model.tuning.grid: got {}, expected values for at least one hyper-parameter.",
  ],
  [
    "a tuning of the same twice",
    "dev",
    { tuning: { grid: { depth: [4, 4] } } },
    "slipway:model.tuning.grid.depth: got [4,4], expected a list of 1 to 30 values, each once.",
  ],
  [
    "a tuning of what there is not",
    "dev",
    { tuning: { grid: { leaves: [1] } } },
    "slipway:model.tuning.grid.leaves: unknown key.",
  ],
  [
    "an instance of EC2",
    "dev",
    { compute: { train: { instanceType: "m5.large" } } },
    'slipway:model.compute.train.instanceType: got "m5.large", expected an instance type of SageMaker',
  ],
  ["an endpoint of no kind", "dev", { endpoint: { count: 2 } }, "slipway:model.endpoint.kind: missing"],
  [
    "what another kind of endpoint has",
    "dev",
    { endpoint: { kind: "serverless", count: 2 } },
    "slipway:model.endpoint.count: unknown key.",
  ],
  [
    "memory that is no size",
    "dev",
    { endpoint: { kind: "serverless", memoryMb: 1500 } },
    "slipway:model.endpoint.memoryMb: got 1500, expected 1024, 2048, 3072, 4096, 5120 or 6144.",
  ],
  [
    "a canary of most machines",
    "prod",
    { endpoint: { kind: "instances", canary: { percentage: 60, minutes: 30 } } },
    "slipway:model.endpoint.canary",
  ],
  [
    "a canary on one machine",
    "prod",
    { endpoint: { kind: "instances", count: 1 } },
    "slipway:model.endpoint.count: got 1, expected at least 2 with a canary",
  ],
  [
    "crontab's own form",
    "dev",
    { schedule: { expression: "0 3 * * 0" } },
    'slipway:model.schedule.expression: got "0 3 * * 0", expected a schedule of EventBridge',
  ],
  ["a shift of no kind", "dev", { api: { shift: { percentage: 10 } } }, "slipway:model.api.shift.kind: missing"],
  [
    "callers of another kind",
    "dev",
    { api: { authorization: "key" } },
    'slipway:model.api.authorization: got "key", expected one of iam, none.',
  ],
  [
    "models from nowhere",
    "prod",
    { promotion: { mode: "model" } },
    "slipway:model.promotion.from: missing, expected environment and account.",
  ],
  [
    "models from an account that is none",
    "prod",
    { promotion: { mode: "model", from: { environment: "staging", account: 3 } } },
    "slipway:model.promotion.from.account: got 3, expected an AWS account id",
  ],
  [
    "models that skip an environment",
    "prod",
    { promotion: { mode: "model", from: { environment: "dev", account: "222222222222" } } },
    'slipway:model.promotion.from.environment: got "dev", expected staging, which comes before.',
  ],
  [
    "models from before the first",
    "dev",
    { promotion: { mode: "model", from: staging } },
    'slipway:model.promotion.from.environment: got "staging", expected mode code: nothing comes before dev.',
  ],
  [
    "models for after the last",
    "prod",
    { promotion: { mode: "code", to: staging } },
    'slipway:model.promotion.to.environment: got "staging", expected no `to`: nothing comes after prod.',
  ],
  [
    "models for the one after next",
    "dev",
    { promotion: { mode: "code", to: { environment: "prod", account: "444444444444" } } },
    'slipway:model.promotion.to.environment: got "prod", expected staging, which comes next.',
  ],
  ["a quota by its name", "dev", { quotas: { "ml.m5.large": 1 } }, "slipway:model.quotas"],
  [
    "no people in a Studio",
    "prod",
    { studio: { users: [] } },
    "slipway:model.studio.users: got [], expected at least one name.",
  ],
  [
    "a Studio outside the network",
    "dev",
    { studio: { users: ["ada"] } },
    "slipway:model.vpc: missing, expected true with a Studio domain.",
  ],
  ["something else", "dev", 7, "slipway:model: got 7, expected settings of the model pipeline"],
];
