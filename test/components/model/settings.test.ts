import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type ModelSettings, validateSettings } from "../../../components/model/model-settings.ts";
import { endpoint, settings } from "./fixture.ts";

const place = { environment: "staging", account: "333333333333" };

const table: [title: string, change: Partial<ModelSettings>, problems: string[]][] = [
  ["a threshold", { threshold: 1.5 }, ["`threshold`: got 1.5, expected a number from 0 to 1. Correct it."]],
  [
    "machines of jobs",
    { compute: { ...settings.compute, train: { instanceType: "m5.large", volumeGb: 0, timeoutMinutes: 1441 } } },
    [
      '`compute.train.instanceType`: got "m5.large", expected an instance type such as ml.m5.large. Correct it.',
      "`compute.train.volumeGb`: got 0, expected a whole number from 1 to 16384. Correct it.",
      "`compute.train.timeoutMinutes`: got 1441, expected a whole number from 1 to 1440. Correct it.",
    ],
  ],
  [
    "a serverless endpoint",
    { endpoint: { kind: "serverless", memoryMb: 1500, maxConcurrency: 0 } },
    [
      "`endpoint.memoryMb`: got 1500, expected one of 1024, 2048, 3072, 4096, 5120, 6144. Correct it.",
      "`endpoint.maxConcurrency`: got 0, expected a whole number from 1 to 200. Correct it.",
    ],
  ],
  [
    "machines of the endpoint",
    { endpoint: { ...endpoint, instanceType: "large", terminationMinutes: 61, capturePercentage: 101 } },
    [
      '`endpoint.instanceType`: got "large", expected an instance type such as ml.m5.large. Correct it.',
      "`endpoint.terminationMinutes`: got 61, expected a whole number from 0 to 60. Correct it.",
      "`endpoint.capturePercentage`: got 101, expected a whole number from 0 to 100. Correct it.",
    ],
  ],
  [
    "a canary that is no canary",
    { endpoint: { ...endpoint, count: 1, canary: { percentage: 51, minutes: 61 } } },
    [
      "`endpoint.canary.percentage`: got 51, expected a whole number from 1 to 50. Correct it.",
      "`endpoint.canary.minutes`: got 61, expected a whole number from 1 to 60. Correct it.",
      "`endpoint.count`: got 1, expected at least 2 with a canary. Raise it or drop canary.",
    ],
  ],
  [
    "when it trains, and what it remembers",
    { schedule: { expression: "weekly", enabled: true }, cacheDays: 0 },
    [
      '`schedule.expression`: got "weekly", expected cron(…), rate(…) or at(…). Correct it.',
      "`cacheDays`: got 0, expected a whole number from 1 to 365. Correct it.",
    ],
  ],
  [
    "alarms",
    { alarms: { errorsPerMinute: -1, latencyMs: 0 } },
    [
      "`alarms.errorsPerMinute`: got -1, expected a whole number from 0 to 10000. Correct it.",
      "`alarms.latencyMs`: got 0, expected a whole number from 1 to 60000. Correct it.",
    ],
  ],
  [
    "promotion from and to itself",
    {
      promotion: {
        mode: "model",
        from: { environment: "dev", account: "2" },
        to: { environment: "dev", account: "222222222222" },
      },
    },
    [
      '`promotion.from.environment`: got "dev", expected another environment. Name the one next to this.',
      '`promotion.from.account`: got "2", expected an account id of 12 digits. Correct it.',
      '`promotion.to.environment`: got "dev", expected another environment. Name the one next to this.',
    ],
  ],
  [
    "quotas and people",
    { quotas: { "3F53BF0F": 1, "L-2F1EB012": 0 }, studio: { users: ["ada lovelace"] } },
    [
      '`quotas`: got "3F53BF0F", expected a quota code such as L-3F53BF0F. Correct it.',
      "`quotas.L-2F1EB012`: got 0, expected more than 0. Raise it.",
      '`studio.users`: got "ada lovelace", expected letters, digits and dashes. Rename it.',
    ],
  ],
  [
    "a Studio for nobody",
    { studio: { users: [] } },
    ["`studio.users`: got [], expected at least one person. Name one."],
  ],
];

describe("components/model: settings that make no sense", () => {
  for (const [title, change, problems] of table)
    it(`are named: ${title}`, () => assert.deepEqual(validateSettings("dev", { ...settings, ...change }), problems));

  const good: [title: string, change: Partial<ModelSettings>][] = [
    ["nothing special", {}],
    ["no endpoint", { endpoint: { kind: "none" } }],
    [
      "every option",
      {
        tuning: { grid: { alpha: [0.1, 1] }, parallel: 2 },
        tracking: { size: "Large" },
        quotas: { "L-3F53BF0F": 1 },
        studio: { users: ["ada", "Grace-Hopper"] },
        promotion: { mode: "model", from: place, to: { environment: "prod", account: "444444444444" } },
        cacheDays: undefined,
      },
    ],
  ];
  for (const [title, change] of good)
    it(`are not found in ${title}`, () => assert.deepEqual(validateSettings("dev", { ...settings, ...change }), []));
});
