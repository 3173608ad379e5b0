import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { live, makeCheckout, type Checkout } from "../support/checkout.ts";
import { Lake } from "../support/lake.ts";
import { startWalk } from "../support/walk.ts";

interface Expected {
  datasets: Record<string, { rows: number; quarantined: Record<string, number> }>;
}

describe("data pipeline in a live sandbox", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  let lake: Lake;
  const slipway = (...args: string[]) => checkout.slipwayWith(live, ...args);

  before(async () => {
    checkout = await makeCheckout({ data: true, model: false });
    assert.equal((await slipway("up", "operations")).code, 0);
  });
  after(async () => {
    await lake?.close();
    await slipway("sandbox", "reset");
    await checkout.remove();
  });

  it("up leaves a pipeline that runs: the sample through the whole machine, compared with what it must become", async () => {
    const up = await slipway("up", "dev", "--json");
    assert.equal(up.code, 0, up.stderr);
    const checks = new Map(up.json.checks.map((check) => [check.name, check]));
    const pipeline = checks.get("data-pipeline");
    assert.match(
      pipeline?.detail ?? "",
      /^1,000 orders in, 964 published, 36 quarantined in [\d.]+ s; 5 tables match$/,
    );
    for (const { name, passed, simulated } of checks.values())
      assert.deepEqual([name, passed, simulated ?? false], [name, true, false]);
    lake = await Lake.open(join(checkout.root, ".sandbox"), "222222222222");
    await lake.settle();
  });

  it("delivered files start runs by themselves; bad rows are set aside with reason and line", async () => {
    for (const dataset of ["customers", "products", "houses"])
      await lake.deliver(dataset, "first.csv", await sample(dataset));
    await lake.settled();
    await lake.deliver("orders", "monday.csv", await sample("orders"));
    await lake.settled();
    const { datasets } = await lake.snapshot();
    const expected = JSON.parse(await readFile(join(samples(), "expected.json"), "utf8")) as Expected;
    for (const [name, { rows }] of Object.entries(expected.datasets)) {
      const published = Object.values(datasets[name]?.partitions ?? {});
      assert.equal(
        published.reduce((sum, partition) => sum + partition.rows, 0),
        rows,
        name,
      );
    }
    const rows = await lake.quarantined("orders");
    assert.equal(rows.length, 36);
    const lines = (await sample("orders")).split(/\r?\n/);
    for (const { key, line, reason, raw } of rows) {
      assert.equal(key, "incoming/orders/monday.csv");
      assert.ok(reason in (expected.datasets["orders"]?.quarantined ?? {}), reason);
      assert.equal(raw, lines[line - 1], `line ${line}`);
    }
  });

  it("the same content delivered again, under another name, is processed once", async () => {
    const { version } = await lake.snapshot();
    await lake.deliver("orders", "tuesday.csv", await sample("orders"));
    await lake.settled();
    assert.equal((await lake.snapshot()).version, version);
    assert.equal((await lake.executions()).at(0)?.status, "SUCCEEDED");
  });

  it("a release with a broken job fails its verification and alerts; rolled back, the job points at its script of before", async () => {
    const before = await lake.scriptOf("slipway-dev-data-raw-to-processed");
    const alerts = await lake.listen("slipway-dev-data-critical");
    const file = join(checkout.root, "data", "jobs", "raw_to_processed.py");
    await writeFile(file, `raise RuntimeError("broken on purpose")\n`);
    await checkout.git("commit", "--quiet", "--all", "--message", "feat(data): a job that breaks");
    const up = await slipway("up", "dev", "--json");
    assert.equal(up.code, 26, up.stderr);
    assert.match(up.json.error.message, /data-pipeline: execution verify-[\w-]+: .*Transform.*broken on purpose/s);
    const [alert = ""] = await alerts();
    assert.match(alert, /"state":\s*"Transform/);
    const broken = await lake.scriptOf("slipway-dev-data-raw-to-processed");
    assert.notEqual(broken, before);
    const back = await slipway("rollback", "dev");
    assert.equal(back.code, 0, back.stderr);
    assert.match(back.stderr, /ok data-pipeline state-machine 1,000 orders in/);
    assert.equal(await lake.scriptOf("slipway-dev-data-raw-to-processed"), before);
    // Only the pointer moved: both scripts are there.
    const kept = await lake.scripts("raw_to_processed");
    assert.deepEqual(kept.sort(), [before, broken].sort());
  });

  it("the signal to go back rings as its page says, and what does not verify is not run", async () => {
    const walk = startWalk("test/e2e/data.test.ts", {
      root: checkout.root,
      environment: { ...checkout.environment, ...live },
    });
    await walk.follow("docs/observability.md#the-signal-to-go-back", { "./slipway verify dev": { code: 26 } });
    walk.done();
  });

  const samples = () => join(checkout.root, "data", "samples", "1k");
  const sample = (name: string) => readFile(join(samples(), `${name}.csv`), "utf8");
});
