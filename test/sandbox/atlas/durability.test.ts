import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { callAt, openAtlasLab, pipelineOf, statsOf, tokenOf, type AtlasLab, type Stats } from "./atlas-lab.ts";
import { startAtlasApi } from "../../../sandbox/atlas/index.ts";
import type { Run } from "../../../sandbox/atlas/run.ts";
import { AtlasState } from "../../../sandbox/atlas/state.ts";
import { openCloud } from "../../../sandbox/index.ts";

const script = fileURLToPath(new URL("serve.ts", import.meta.url));
const one = "/streams/flow/processor/orders";
const made = { name: "orders", pipeline: pipelineOf() };

describe("what the sandbox's Atlas remembers", function () {
  this.timeout(60_000);
  let lab: AtlasLab;
  const children: ChildProcess[] = [];
  const serve = async () => {
    const words = ["--disable-warning=ExperimentalWarning", script, lab.directory, lab.streams];
    const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    const [endpoint] = (await once(createInterface(child.stdout), "line")) as [string];
    return { child, endpoint };
  };
  const end = async (child: ChildProcess) => {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  };
  const read = (stats: Stats) => stats.kafkaPartitions.reduce((sum, { currentOffset = 0 }) => sum + currentOffset, 0);

  beforeEach(async () => {
    lab = await openAtlasLab();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await end(child);
    await lab.close();
  });

  it("outlives a server that is closed", async () => {
    await lab.call("POST", "/streams/flow/processor", made);
    await lab.call("POST", `${one}:start`);
    lab.pass(1_000);
    const before = await lab.call("GET", one);
    await lab.restart();
    assert.deepEqual((await lab.call("GET", one)).body, before.body);
    lab.pass(1_000);
    assert.equal(statsOf(await lab.call("GET", one))["inputMessageCount"], 300);
    assert.equal((await lab.call("GET", "/streams/flow/connections")).body["totalCount"], 3);
  });

  it("outlives one that is killed right after it answered", async () => {
    const { child, endpoint } = await serve();
    await callAt(endpoint, "POST", "/streams/flow/processor", made);
    await callAt(endpoint, "POST", `${one}:start`);
    const told = statsOf(await callAt(endpoint, "GET", one));
    const stopped = await callAt(endpoint, "POST", `${one}:stop`);
    await end(child);
    assert.equal(stopped.status, 200);
    const after = await lab.call("GET", one);
    assert.equal(after.body["state"], "STOPPED");
    assert.ok((statsOf(after)["inputMessageCount"] ?? -1) >= (told["inputMessageCount"] ?? 0));
    assert.equal(statsOf(after)["inputMessageCount"], read(statsOf(after)));
  });

  it("is the same for two processes at once, which read no document twice", async () => {
    const [{ endpoint: first }, { endpoint: second }] = await Promise.all([serve(), serve()]);
    await callAt(first, "POST", "/streams/flow/processor", made);
    const starts = await Promise.all([first, second].map((endpoint) => callAt(endpoint, "POST", `${one}:start`)));
    assert.deepEqual(starts.map(({ status }) => status).sort(), [200, 409]);
    let latest = 0;
    for (let round = 0; round < 15; round += 1) {
      const answers = await Promise.all([first, second].map((endpoint) => callAt(endpoint, "GET", one)));
      for (const answer of answers) {
        assert.equal(answer.status, 200, answer.text);
        const stats = statsOf(answer);
        if (stats["inputMessageCount"] !== undefined) assert.equal(stats["inputMessageCount"], read(stats));
      }
      const least = Math.min(...answers.map((answer) => statsOf(answer)["inputMessageCount"] ?? 0));
      assert.ok(least >= latest);
      latest = least;
    }
    assert.ok(latest > 200);
  });

  it("is written by one at a time: who looked before somebody else wrote has to look again", () => {
    const cloud = openCloud(lab.directory);
    try {
      const state = new AtlasState(cloud.database);
      const place = { projectId: "0123456789abcdef01234567", workspace: "flow" };
      const run = { id: "a" } as unknown as Run;
      assert.equal(state.saveRun(place, "one", 0, run), 1);
      assert.equal(state.saveRun(place, "one", 0, run), undefined);
      assert.equal(state.saveRun(place, "one", 1, { ...run, id: "b" }), 2);
      assert.equal(state.saveRun(place, "one", 1, run), undefined);
      assert.deepEqual(state.run(place, "one"), { revision: 2, run: { id: "b" } });
    } finally {
      cloud.close();
    }
  });

  it("does not keep a process that has nothing else to do", async () => {
    const { child, endpoint } = await serve();
    assert.ok((await tokenOf(endpoint)).length > 0);
    const closed = once(child, "close");
    child.stdin?.end();
    assert.deepEqual(await closed, [0, null]);
  });

  it("takes a token that another server has given", async () => {
    const token = await tokenOf(lab.api.endpoint);
    const other = await startAtlasApi({
      directory: lab.directory,
      streams: lab.streams,
      now: () => Date.parse("2026-03-01T00:30:00Z"),
    });
    try {
      const url = `${other.endpoint}/api/atlas/v2/groups/0123456789abcdef01234567/streams`;
      assert.equal((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, 200);
    } finally {
      await other.close();
    }
  });
});
