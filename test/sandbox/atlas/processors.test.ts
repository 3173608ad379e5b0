import assert from "node:assert/strict";

import { beforeEach, afterEach, describe, it } from "mocha";

import { openAtlasLab, pipelineOf, statsOf, type AtlasLab } from "./atlas-lab.ts";

describe("stream processors of the sandbox's Atlas", () => {
  let lab: AtlasLab;
  const one = "/streams/flow/processor/orders";
  const create = (extra: object = {}) =>
    lab.call("POST", "/streams/flow/processor", { name: "orders", pipeline: pipelineOf(), ...extra });

  beforeEach(async () => {
    lab = await openAtlasLab();
  });
  afterEach(() => lab.close());

  it("runs a processor from its creation to its end", async () => {
    const made = await create();
    assert.deepEqual([made.status, made.body["state"], made.body["pipeline"]], [200, "CREATED", pipelineOf()]);
    assert.deepEqual((await lab.call("POST", `${one}:start`)).status, 200);
    assert.deepEqual((await lab.call("GET", one)).body["state"], "PROVISIONING");
    lab.pass(1_000);
    const running = await lab.call("GET", one);
    assert.deepEqual(running.body["state"], "STARTED");
    assert.deepEqual(statsOf(running)["inputMessageCount"], 250);
    lab.pass(1_000);
    assert.deepEqual(statsOf(await lab.call("GET", one))["inputMessageCount"], 300);
    assert.deepEqual((await lab.call("POST", `${one}:stop`)).status, 200);
    lab.pass(1_000);
    const stopped = await lab.call("GET", one);
    assert.deepEqual([stopped.body["state"], statsOf(stopped)["inputMessageCount"]], ["STOPPED", 300]);
    assert.deepEqual((await lab.call("DELETE", one)).status, 204);
    assert.deepEqual((await lab.call("GET", one)).status, 404);
  });
});
