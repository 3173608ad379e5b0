import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startAtlasApi, type AtlasApi } from "../../../sandbox/atlas/index.ts";
import { openLab, type Lab } from "../lab.ts";
import { callAt, pipelineOf, project, statsOf, type Answer } from "./atlas-lab.ts";

const one = "/streams/flow/processor/orders";

/** A workspace with its connections, and one processor. */
const program = (pipeline: readonly unknown[], rest: object = { state: "STARTED" }, server = "broker:9092") => `
  const p = provider("mongodbatlas", "p", {});
  const options = { provider: p };
  const home = { projectId: "${project}", workspaceName: "flow" };
  const workspace = thing("mongodbatlas:index/streamWorkspace:StreamWorkspace", "flow", {
    ...home, dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" }, streamConfig: { tier: "SP5", maxTierSize: "SP10" },
  }, [], options);
  const within = { ...options, dependsOn: [workspace] };
  const connection = "mongodbatlas:index/streamConnection:StreamConnection";
  const events = thing(connection, "events", {
    ...home, connectionName: "events", type: "Kafka", bootstrapServers: ${JSON.stringify(server)},
    authentication: { mechanism: "PLAIN" }, security: { protocol: "SASL_SSL" },
  }, [], within);
  const warehouse = thing(connection, "warehouse", {
    ...home, connectionName: "warehouse", type: "Cluster", clusterName: "w", dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" },
  }, [], within);
  thing("mongodbatlas:index/streamProcessor:StreamProcessor", "orders", {
    ...home, processorName: "orders", pipeline: ${JSON.stringify(JSON.stringify(pipeline))}, ...${JSON.stringify(rest)},
  }, [], { ...options, dependsOn: [events, warehouse] });
`;

const other = { $source: { connectionName: "events", topic: "others" } };
const windowed = (seconds: number) =>
  pipelineOf({
    $tumblingWindow: { interval: { size: seconds, unit: "second" }, pipeline: [{ $group: { _id: "$amount" } }] },
  });

describe("stream processors that Pulumi makes in the sandbox", function () {
  this.timeout(120_000);
  let lab: Lab;
  let api: AtlasApi;
  const get = (path = one): Promise<Answer> => callAt(api.endpoint, "GET", path);

  beforeEach(async () => {
    lab = await openLab();
    const samples = join(lab.root, "streams/samples");
    mkdirSync(samples, { recursive: true });
    writeFileSync(join(samples, "events.orders.json"), JSON.stringify([{ _id: 1, amount: 5 }]));
    api = await startAtlasApi({ directory: lab.directory, streams: join(lab.root, "streams") });
  });
  afterEach(async () => {
    await api.close();
    lab.close();
  });

  it("run as the API shows them, and go on from their checkpoint after a change", async () => {
    lab.program(program(pipelineOf()));
    assert.deepEqual((await lab.up()).code, 0);
    const { body } = await get();
    assert.deepEqual([body["state"], body["pipeline"]], ["STARTED", pipelineOf()]);
    const before = statsOf(await get())["inputMessageCount"];
    lab.program(program(pipelineOf({ $set: { seen: true } })));
    assert.deepEqual((await lab.up()).changes, ["update orders"]);
    const after = await get();
    assert.deepEqual([after.body["state"], after.body["pipeline"]], ["STARTED", pipelineOf({ $set: { seen: true } })]);
    assert.ok((statsOf(after)["inputMessageCount"] ?? 0) >= (before ?? Infinity));
    lab.program(program(pipelineOf({ $set: { seen: true } }), { state: "STOPPED" }));
    assert.deepEqual((await lab.up()).changes, ["update orders"]);
    assert.deepEqual((await get()).body["state"], "STOPPED");
    assert.deepEqual((await lab.run("destroy", "--yes", "--skip-preview")).code, 0);
    assert.deepEqual((await get()).status, 404);
  });

  it("are refused in Atlas' words where a checkpoint would be lost, and take it with consent", async () => {
    lab.program(program(windowed(60)));
    assert.deepEqual((await lab.up()).code, 0);
    lab.program(program(windowed(30)));
    const refused = await lab.up();
    assert.deepEqual(refused.code, 1);
    assert.match(refused.text, /400 STREAM_PROCESSOR_GENERIC_ERROR.*the interval of \$tumblingWindow changed/s);
    const kept = await get();
    assert.deepEqual([kept.body["state"], kept.body["pipeline"]], ["STARTED", windowed(60)]);
    lab.program(program(windowed(30), { state: "STARTED", options: { resumeFromCheckpoint: false } }));
    assert.deepEqual((await lab.up()).code, 0);
    assert.deepEqual((await get()).body["pipeline"], windowed(30));
  });

  it("fail with the reason where the pipeline cannot run", async () => {
    const pipeline = pipelineOf({ $match: { $expr: { $lt: [{ $toDecimal: "1" }, 2] } } });
    lab.program(program(pipeline));
    const failed = await lab.up();
    assert.deepEqual(failed.code, 1);
    assert.match(failed.text, /it is FAILED: cannot be simulated/);
    const { body } = await get();
    assert.deepEqual(body["state"], "FAILED");
    assert.match(String(body["errorMsg"]), /cannot be simulated/);
    lab.program(program(pipelineOf()));
    assert.deepEqual((await lab.up()).code, 0);
    assert.deepEqual((await get()).body["state"], "STARTED");
  });

  it("show Pulumi what the API did, and are put right again", async () => {
    lab.program(program(pipelineOf()));
    await lab.up();
    await callAt(api.endpoint, "POST", `${one}:stop`);
    const changed = await callAt(api.endpoint, "PATCH", one, { pipeline: pipelineOf({ $unset: "x" }) });
    assert.deepEqual(changed.status, 200);
    const found = await lab.run("refresh", "--yes", "--skip-preview");
    assert.match(found.text, /StreamProcessor orders updated .*diff: ~pipeline,state/);
    await lab.up();
    const { body } = await get();
    assert.deepEqual([body["state"], body["pipeline"]], ["STARTED", pipelineOf()]);
  });

  it("do not take a name that the API took first", async () => {
    lab.program(program(pipelineOf()).replace(/thing\("mongodbatlas:index\/streamProcessor[^]*$/, ""));
    assert.equal((await lab.up()).code, 0);
    const made = await callAt(api.endpoint, "POST", "/streams/flow/processor", {
      name: "orders",
      pipeline: pipelineOf(),
    });
    assert.equal(made.status, 200);
    lab.program(program(pipelineOf()));
    assert.match((await lab.up()).text, /409 STREAM_PROCESSOR_NAME_ALREADY_EXISTS: orders exists already/);
    assert.equal((await get()).body["_id"], made.body["_id"]);
  });

  it("hold on to their connections, whoever made them", async () => {
    lab.program(program(pipelineOf()));
    await lab.up();
    lab.program(program(pipelineOf(), { state: "STARTED" }, "elsewhere:9092"));
    assert.match((await lab.up()).text, /409 STREAM_CONNECTION_HAS_STREAM_PROCESSORS: events is used by orders/);
    await callAt(api.endpoint, "POST", "/streams/flow/processor", { name: "mine", pipeline: [other, pipelineOf()[1]] });
    const kept = await lab.run("destroy", "--yes", "--skip-preview");
    assert.match(kept.text, /409 STREAM_CONNECTION_HAS_STREAM_PROCESSORS: (events|warehouse) is used by mine/);
    await callAt(api.endpoint, "DELETE", "/streams/flow/processor/mine");
    assert.deepEqual((await lab.run("destroy", "--yes", "--skip-preview")).code, 0);
  });
});
