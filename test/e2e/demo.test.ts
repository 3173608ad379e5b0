import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

describe("npm start", function () {
  this.timeout(600_000);
  let checkout: Checkout;

  before(async () => {
    checkout = await makeCheckout({ data: true });
  });
  after(() => checkout.remove());

  const history = async (environment: string): Promise<{ kind: string; release?: string }[]> => {
    const { json } = await checkout.slipway("history", environment, "--json", "--limit", "100");
    return json.records.reverse();
  };
  const kinds = async (environment: string) => (await history(environment)).map(({ kind }) => kind);

  it("takes a release to prod, with a bad one sent back by staging on the way", async () => {
    const demo = await checkout.slipway("demo", "--json");
    assert.equal(demo.code, 0, demo.stderr);
    assert.deepEqual(
      demo.json.steps.map(({ environment, outcome }) => [environment, outcome]),
      [
        ["operations", "deployed"],
        ["dev", "deployed"],
        ["staging", "deployed"],
        ["dev", "deployed"],
        ["staging", "rolled-back"],
        ["dev", "deployed"],
        ["prod", "deployed"],
      ],
    );
    const releases = new Set(demo.json.environments.map(({ current }) => current?.commit));
    assert.deepEqual([...releases], [await checkout.git("rev-parse", "HEAD")]);
    assert.match(demo.stderr, /no api argo-application Degraded: broken on purpose/);
    const staging = (await kinds("staging")).filter((kind) => kind !== "manifests-moved");
    const failedAt = staging.indexOf("failed");
    assert.deepEqual(staging.slice(failedAt, failedAt + 3), ["failed", "rolled-back", "verified"]);
  });

  it("changes nothing the second time and says so", async () => {
    const before = await Promise.all(["operations", "dev", "staging", "prod"].map(kinds));
    const again = await checkout.slipway("demo");
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /stands everywhere already: nothing changed/);
    assert.deepEqual(await Promise.all(["operations", "dev", "staging", "prod"].map(kinds)), before);
    assert.equal(await checkout.git("status", "--porcelain"), "");
    assert.equal(await checkout.git("tag", "--list"), "");
  });

  it("lets a person go back to the release before, and to any other by its id", async () => {
    const file = join(checkout.root, "services", "api", "Dockerfile");
    await appendFile(file, "# a second release\n");
    await checkout.git("commit", "--quiet", "--all", "--message", "feat(api): a second release");
    assert.equal((await checkout.slipway("up", "dev")).code, 0);
    const second = await checkout.slipway("promote", "staging", "--json");
    assert.equal(second.code, 0, second.stderr);
    const back = await checkout.slipway("rollback", "staging", "--reason", "a test", "--json");
    assert.equal(back.code, 0, back.stderr);
    assert.notEqual(back.json.release, second.json.release);
    const again = await checkout.slipway("rollback", "staging", "--to", second.json.release.slice(0, 12), "--json");
    assert.equal(again.json.release, second.json.release);
    const kindsSeen = (await kinds("staging")).filter((kind) => !kind.endsWith("-moved"));
    assert.deepEqual(kindsSeen.slice(-4), ["rolled-back", "verified", "rolled-back", "verified"]);
    const unknown = await checkout.slipway("rollback", "staging", "--to", "ffff", "--json");
    assert.equal(unknown.code, 6);
    assert.match(unknown.json.error.message, /never had a release "ffff"/);
  });

  it("says so when the commit of a release is not in this clone", async () => {
    const bad = (await history("staging")).find(({ kind }) => kind === "failed")?.release ?? "";
    const refused = await checkout.slipway("rollback", "staging", "--to", bad, "--json");
    assert.equal(refused.code, 6);
    assert.match(refused.json.error.next, /git fetch/);
  });
});
