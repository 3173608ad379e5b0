import assert from "node:assert/strict";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCloud } from "../../sandbox/index.ts";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

/** The way a release goes, on the real engine, in a throw-away repository with a bare remote. The tests build on each other. */
describe("a release on its way from dev to prod", function () {
  this.timeout(240_000);
  let checkout: Checkout;
  let first = "";

  before(async () => {
    checkout = await makeCheckout();
    first = await checkout.git("rev-parse", "HEAD");
  });
  after(() => checkout.remove());

  const kinds = async (environment: string): Promise<string[]> => {
    const { json } = await checkout.slipway("history", environment, "--json", "--limit", "100");
    return json.records.map(({ kind }) => kind).reverse();
  };
  const remoteTag = async (tag: string) =>
    (await checkout.git("ls-remote", "origin", `refs/tags/${tag}`)).split("\t")[0];

  it("brings operations and dev up, verifies them and records both", async () => {
    const operations = await checkout.slipway("up", "operations", "--json");
    assert.equal(operations.code, 0, operations.stderr);
    const dev = await checkout.slipway("up", "dev", "--json", "--verbose");
    assert.equal(dev.code, 0, dev.stderr);
    assert.equal(dev.json.commit, first);
    assert.deepEqual(
      dev.json.checks.map(({ name, passed }) => [name, passed]),
      [
        ["api", true],
        ["predict", true],
        ["web", true],
        ["api/ready", true],
        ["api/models", true],
        ["web/health", true],
      ],
    );
    assert.match(dev.stderr, /Pulumi CLI starts: 1$/m);
    assert.deepEqual(await kinds("dev"), ["manifests-moved", "promoted", "verified"]);
  });

  it("changes and records nothing the second time", async () => {
    const again = await checkout.slipway("up", "dev", "--json");
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(Object.keys(again.json.changes), ["same"]);
    assert.equal(again.json.recorded, false);
    assert.deepEqual(await kinds("dev"), ["manifests-moved", "promoted", "verified"]);
  });

  it("refuses prod while staging has not verified the release, and touches nothing", async () => {
    const refused = await checkout.slipway("promote", "prod", "--remote", "origin", "--json");
    assert.equal(refused.code, 23);
    assert.match(refused.json.error.message, /staging has not verified release/);
    assert.match(refused.json.error.next, /^\.\/slipway promote staging --commit [0-9a-f]{40}$/);
    assert.equal(refused.json.error.changed, "nothing");
    assert.equal(await remoteTag("prod"), "");
    assert.deepEqual(await kinds("prod"), []);
  });

  it("refuses a dirty tree", async () => {
    await writeFile(join(checkout.root, "left-over.txt"), "not committed");
    const refused = await checkout.slipway("promote", "staging", "--json");
    await rm(join(checkout.root, "left-over.txt"));
    assert.equal(refused.code, 2);
    assert.match(refused.json.error.message, /"left-over\.txt"/);
  });

  it("refuses a commit that has no release", async () => {
    const file = join(checkout.root, "Pulumi.staging.yaml");
    await writeFile(file, (await readFile(file, "utf8")).replace("owner: platform", "owner: later"));
    await checkout.git("commit", "--quiet", "--all", "--message", "feat: a later commit");
    const refused = await checkout.slipway("promote", "staging", "--json");
    assert.equal(refused.code, 6);
    assert.match(refused.json.error.next, /^\.\/slipway build --commit [0-9a-f]{40}$/);
    assert.deepEqual(await kinds("staging"), []);
  });

  it("promotes an earlier commit with that commit's own program, and moves the tag on the remote", async () => {
    const promoted = await checkout.slipway("promote", "staging", "--commit", first, "--remote", "origin", "--json");
    assert.equal(promoted.code, 0, promoted.stderr);
    assert.deepEqual(promoted.json.tag, { name: "staging", from: null, to: first });
    assert.equal(await remoteTag("staging"), first);
    assert.equal(await checkout.git("rev-parse", "refs/tags/staging"), first);
    assert.deepEqual(await kinds("staging"), ["tag-moved", "manifests-moved", "promoted", "verified"]);
    const cloud = openCloud(join(checkout.root, ".sandbox"));
    try {
      const vpcs = cloud.list({ account: "333333333333", type: "aws:ec2/vpc:Vpc" });
      assert.equal(vpcs.length, 1);
      assert.equal((vpcs[0]?.outputs["tagsAll"] as { owner: string }).owner, "platform");
    } finally {
      cloud.close();
    }
  });

  it("says which tags promote when it is given another", async () => {
    const unknown = await checkout.slipway("promote", "--tag", "stagign", "--json");
    assert.equal(unknown.code, 6);
    assert.match(unknown.json.error.next, /staging, prod, production/);
    const absent = await checkout.slipway("promote", "--tag", "production", "--remote", "origin", "--json");
    assert.equal(absent.code, 6);
    assert.match(absent.json.error.message, /no tag "production" on origin/);
  });

  it("promotes to prod from a pushed tag by the plan that was saved for that commit, once", async () => {
    await checkout.git("push", "--quiet", "origin", `${first}:refs/tags/production`);
    const plan = join(checkout.root, ".sandbox", "prod.plan");
    const withPlan = ["promote", "--from-tag", "production", "--remote", "origin", "--plan", plan, "--json"];
    assert.equal((await checkout.slipway("preview", "prod", "--save-plan", plan)).code, 0);
    const stale = await checkout.slipway(...withPlan);
    assert.equal(stale.code, 22, stale.stderr);
    await checkout.git("checkout", "--quiet", first);
    assert.equal((await checkout.slipway("preview", "prod", "--save-plan", plan)).code, 0);
    await checkout.git("checkout", "--quiet", "main");
    const promoted = await checkout.slipway(...withPlan);
    assert.equal(promoted.code, 0, promoted.stderr);
    assert.equal(promoted.json.environment, "prod");
    const again = await checkout.slipway("promote", "--tag", "production", "--remote", "origin", "--json");
    assert.equal(again.json.outcome, "already-there");
    assert.deepEqual(await kinds("prod"), ["tag-moved", "manifests-moved", "promoted", "verified"]);
  });

  it("shows where everything stands", async () => {
    const { json, code } = await checkout.slipway("status", "--json");
    assert.equal(code, 0);
    const seen = json.environments.map((row) => [row.environment, row.verdict, row.current?.commit]);
    assert.deepEqual(
      seen,
      ["operations", "dev", "staging", "prod"].map((name) => [name, "verified", first]),
    );
  });

  it("explains every gate of a frozen environment in a dry run, and is free again once that is lifted", async () => {
    const reason = ["--reason", "stock taking"];
    for (const wrong of [
      ["prod"],
      ["prod", ...reason, "--until", "tomorrow"],
      ["prod", ...reason, "--until", "2020-01-01T00:00Z"],
    ])
      assert.equal((await checkout.slipway("freeze", ...wrong)).code, 2);
    assert.equal(
      (await checkout.slipway("freeze", "production", ...reason, "--until", "2999-01-01T00:00+01:00")).code,
      0,
    );
    const dryRun = ["promote", "prod", "--commit", first, "--dry-run", "--json"];
    const frozen = await checkout.slipway(...dryRun);
    assert.equal(frozen.code, 25, frozen.stderr);
    const refused = frozen.json.gates.filter(({ verdict }) => verdict !== "pass");
    assert.deepEqual(
      refused.map(({ gate }) => gate),
      ["freeze"],
    );
    assert.match(refused[0]?.reason ?? "", /frozen by .*, until 2998-12-31 23:00 UTC: stock taking$/);
    const overridden = await checkout.slipway(...dryRun, "--override", "payments are down, INC-42", "--gate", "freeze");
    assert.equal(overridden.code, 0, overridden.stderr);
    assert.equal((await checkout.slipway("freeze", "prod", "--lift", "--reason", "counted")).code, 0);
    assert.equal((await checkout.slipway(...dryRun)).code, 0);
    assert.deepEqual((await kinds("prod")).slice(-2), ["frozen", "frozen"]);
  });

  it("records an approval once, and by whom", async () => {
    const approve = ["approve", "prod", "--commit", first, "--comment", "looked at the plan", "--json"];
    const once = await checkout.slipwayWith({ GITHUB_ACTOR: "bo" }, ...approve);
    assert.deepEqual([once.code, once.json.recorded, once.json.approvals], [0, true, ["bo"]], once.stderr);
    const again = await checkout.slipwayWith({ GITHUB_ACTOR: "Bo" }, ...approve);
    assert.deepEqual([again.code, again.json.recorded, again.json.approvals], [0, false, ["bo"]]);
    assert.equal((await checkout.slipway(...approve, "--plan", "nonsense")).code, 2);
  });

  it("fails verification when an application is degraded", async () => {
    const drifted = await checkout.slipway(
      ...["sandbox", "drift", "set", "services-api", "--type", "kubernetes:argoproj.io/v1alpha1:Application"],
      ...["--set", 'status={"health":{"status":"Degraded","message":"crash loop"}}', "--account", "slipway-staging"],
    );
    assert.equal(drifted.code, 0, drifted.stderr);
    const verified = await checkout.slipway("verify", "staging", "--json");
    assert.equal(verified.code, 26);
    assert.match(verified.json.error.message, /api: Degraded: crash loop/);
  });

  it("stops at a damaged record and writes nothing after it", async () => {
    const folder = join(checkout.root, ".sandbox", "store", "ledger", "dev");
    const [, second = ""] = (await readdir(folder)).sort();
    const file = join(folder, second);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"kind":"promoted"', '"kind":"verified"'));
    const refused = await checkout.slipway("up", "dev", "--json");
    assert.equal(refused.code, 1);
    assert.match(refused.json.error.message, /Record 2 of the ledger of dev is damaged/);
    assert.equal((await readdir(folder)).length, 3);
    await writeFile(file, text);
  });

  it("leaves nothing in the checkout that git would show", async () => {
    assert.equal(await checkout.git("status", "--porcelain"), "");
  });
});
