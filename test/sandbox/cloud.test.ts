import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { listEvents, openCloud } from "../../sandbox/index.ts";

const cloudModule = new URL("../../sandbox/cloud/cloud.ts", import.meta.url).href;
const eventsModule = new URL("../../sandbox/cloud/events.ts", import.meta.url).href;

/** Each writer claims its own ids and the one contested name; exactly one of all may get the latter. */
const writer = `
  const { Cloud } = await import(${JSON.stringify(cloudModule)});
  const { recordEvent } = await import(${JSON.stringify(eventsModule)});
  const [directory, name, count] = process.argv.slice(1);
  const cloud = new Cloud(directory);
  const place = { account: "1", region: "r", type: "t" };
  let won = 0;
  for (let n = 0; n < Number(count); n += 1) {
    cloud.database.transaction(() => {
      const key = JSON.stringify(["contested-" + n]);
      const taken = cloud.uniqueKeyTaken(place, key, { everywhere: false });
      if (!taken) won += 1;
      const address = { ...place, id: name + "-" + n };
      cloud.insert(address, { urn: name + n, inputs: {}, outputs: {}, uniqueKey: taken ? undefined : key, handles: [name + n], salt: 0, echoed: true, createdAt: new Date().toISOString() });
      recordEvent(cloud.database, { ...address, urn: name + n, operation: "create", outcome: "done", detail: "" });
    });
  }
  process.stdout.write(String(won));
`;

describe("sandbox cloud", function () {
  this.timeout(60_000);
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-cloud-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("takes fifty writers in ten processes without losing or doubling anything", async () => {
    const processes = 10;
    const each = 5;
    const wins = await Promise.all(
      Array.from({ length: processes }, (_, index) => runWriter(directory, `w${index}`, each)),
    );
    const cloud = openCloud(directory);
    try {
      assert.equal(cloud.list().length, processes * each);
      assert.equal(
        wins.reduce((sum, won) => sum + won, 0),
        each,
        "each contested name went to exactly one writer",
      );
      assert.equal(listEvents(cloud.database, 1000).length, processes * each);
      assert.ok(cloud.handleExists("t", "w30", "1"));
      assert.equal(cloud.handleExists("t", "w30", "2"), false);
    } finally {
      cloud.close();
    }
  });

  const address = { account: "1", region: "", type: "t", id: "a" };
  const resource = {
    urn: "u",
    inputs: {},
    outputs: {},
    uniqueKey: undefined,
    handles: [],
    salt: 0,
    echoed: true,
    createdAt: "",
  };

  it("finds resources by an input, through an index where there are many", () => {
    const cloud = openCloud(directory);
    for (const [id, vpcId] of Object.entries({ a: "v1", b: "v2", c: "v1" }))
      cloud.insert({ ...address, id }, { ...resource, inputs: { vpcId } });
    const equals = { input: "vpcId", value: "v1" };
    assert.deepEqual(
      cloud.list({ account: "1", type: "t" }, equals).map(({ id }) => id),
      ["a", "c"],
    );
    assert.deepEqual(cloud.list({ account: "2", type: "t" }, equals), []);
    assert.throws(() => cloud.list({}, { input: "a') OR ('", value: "" }), /is no name of an input/);
    const plan = "EXPLAIN QUERY PLAN SELECT 1 FROM resources WHERE type = ? AND json_extract(inputs, '$.vpcId') = ?";
    assert.match(JSON.stringify(cloud.database.all(plan, "t", "v1")), /resources_by_vpc/);
    cloud.close();
  });

  it("opens what an earlier version made, and refuses what a later one made", () => {
    const cloud = openCloud(directory);
    cloud.insert(address, resource);
    cloud.database.run("DROP INDEX resources_by_vpc");
    cloud.database.run("PRAGMA user_version = 1");
    cloud.close();
    const again = openCloud(directory);
    assert.equal(again.list().length, 1);
    assert.equal(again.database.all("SELECT 1 FROM sqlite_master WHERE name = 'resources_by_vpc'").length, 1);
    again.database.run("PRAGMA user_version = 99");
    again.close();
    assert.throws(() => openCloud(directory), /its layout is version 99/);
  });

  it("undoes a transaction that throws", () => {
    const cloud = openCloud(directory);
    assert.throws(() =>
      cloud.database.transaction(() => {
        cloud.insert(address, resource);
        throw new Error("no");
      }),
    );
    assert.equal(cloud.get(address), undefined);
    cloud.insert(address, resource);
    assert.equal(cloud.get(address)?.id, "a");
    cloud.close();
  });
});

async function runWriter(directory: string, name: string, count: number): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", writer, directory, name, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 0);
  return Number(output);
}
