import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  type ShiftSettings,
  shiftConfig,
  shiftMinutes,
  shiftTimeoutSeconds,
  validateShift,
} from "../../../../components/model/inference/shift.ts";
import { validateInference } from "../../../../components/model/inference/validation.ts";
import { scope } from "./fixture.ts";

describe("how traffic is to be shifted", () => {
  const times: [shift: ShiftSettings, minutes: number][] = [
    [{ kind: "all-at-once" }, 0],
    [{ kind: "canary", percentage: 10, minutes: 30 }, 30],
    [{ kind: "linear", percentage: 10, minutes: 1 }, 9],
    [{ kind: "linear", percentage: 30, minutes: 10 }, 30],
    [{ kind: "linear", percentage: 50, minutes: 10 }, 10],
  ];
  for (const [shift, minutes] of times)
    it(`${JSON.stringify(shift)} takes ${minutes} minutes, and some more for hooks`, () => {
      assert.equal(shiftMinutes(shift), minutes);
      assert.equal(shiftTimeoutSeconds(shift), (minutes + 15) * 60);
      assert.deepEqual(validateShift(shift), []);
    });

  it("has a name of its own for every way, as steps cannot be changed", () => {
    const names = times.map(([shift]) => shiftConfig("app", shift)?.name);
    assert.equal(new Set(names).size, times.length);
    assert.equal(names[1], "app-canary-10-percent-30-minutes");
    assert.equal(names[0], undefined);
  });

  const bad: [shift: ShiftSettings, problem: string][] = [
    [
      { kind: "canary", percentage: 100, minutes: 30 },
      "`shift.percentage`: got 100, expected a whole number from 1 to 99. Correct it.",
    ],
    [
      { kind: "linear", percentage: 10, minutes: 0 },
      "`shift.minutes`: got 0, expected a whole number of minutes, at least 1. Correct it.",
    ],
    [
      { kind: "linear", percentage: 1, minutes: 30 },
      '`shift`: got "linear 1 % / 30 min", expected at most 2880 minutes from the first step to the last. Take larger or quicker steps.',
    ],
    [
      { kind: "canary", percentage: 10, minutes: 2881 },
      '`shift`: got "canary 10 % / 2881 min", expected at most 2880 minutes from the first step to the last. Take larger or quicker steps.',
    ],
  ];
  for (const [shift, problem] of bad) it(`not so: ${problem}`, () => assert.deepEqual(validateShift(shift), [problem]));
});

describe("names and folders of an inference API", () => {
  const settings = {
    shift: { kind: "all-at-once" },
    thresholds: { errorsPerMinute: 0, latencyMs: 1 },
    throttling: { rate: 1, burst: 1 },
  } as const;

  it("are right as they are", () => assert.deepEqual(validateInference({ ...settings, scope }), []));

  for (const folder of ["/registry", "registry/", "", "a//b"])
    it(`cannot be ${JSON.stringify(folder)}`, () => {
      const registry = { ...scope.registry, folder };
      assert.deepEqual(validateInference({ ...settings, scope: { ...scope, registry } }), [
        `\`registry.folder\`: got ${JSON.stringify(folder)}, expected a folder without slashes around it. Correct it.`,
      ]);
    });

  it("must fit", () => {
    const problems = validateInference({ ...settings, scope: { ...scope, environment: "e".repeat(50) } });
    assert.equal(problems.length, 3);
    assert.match(
      problems[0] ?? "",
      /^`environment`: got "e+", expected one whose names fit\. Shorten it: function name/u,
    );
  });
});
