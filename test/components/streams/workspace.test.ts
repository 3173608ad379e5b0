import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { args, connections, made, processor, projectId, types } from "./fixture.ts";

const resource = async (type: string, name: string, change = {}) => (await made(change))[1].get(type, name);

describe("components/streams: workspace", () => {
  it("says both tiers, as one that is left out is taken away", async () => {
    const { inputs } = await resource(types.workspace, "streams-workspace");
    assert.deepEqual(inputs, {
      ...{ projectId, workspaceName: "dev-streams" },
      dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
      streamConfig: { tier: "SP5", maxTierSize: "SP30" },
    });
  });

  it("names regions to fail over to", async () => {
    const failoverRegions = [{ provider: "AWS", region: "OREGON_USA" }];
    const { inputs } = await resource(types.workspace, "streams-workspace", { failoverRegions });
    assert.deepEqual(inputs.failoverRegions, [{ cloudProvider: "AWS", region: "OREGON_USA" }]);
  });

  it("is protected where data is retained, as everything goes with it", async () => {
    for (const [removal, kept] of [
      ["retain", true],
      ["destroy", false],
    ] as const) {
      const { protect, retainOnDelete } = await resource(types.workspace, "streams-workspace", { removal });
      assert.deepEqual([protect, retainOnDelete], [kept, kept]);
    }
  });
});

describe("components/streams: connections", () => {
  it("are what the files say, in the workspace", async () => {
    const { inputs } = await resource(types.connection, "streams-connection-events");
    const { name, ...settings } = connections[0]!.value;
    assert.deepEqual(inputs, { projectId, workspaceName: "dev-streams", connectionName: name, ...settings });
  });

  it("hide their secrets, in what is given and in what comes back", async () => {
    const [, done] = await made();
    const hidden = done
      .ofType(types.connection)
      .map(({ name, secrets, additionalSecretOutputs }) => [name, secrets, additionalSecretOutputs])
      .sort(([a], [b]) => String(a).localeCompare(String(b)));
    assert.deepEqual(hidden, [
      ["streams-connection-events", ["authentication"], ["authentication"]],
      ["streams-connection-geocoder", ["headers"], ["headers"]],
      ["streams-connection-warehouse", [], []],
    ]);
  });

  it("go before another of the same name comes", async () => {
    const [, done] = await made();
    assert.ok(done.ofType(types.connection).every(({ deleteBeforeReplace }) => deleteBeforeReplace));
  });
});

describe("components/streams: workspaces of branches", () => {
  const features = [{ workspace: "feature-faster", start: false }];

  it("hold all connections and processors, those that are handed over elsewhere as well", async () => {
    const processors = { orders: { ...processor, rollout: "blue-green" as const, failover: true } };
    const [, done] = await made({ features, processors });
    const { inputs } = done.get(types.workspace, "streams-feature-faster-workspace");
    assert.equal(inputs.workspaceName, "feature-faster");
    assert.equal(done.ofType(types.connection).length, 2 * connections.length);
    const own = done.get(types.processor, "streams-feature-faster-processor-orders");
    assert.equal(own.inputs.workspaceName, "feature-faster");
    assert.ok(!("failoverEnabled" in own.inputs), "it has nowhere to go to");
    assert.equal(done.ofType(types.processor).length, 1);
  });

  for (const [start, state] of [
    [false, "CREATED"],
    [true, "STARTED"],
  ] as const)
    it(`${start ? "run" : "do not run"} them where start is ${start}: they would write to the same places`, async () => {
      const change = { features: [{ workspace: "feature-faster", start }] };
      const { inputs } = await resource(types.processor, "streams-feature-faster-processor-orders", change);
      assert.equal(inputs.state, state);
    });

  it("have no checks and no outputs: no deployment waits for them", async () => {
    const [streams] = await made({ features });
    assert.deepEqual(
      streams.checks.map(({ workspace }) => workspace),
      [args.workspace],
    );
  });

  const refused: [title: string, change: object, message: RegExp][] = [
    ["two of one name", { features: [features[0], features[0]] }, /`features`: got "feature-faster", expected names/],
    ["one with the environment's name", { features: [{ workspace: "dev-streams", start: true }] }, /"dev-streams"/],
    ["any where data is retained", { features, removal: "retain" }, /none where data is retained/],
    ["a processor without a tier", { processors: { orders: { ...processor, tier: undefined } } }, /processors\.orders/],
  ];
  for (const [title, change, message] of refused)
    it(`are refused: ${title}`, async () => {
      await assert.rejects(made(change), message);
    });
});
