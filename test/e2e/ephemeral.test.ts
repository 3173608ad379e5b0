import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeCheckout, type Checkout } from "../support/checkout.ts";
import { startWalk } from "../support/walk.ts";

interface Listed {
  stacks: { stack: string; account: string; over: boolean; exitCode: number }[];
  free: string[];
}

describe("stacks of pull requests", function () {
  this.timeout(600_000);
  let checkout: Checkout;
  const list = async () => (await checkout.slipway("ephemeral", "list", "--json")).json as unknown as Listed;

  // A cluster has its environment's name, and the sandbox knows clusters by their names alone: so there is no dev beside them here.
  before(async () => {
    checkout = await makeCheckout();
    assert.equal((await checkout.slipway("up", "operations")).code, 0);
  });
  after(() => checkout.remove());

  it("keep their account when they did not come up in time, and give it back when they are deleted", async () => {
    const late = await checkout.slipway("ephemeral", "up", "8", "--timeout", "1", "--json");
    assert.equal(late.code, 9, late.stderr);
    assert.deepEqual(
      (await list()).stacks.map(({ stack, account }) => [stack, account]),
      [["pr-8", "555555555555"]],
    );
    const down = await checkout.slipway("ephemeral", "down", "8", "--yes");
    assert.equal(down.code, 0, down.stdout + down.stderr);
    assert.deepEqual((await list()).free, ["555555555555", "666666666666"]);
  });

  it("come up in an account of their own, verified, and are left alone until their time is over", async () => {
    const up = await checkout.slipway("ephemeral", "up", "7", "--json");
    assert.equal(up.code, 0, up.stderr);
    assert.ok(up.json.checks.length > 0 && up.json.checks.every(({ passed }) => passed));
    const { stacks, free } = await list();
    assert.deepEqual(
      stacks.map(({ stack, account, over }) => [stack, account, over]),
      [["pr-7", "555555555555", false]],
    );
    assert.deepEqual(free, ["666666666666"]);
    assert.equal(await checkout.git("status", "--porcelain"), "", "git does not see the stack's file");
    assert.equal((await checkout.slipway("ephemeral", "sweep", "--yes")).stdout, "no stack is over its time\n");
  });

  it("are deleted by their number, by nobody's guess", async () => {
    assert.equal((await checkout.slipway("ephemeral", "down", "9", "--yes")).code, 6);
    assert.equal((await checkout.slipway("ephemeral", "down", "dev", "--yes")).code, 2);
    assert.equal((await checkout.slipway("ephemeral", "down", "7", "--dry-run")).stdout, "pr-7: would be deleted\n");
  });

  it("are deleted once their time is over, and nothing else is", async () => {
    const again = await checkout.slipway("ephemeral", "up", "7", "--time-to-live", "1s", "--no-verify", "--json");
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(again.json.resources, [], "nothing changed but its time");
    assert.deepEqual(
      (await list()).stacks.map(({ stack, over }) => [stack, over]),
      [["pr-7", true]],
    );
    const swept = await checkout.slipway("ephemeral", "sweep", "--yes");
    assert.equal(swept.code, 0, swept.stderr);
    assert.equal(swept.stdout, "pr-7: deleted\n");
    assert.deepEqual(await list().then(({ stacks, free }) => [stacks.length, free.length]), [0, 2]);
    assert.ok(!existsSync(join(checkout.root, "Pulumi.pr-7.yaml")));
    assert.equal((await checkout.slipway("preview", "operations", "--expect-no-changes")).code, 0);
  });

  it("are as the page has them", async () => {
    const walk = startWalk("test/e2e/ephemeral.test.ts", checkout);
    // A terminal would ask.
    const words = { "ephemeral down 7": "ephemeral down 7 --yes" };
    const said = await walk.follow("docs/workflows.md#stacks-of-pull-requests", {}, words);
    assert.match(said, /pr-7: deleted/u);
    walk.done();
  });
});
