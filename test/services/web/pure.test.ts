import assert from "node:assert/strict";
import fc from "fast-check";
import { loadSettings } from "../../../services/web/server/settings.ts";
import type { Model, Status } from "../../../services/web/src/api.ts";
import { rowsOf } from "../../../services/web/src/rows.ts";
import { announcement, initial, reduce, type State } from "../../../services/web/src/state.ts";

const model = (version: string, more: Partial<Model> = {}): Model => ({
  name: "housing",
  version,
  status: "approved",
  ...more,
});
const status = (models: Status["traffic"]["models"]): Status => ({
  environment: "dev",
  predict: "ready",
  model: "housing/1",
  traffic: { requests: 10, errors: 1, error_rate: 0.1, models },
});

describe("rows of the models' table", () => {
  const traffic = status([
    { model: "housing/1", requests: 8, errors: 0, share: 0.8 },
    { model: "housing/2", requests: 2, errors: 1, share: 0.2 },
  ]);

  it("tell what serves, the canary beside it, and what has no traffic", () => {
    const models = [model("1", { status: "serving", weight: 90 }), model("2", { weight: 10 }), model("3")];
    const rows = rowsOf(models, traffic);
    assert.deepEqual(
      rows.map(({ role, planned, observed, requests, errorRate }) => [role, planned, observed, requests, errorRate]),
      [
        ["stable", 0.9, 0.8, 8, 0],
        ["canary", 0.1, 0.2, 2, 0.5],
        ["none", undefined, undefined, 0, undefined],
      ],
    );
  });

  it("tell a canary that nobody registered by its traffic, and one that nobody has asked yet by its weight", () => {
    assert.equal(rowsOf([model("2")], traffic)[0]?.role, "canary");
    assert.equal(rowsOf([model("3", { weight: 5 })], traffic)[0]?.role, "canary");
    assert.equal(rowsOf([model("3", { weight: 0 })], traffic)[0]?.role, "none");
  });

  it("know nothing of the traffic without a status, which is not the same as none", () => {
    assert.equal(rowsOf([model("1")], undefined)[0]?.requests, undefined);
  });

  it("list metrics by name", () => {
    const [row] = rowsOf([model("1", { metrics: { rmse: 2, mae: 1 } })], undefined);
    assert.deepEqual(row?.metrics, [
      ["mae", 1],
      ["rmse", 2],
    ]);
  });
});

describe("the page's state", () => {
  const at = new Date(0);
  const good = reduce(reduce(initial, { type: "asked" }), {
    type: "answered",
    models: { value: [model("1")] },
    status: { value: status([]) },
    at,
  });

  it("keeps the last list when the next does not come, and drops figures that are old", () => {
    const later = new Date(1);
    const bad = reduce(good, { type: "answered", models: { problem: "a" }, status: { problem: "b" }, at: later });
    assert.deepEqual(bad, { ...good, status: undefined, problem: "a", statusProblem: "b" });
    const again = reduce(bad, { type: "answered", models: { value: [] }, status: { value: status([]) }, at: later });
    assert.deepEqual(again, { ...good, models: [], updated: later });
  });

  const said: [Partial<State>, string][] = [
    [{}, ""],
    [{ loading: true }, "Loading models."],
    [{ models: [] }, "No models are registered."],
    [{ models: [model("1")] }, "1 model version listed."],
    [{ models: [model("1"), model("2")], loading: true }, "2 model versions listed."],
    [{ models: [], problem: "Gone." }, "Gone."],
  ];
  for (const [state, words] of said)
    it(`is announced as "${words}"`, () => assert.equal(announcement({ ...initial, ...state }), words));
});

describe("the web service's settings", () => {
  it("have the container's values without any", () => {
    const { host, port, apiUrl, environment, dist } = loadSettings({}, "/srv");
    assert.deepEqual(
      [host, port, apiUrl, environment, dist],
      ["0.0.0.0", 8080, "http://api:8000", "local", "/srv/dist"],
    );
  });

  for (const [name, value] of [
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", ""],
    ["API_URL", "api:8000"],
    ["API_URL", "file:///etc"],
    ["API_URL", "http://user:secret@api"],
    ["API_URL", "http://api?x"],
    ["ENVIRONMENT", "a\nb"],
    ["API_TIMEOUT_MILLISECONDS", "0"],
    ["DRAIN_MILLISECONDS", "-1"],
  ] as const)
    it(`name ${name} when ${JSON.stringify(value)} cannot be used`, () => {
      assert.throws(() => loadSettings({ [name]: value }), new RegExp(`^Error: ${name}: got .*, expected `));
    });

  it("take every port", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => loadSettings({ PORT: `${port}` }).port === port),
    );
  });
});
