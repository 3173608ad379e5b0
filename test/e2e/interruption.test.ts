import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCloud, sandboxStatus } from "../../sandbox/index.ts";
import { finish, makeCheckout, type Checkout } from "../support/checkout.ts";

/** Resolves when the driver has said something; rejects when it ends first. */
function said(driver: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    driver.stderr?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (pattern.test(text)) resolve();
    });
    driver.once("exit", () => reject(new Error(`the driver ended before it said ${pattern.source}: ${text}`)));
  });
}

describe("a driver that is stopped in the middle", function () {
  this.timeout(240_000);
  let checkout: Checkout;

  before(async () => {
    checkout = await makeCheckout();
    const operations = await checkout.slipway("up", "operations");
    assert.equal(operations.code, 0, operations.stderr);
  });
  after(() => checkout.remove());

  const kinds = async (): Promise<string[]> => {
    const { json } = await checkout.slipway("history", "dev", "--json", "--limit", "100");
    return json.records.map(({ kind }) => kind).reverse();
  };

  /** Every URN once in the cloud, and nothing there that no stack knows. */
  const assertNothingTwice = async () => {
    const directory = join(checkout.root, ".sandbox");
    const cloud = openCloud(directory);
    try {
      const urns = cloud.list({}).map(({ urn }) => urn);
      assert.deepEqual(urns.length, new Set(urns).size);
      assert.ok(urns.length > 70, `${urns.length} resources`);
    } finally {
      cloud.close();
    }
    assert.deepEqual((await sandboxStatus(directory)).orphans, []);
    const preview = await checkout.slipway("preview", "dev", "--expect-no-changes", "--json");
    assert.equal(preview.code, 0, preview.stdout);
  };

  it("is killed, and another one refuses to start beside it until its engine is done, then converges", async () => {
    const driver = checkout.start("up", "dev");
    await said(driver, /network-private-1 /);
    const beside = await checkout.slipway("up", "dev", "--json");
    assert.equal(beside.code, 21, beside.stderr);
    driver.kill("SIGKILL");
    await once(driver, "close");
    const second = await checkout.slipway("up", "dev", "--json");
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(await kinds(), ["interrupted", "manifests-moved", "promoted", "verified"]);
    await assertNothingTwice();
  });

  it("is killed together with its engine, and converges", async () => {
    const destroyed = await checkout.slipway("destroy", "dev", "--yes", "--json");
    assert.equal(destroyed.code, 0, destroyed.stderr);
    const driver = checkout.start("up", "dev");
    await said(driver, /network-private-1 /);
    const lease = JSON.parse(await readFile(leaseFile(checkout), "utf8")) as { holder: { enginePid: number } };
    driver.kill("SIGKILL");
    process.kill(lease.holder.enginePid, "SIGKILL");
    await once(driver, "close");
    const second = await checkout.slipway("up", "dev", "--json");
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual((await kinds()).slice(-3), ["interrupted", "promoted", "verified"]);
    await assertNothingTwice();
  });

  it("is cancelled by Ctrl-C: ends with 8, says what stands, and goes on later", async () => {
    const destroyed = await checkout.slipway("destroy", "dev", "--yes", "--json");
    assert.equal(destroyed.code, 0, destroyed.stderr);
    const driver = checkout.start("up", "dev", "--json");
    const ended = finish(driver, ["--json"]);
    await said(driver, /network-private-1 /);
    driver.kill("SIGINT");
    const cancelled = await ended;
    assert.equal(cancelled.code, 8, cancelled.stderr);
    assert.match(cancelled.json.error.changed, /\d+ created/);
    const second = await checkout.slipway("up", "dev", "--json");
    assert.equal(second.code, 0, second.stderr);
    await assertNothingTwice();
  });

  it("loses its store in the middle: the engine ends its work, and the next run puts it on record", async () => {
    const destroyed = await checkout.slipway("destroy", "dev", "--yes", "--json");
    assert.equal(destroyed.code, 0, destroyed.stderr);
    const store = join(checkout.root, ".sandbox", "store");
    const driver = checkout.start("up", "dev", "--json");
    const ended = finish(driver, ["--json"]);
    await said(driver, /network-private-1 /);
    await rename(store, `${store}-away`);
    await writeFile(store, "not a directory");
    const lost = await ended;
    assert.notEqual(lost.code, 0);
    assert.match(lost.json.error.message, /store/i);
    const refused = await checkout.slipway("up", "dev", "--json");
    assert.notEqual(refused.code, 0);
    assert.doesNotMatch(refused.stderr, /network-/, "an engine ran without a record of the intent");
    await rm(store);
    await rename(`${store}-away`, store);
    const second = await checkout.slipway("up", "dev", "--json");
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual((await kinds()).slice(-3), ["interrupted", "promoted", "verified"]);
    await assertNothingTwice();
  });
});

const leaseFile = (checkout: Checkout) => join(checkout.root, ".sandbox", "store", "leases", "dev.json");
