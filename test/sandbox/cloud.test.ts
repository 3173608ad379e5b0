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

  it("undoes a transaction that throws", () => {
    const cloud = openCloud(directory);
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
