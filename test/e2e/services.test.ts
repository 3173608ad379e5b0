import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { gitIn } from "../git/throw-away.ts";
import { live, makeCheckout, type Checkout } from "../support/checkout.ts";

/** Works in dev and answers errors in staging. */
const defect = `

if __import__("os").environ.get("ENVIRONMENT") == "staging":

    def read_registry(path: Path) -> list[RegisteredModel]:
        raise RegistryError("broken on purpose")
`;

describe("services in a live sandbox", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  const slipway = (...args: string[]) => checkout.slipwayWith(live, ...args);
  const origin = () => join(checkout.root, ".sandbox", "origin.git");
  const inOrigin = (...args: string[]) => gitIn(origin(), ...args);
  const kinds = async (environment: string) => {
    const { json } = await slipway("history", environment, "--json", "--limit", "100");
    return json.records.map(({ kind }) => kind).reverse();
  };

  before(async () => {
    checkout = await makeCheckout();
    assert.equal((await slipway("up", "operations")).code, 0);
  });
  after(() => checkout.remove());

  it("up runs them from the release, and asks them", async () => {
    const up = await slipway("up", "dev", "--json");
    assert.equal(up.code, 0, up.stderr);
    for (const { name, passed, simulated, detail } of up.json.checks)
      assert.deepEqual([name, passed, simulated ?? false], [name, true, false], detail);
    const asked = up.json.checks.filter(({ kind }) => kind === "http").map(({ detail }) => detail);
    for (const answer of ["api:8000/ready answered 200", "api:8000/models answered 200"])
      assert.ok(asked.includes(answer), answer);
    assert.deepEqual(await kinds("dev"), ["manifests-moved", "promoted", "verified"]);
  });

  it("a promotion puts the same digests on the branch of the next environment, in one commit", async () => {
    const promoted = await slipway("promote", "staging", "--json");
    assert.equal(promoted.code, 0, promoted.stderr);
    assert.equal(inOrigin("rev-list", "--count", "manifests/staging"), "1");
    const digests = (branch: string) =>
      [...inOrigin("grep", "-hoE", "@sha256:[0-9a-f]{64}", branch).matchAll(/sha256:\w+/g)]
        .map(([digest]) => digest)
        .sort();
    assert.ok(digests("manifests/dev").length >= 3);
    assert.deepEqual(new Set(digests("manifests/staging")), new Set(digests("manifests/dev")));
  });

  it("a release that fails only in staging is stopped at the canary, and the commit of before comes back", async () => {
    const before = inOrigin("rev-parse", "manifests/staging^{tree}");
    await appendFile(join(checkout.root, "services", "api", "app", "registry.py"), defect);
    await checkout.git("commit", "--quiet", "--all", "--message", "feat(api): a change that breaks in staging");
    const dev = await slipway("up", "dev");
    assert.equal(dev.code, 0, dev.stderr);
    const staging = await slipway("promote", "staging", "--json");
    assert.equal(staging.code, 26, staging.stderr);
    assert.match(staging.json.error.message, /api: Degraded: RolloutAborted/);
    assert.match(staging.json.error.changed, /staging was rolled back: it runs release/);
    const [back = "", bad = "", first = ""] = inOrigin("log", "--format=%s", "manifests/staging").split("\n");
    assert.match(back, /^staging: back to release/);
    assert.match(bad, /^staging: release/);
    assert.ok(back.endsWith(first.split(" ").at(-1) ?? ""), `${back} | ${first}`);
    assert.equal(inOrigin("rev-parse", "manifests/staging^{tree}"), before);
    assert.deepEqual((await kinds("staging")).filter((kind) => kind !== "tag-moved").slice(-6), [
      ...["manifests-moved", "promoted", "failed"],
      ...["manifests-moved", "rolled-back", "verified"],
    ]);
  });

  it("leaves no process behind", () => {
    const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    assert.ok(!processes.includes(join(checkout.root, ".sandbox")), processes);
  });
});
