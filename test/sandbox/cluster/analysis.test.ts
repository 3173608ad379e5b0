import { strict as assert } from "node:assert";

import { enough, measured, metricsOf, type Metric } from "../../../sandbox/cluster/analysis.ts";
import { hourInMs, compressed, durationSeconds } from "../../../sandbox/cluster/time.ts";
import { analysisTemplate } from "./manifests.ts";

const reference = { templates: [{ templateName: "error-rate" }] };
const metric: Metric = { name: "m", interval: 60, failureLimit: 1, limit: { value: 0.5, inclusive: true } };
const seen = (errors: number, requests = 10) => ({ hash: "h", requests, errors });

describe("an analysis in the sandbox", () => {
  const conditions: [condition: string, limit: Metric["limit"]][] = [
    ["result[0] <= 0.01", { value: 0.01, inclusive: true }],
    ["result[0] < 5e-3", { value: 0.005, inclusive: false }],
    ["len(result) > 0 && !isNaN(result[0]) && result[0] <= 0.1", { value: 0.1, inclusive: true }],
    ["len(result) == 0 || isNaN(result[0]) || result[0] < 1", { value: 1, inclusive: false }],
    ["result[0] >= 0.99", undefined],
    ["result[0] <= 0.01 || result[1] <= 1", undefined],
    ["!(result[0] <= 0.01)", undefined],
    ["", undefined],
  ];
  for (const [condition, limit] of conditions)
    it(`${limit === undefined ? "cannot judge" : "judges"} "${condition}"`, () => {
      const [found] = metricsOf(reference, [analysisTemplate(condition)]);
      assert.deepEqual(found?.limit, limit);
      assert.equal(found?.refusal === undefined, limit !== undefined);
    });

  it("fills in arguments, of the reference before those of the template", () => {
    const template = analysisTemplate("result[0] <= {{args.max}}");
    const spec = { ...(template["spec"] as object), args: [{ name: "max", value: "0.5" }] };
    const found = (args?: unknown[]) => metricsOf({ ...reference, args }, [{ ...template, spec }])[0]?.limit?.value;
    assert.deepEqual([found(), found([{ name: "max", value: "0.2" }])], [0.5, 0.2]);
  });

  it("cannot judge what is not there, or asks somebody else", () => {
    assert.match(metricsOf(reference, [])[0]?.refusal ?? "", /"error-rate" not found/);
    const template = analysisTemplate();
    const spec = { metrics: [{ name: "job", successCondition: "result[0] <= 1", provider: { job: {} } }] };
    assert.match(metricsOf(reference, [{ ...template, spec }])[0]?.refusal ?? "", /metrics of Prometheus alone/);
  });

  const outcomes: [what: string, errors: number[], failed: number, phase: string][] = [
    ["is at its limit", [5, 5, 5], 0, "Running"],
    ["fails as often as it may", [6, 0, 0], 1, "Running"],
    ["fails once more", [6, 0, 6], 2, "Failed"],
    ["gets well after it failed", [6, 6, 0], 2, "Failed"],
  ];
  for (const [what, errors, failed, phase] of outcomes)
    it(`that ${what} is ${phase.toLowerCase()}`, () => {
      const all = errors.reduce<ReturnType<typeof measured> | undefined>(
        (found, each) => measured(found, metric, seen(each)),
        undefined,
      );
      assert.deepEqual([all?.failed, all?.phase], [failed, phase]);
    });

  it("takes silence for nothing", () => {
    assert.equal(measured(undefined, metric, seen(0, 0)).measured, 0);
  });

  it("is successful after its count", () => {
    const counted = { ...metric, count: 2 };
    assert.equal(measured(measured(undefined, counted, seen(0)), counted, seen(0)).phase, "Successful");
  });

  it("asks for as many measurements as could fail in the time of production, and no more", () => {
    assert.deepEqual(
      [enough(metric, 1_800), enough(metric, 30), enough({ ...metric, failureLimit: 9 }, 300)],
      [2, 1, 5],
    );
  });
});

describe("time in the sandbox's clusters", () => {
  it("is compressed to a second an hour", () => assert.deepEqual([hourInMs, compressed(3_600)], [1_000, 1_000]));

  const durations: [unknown, number | undefined][] = [
    ["30m", 1_800],
    ["1h30m", 5_400],
    ["90s", 90],
    ["1.5h", 5_400],
    ["500ms", 0.5],
    [30, 30],
    ["30", 30],
    ["", undefined],
    ["soon", undefined],
    ["10 m", undefined],
    [undefined, undefined],
    [-1, undefined],
  ];
  for (const [written, seconds] of durations)
    it(`reads ${JSON.stringify(written)}`, () => assert.equal(durationSeconds(written), seconds));
});
