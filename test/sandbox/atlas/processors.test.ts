import assert from "node:assert/strict";

import { writtenDocuments } from "../../../sandbox/index.ts";
import { openAtlasLab, pipelineOf, project, statsOf, type AtlasLab } from "./atlas-lab.ts";

const one = "/streams/flow/processor/orders";

describe("stream processors of the sandbox's Atlas", () => {
  let lab: AtlasLab;
  const create = (extra: object = {}) =>
    lab.call("POST", "/streams/flow/processor", { name: "orders", pipeline: pipelineOf(), ...extra });
  const inputs = async () => statsOf(await lab.call("GET", one))["inputMessageCount"];
  const codeOf = async (method: string, path: string, body?: unknown) => {
    const { status, body: said } = await lab.call(method, path, body);
    return [status, said["errorCode"] ?? null];
  };

  beforeEach(async () => {
    lab = await openAtlasLab();
  });
  afterEach(() => lab.close());

  it("run from their creation to their end", async () => {
    const made = await create();
    assert.deepEqual([made.status, made.body["state"], made.body["pipeline"]], [200, "CREATED", pipelineOf()]);
    assert.equal((await lab.call("POST", `${one}:start`)).status, 200);
    assert.equal((await lab.call("GET", one)).body["state"], "PROVISIONING");
    lab.pass(1_000);
    const running = await lab.call("GET", one);
    assert.equal(running.body["state"], "STARTED");
    assert.equal(statsOf(running)["inputMessageCount"], 250);
    lab.pass(1_000);
    assert.equal(await inputs(), 300);
    assert.equal((await lab.call("POST", `${one}:stop`)).status, 200);
    lab.pass(1_000);
    const stopped = await lab.call("GET", one);
    assert.deepEqual([stopped.body["state"], statsOf(stopped)["inputMessageCount"]], ["STOPPED", 300]);
    assert.equal((await lab.call("DELETE", one)).status, 204);
    assert.equal((await lab.call("GET", one)).status, 404);
  });

  it("keep the order of keys in which a pipeline was written", async () => {
    const pipeline = JSON.stringify(pipelineOf()).replace('{"$merge"', '{"$set":{"b":1,"a":2,"10":3,"9":4}},{"$merge"');
    const made = await lab.call("POST", "/streams/flow/processor", `{"name":"orders","pipeline":${pipeline}}`);
    assert.ok(made.text.includes(`"pipeline":${pipeline}`));
    assert.ok((await lab.call("GET", "/streams/flow/processors")).text.includes(`"pipeline":${pipeline}`));
  });

  it("refuse what cannot be, and say why in Atlas' form", async () => {
    await create();
    const again = await create();
    assert.equal(again.status, 409);
    assert.deepEqual(again.body, {
      error: 409,
      errorCode: "STREAM_PROCESSOR_NAME_ALREADY_EXISTS",
      detail: "A stream processor with name orders already exists.",
      reason: "Conflict",
      parameters: ["orders"],
    });
    const processors = "/streams/flow/processor";
    const invalid = [
      { name: "no spaces", pipeline: pipelineOf() },
      { name: "a", pipeline: {} },
      { name: "a", pipeline: pipelineOf({ $group: { _id: "$x" } }) },
      { name: "a", pipeline: pipelineOf({ $lookup: { from: { connectionName: "nowhere", db: "a", coll: "b" } } }) },
      { name: "a", pipeline: pipelineOf(), tier: "SP3" },
      { name: "a", pipeline: pipelineOf(), tier: "SP50" },
      { name: "a", pipeline: pipelineOf(), options: { dlq: { connectionName: "warehouse" } } },
      "{ not json",
    ];
    for (const body of invalid) assert.equal((await codeOf("POST", processors, body))[0], 400, JSON.stringify(body));
    assert.deepEqual(await codeOf("POST", `${one}:stop`), [409, "STREAM_PROCESSOR_NOT_STARTED"]);
    await lab.call("POST", `${one}:start`);
    assert.deepEqual(await codeOf("POST", `${one}:start`), [409, "STREAM_PROCESSOR_ALREADY_STARTED"]);
    assert.deepEqual(await codeOf("PATCH", one, { tier: "SP10" }), [409, "STREAM_PROCESSOR_MUST_BE_STOPPED"]);
    assert.deepEqual(await codeOf("GET", `${processors}/none`), [404, "STREAM_PROCESSOR_NOT_FOUND"]);
    assert.deepEqual(await codeOf("GET", "/streams/none/processors"), [404, "STREAM_TENANT_NOT_FOUND_FOR_NAME"]);
    assert.deepEqual(await codeOf("GET", "/clusters"), [404, "RESOURCE_NOT_FOUND"]);
    assert.deepEqual(await codeOf("DELETE", `${processors}s`), [405, "METHOD_NOT_ALLOWED"]);
  });

  it("start on the tier that is asked for, within what the workspace and the pipeline allow", async () => {
    await create({
      pipeline: [
        pipelineOf()[0],
        { $merge: { into: { connectionName: "warehouse", db: "a", coll: "b" }, parallelism: 4 } },
      ],
      tier: "SP10",
    });
    const startWith = (body: object) => lab.call("POST", `${one}:startWith`, body);
    assert.match(String((await startWith({ tier: "SP5" })).body["detail"]), /Minimum tier for this workload: SP10/);
    assert.match(String((await startWith({ tier: "SP50" })).body["detail"]), /above the workspace's maximum of SP30/);
    assert.equal((await startWith({ tier: "SP30" })).status, 200);
    const { body } = await lab.call("GET", one);
    assert.deepEqual([body["tier"], body["effectiveTier"]], ["SP10", "SP30"]);
  });

  it("are slower where they have more to do, whoever measures", async () => {
    await create();
    const pipeline = pipelineOf({ $set: { total: { $multiply: ["$amount", 2] } } });
    await lab.call("POST", "/streams/flow/processor", { name: "more", pipeline });
    for (const name of ["orders", "more"]) await lab.call("POST", `/streams/flow/processor/${name}:start`);
    lab.pass(500);
    const p99 = async (name: string) => {
      const stats = statsOf(await lab.call("GET", `/streams/flow/processor/${name}`)) as unknown;
      return (stats as { latency: { p99: number } }).latency.p99;
    };
    assert.ok((await p99("more")) > (await p99("orders")));
    const before = await p99("orders");
    lab.pass(5_000);
    assert.equal(await p99("orders"), before);
  });

  it("put what they cannot process into the dead letter queue", async () => {
    lab.sample("events.orders", [
      { _id: 1, amount: 1 },
      { _id: 2, amount: "many" },
    ]);
    const dlq = { connectionName: "warehouse", db: "sales", coll: "orders_dlq" };
    await create({ pipeline: pipelineOf({ $set: { double: { $multiply: ["$amount", 2] } } }), options: { dlq } });
    await lab.call("POST", `${one}:start`);
    lab.pass(1_000);
    const stats = statsOf(await lab.call("GET", one));
    assert.deepEqual([stats["outputMessageCount"], stats["dlqMessageCount"]], [125, 125]);
    assert.ok((stats["dlqMessageSize"] ?? 0) > 125 * 100);
    const place = { projectId: project, workspace: "flow" };
    const letters = writtenDocuments(lab.directory, place, dlq) as { operatorName: string; doc: { amount: unknown } }[];
    assert.equal(letters.length, 125);
    assert.deepEqual([letters[0]?.operatorName, letters[0]?.doc.amount], ["$set", "many"]);
    const orders = writtenDocuments(lab.directory, place, { ...dlq, coll: "orders" }) as { double: number }[];
    assert.deepEqual([orders.length, orders[0]?.double], [125, 2]);
  });
});
