import assert from "node:assert/strict";
import { checksOf, type ServiceFolder } from "../../automation/ci/checks.ts";
import { outputLines } from "../../automation/ci/outputs.ts";

const folders: ServiceFolder[] = [
  { name: "api", image: true, python: true },
  { name: "predict", image: true, python: true },
  { name: "web", image: true, python: false },
];
const quick = ["typecheck", "lint", "unit"];
const everything = [...quick, "kubernetes", "engine", "sandbox", "bootstrap", "e2e"];
const none = {
  suites: [] as string[],
  workloads: [] as string[],
  services: [] as string[],
  streams: false,
  model: false,
};

describe("checks of a change", () => {
  const cases: [what: string, units: string[], checks: Partial<typeof none>][] = [
    ["nothing changed", [], {}],
    ["documentation", ["docs"], { suites: ["lint", "unit"] }],
    ["one service", ["services/api"], { suites: quick, workloads: ["services/api"], services: ["api"] }],
    ["a service that is no Python", ["services/web"], { suites: quick, services: ["web"] }],
    ["the data pipeline", ["data"], { suites: quick, workloads: ["data"] }],
    ["the model pipeline", ["model"], { suites: quick, workloads: ["model"], model: true }],
    ["stream processors", ["streams"], { suites: quick, streams: true }],
    [
      "a service and the model, side by side",
      ["services/predict", "model"],
      { suites: quick, workloads: ["services/predict", "model"], services: ["predict"], model: true },
    ],
    ["the driver", ["driver"], { suites: everything }],
    ["settings of one stack", ["settings/prod"], { suites: everything }],
    ["a unit that nobody has thought of", ["brand-new"], { suites: everything }],
    ["a service that was deleted", ["services/gone"], { suites: quick }],
  ];
  for (const [what, units, checks] of cases)
    it(`are, for ${what}, those that it may break`, () =>
      assert.deepEqual(checksOf(units, folders), { ...none, ...checks }));
});

describe("outputs of a job", () => {
  it("are one line each, lists as JSON", () => {
    assert.equal(outputLines({ a: "x", b: ["p", "q"], c: false, d: [] }), 'a=x\nb=["p","q"]\nc=false\nd=[]\n');
  });

  it("hold no text that would write another", () => {
    assert.throws(() => outputLines({ a: "x\nrole=admin" }), /a: got a text of several lines/u);
    assert.equal(outputLines({ a: ["x\nrole=admin"] }), 'a=["x\\nrole=admin"]\n');
  });
});
