import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

interface Listed {
  stacks: { stack: string; account: string; over: boolean; exitCode: number }[];
  free: string[];
}

describe("stacks of pull requests", function () {
  this.timeout(600_000);
  let checkout: Checkout;
  const list = async () => (await checkout.slipway("ephemeral", "list", "--json")).json as unknown as Listed;

  before(async () => {
    checkout = await makeCheckout();
    assert.equal((await checkout.slipway("up", "operations")).code, 0);
    const dev = await checkout.slipway("up", "dev");
    assert.equal(dev.code, 0, dev.stderr);
  });
  after(() => checkout.remove());

  it("come up beside dev, in an account of their own, verified", async () => {
    const up = await checkout.slipway("ephemeral", "up", "7", "--time-to-live", "1s", "--json");
    assert.equal(up.code, 0, up.stderr);
    assert.ok(up.json.checks.length > 0 && up.json.checks.every(({ passed }) => passed));
    const { stacks, free } = await list();
    assert.deepEqual(
      stacks.map(({ stack, account }) => [stack, account]),
      [["pr-7", "555555555555"]],
    );
    assert.deepEqual(free, ["666666666666"]);
    assert.equal(await checkout.git("status", "--porcelain"), "", "git does not see the stack's file");
  });

  it("are deleted once their time is over, and nothing else is", async () => {
    const kept = await checkout.slipway("ephemeral", "up", "8", "--json");
    assert.equal(kept.code, 0, kept.stderr);
    const { stacks } = await list();
    assert.deepEqual(
      stacks.map(({ stack, over }) => [stack, over]),
      [
        ["pr-7", true],
        ["pr-8", false],
      ],
    );
    const plan = await checkout.slipway("ephemeral", "sweep", "--dry-run");
    assert.match(plan.stdout, /^pr-7: would be deleted$/mu);
    assert.doesNotMatch(plan.stdout, /pr-8|dev/u);
    const swept = await checkout.slipway("ephemeral", "sweep", "--yes", "--json");
    assert.equal(swept.code, 0, swept.stderr);
    assert.deepEqual(
      (await list()).stacks.map(({ stack }) => stack),
      ["pr-8"],
    );
    assert.ok(!existsSync(join(checkout.root, "Pulumi.pr-7.yaml")));
    const history = await checkout.slipway("history", "dev", "--json");
    assert.ok(history.json.records.every(({ kind }) => kind !== "destroyed"));
    assert.equal((await checkout.slipway("preview", "dev", "--expect-no-changes")).code, 0);
  });

  it("are deleted before their time by their number, by nobody's guess", async () => {
    const unknown = await checkout.slipway("ephemeral", "down", "9", "--yes");
    assert.equal(unknown.code, 6);
    const environment = await checkout.slipway("ephemeral", "down", "dev", "--yes");
    assert.equal(environment.code, 2);
    const down = await checkout.slipway("ephemeral", "down", "8", "--yes");
    assert.equal(down.code, 0, down.stderr);
    assert.deepEqual((await list()).free, ["555555555555", "666666666666"]);
  });
});
