import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

const exec = promisify(execFile);

interface PlannedStep {
  op: string;
  urn: string;
}

const changing = (steps: readonly PlannedStep[]) =>
  steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn }) => `${op} ${urn}`)
    .sort();

describe("what a person types", function () {
  this.timeout(180_000);
  let checkout: Checkout;

  before(async () => {
    checkout = await makeCheckout();
  });
  after(() => checkout.remove());

  it("never makes a stack of a typo", async () => {
    for (const verb of ["preview", "up", "destroy", "verify"]) {
      const refused = await checkout.slipway(verb, "prd", "--json");
      assert.equal(refused.code, 6, verb);
      assert.equal(refused.json.error.message, 'There is no stack "prd".');
      assert.match(refused.json.error.next, /dev, operations, prod, staging/);
    }
    assert.equal(
      existsSync(join(checkout.root, ".sandbox", "state", ".pulumi", "stacks", "slipway", "prd.json")),
      false,
    );
  });

  it("ends an unknown verb and a wrong option with 2", async () => {
    assert.equal((await checkout.slipway("uo", "dev")).code, 2);
    assert.equal((await checkout.slipway("up", "dev", "--tiemout", "3")).code, 2);
    const wrong = await checkout.slipway("up", "dev", "--timeout", "soon", "--json");
    assert.equal(wrong.code, 2);
    assert.match(wrong.json.error.message, /--timeout: got "soon", expected a positive whole number/);
  });

  it("names file, key, value and rule of every wrong setting at once", async () => {
    const file = join(checkout.root, "Pulumi.operations.yaml");
    const text = await readFile(file, "utf8");
    await writeFile(file, `${text}  slipway:netwrok:\n    cidr: 10.0.0.0/16\n`);
    const refused = await checkout.slipway("preview", "operations", "--json");
    await writeFile(file, text);
    assert.equal(refused.code, 2, JSON.stringify(refused.json));
    assert.match(refused.json.error.message, /netwrok/);
    assert.match(JSON.stringify(refused.json.error), /Pulumi\.operations\.yaml/);
  });

  it("shows plain pulumi the same plan, and touches no tracked file", async () => {
    const plan = await checkout.slipway("preview", "operations", "--json");
    assert.equal(plan.code, 0, plan.stderr);
    const script = 'eval "$(./slipway sandbox shell)"; pulumi preview --stack operations --json';
    const { stdout } = await exec("sh", ["-c", script], {
      cwd: checkout.root,
      env: checkout.environment,
      maxBuffer: 1 << 26,
    });
    const plain = JSON.parse(stdout) as { steps: PlannedStep[] };
    assert.ok(plain.steps.length > 30);
    assert.deepEqual(changing(plan.json.resources), changing(plain.steps));
    assert.equal(await checkout.git("status", "--porcelain"), "");
  });

  it("asks for confirmation before it deletes", async () => {
    const refused = await checkout.slipway("destroy", "operations", "--json");
    assert.equal(refused.code, 2);
    assert.equal(refused.json.error.next, "./slipway destroy operations --yes");
  });

  it("says on a machine what is there and what is missing", async () => {
    const found = await checkout.slipway("doctor", "--json");
    const names = found.json.findings.map(({ name }) => name);
    assert.deepEqual(names, ["node", "git", "python3", "pulumi", "stacks", "credentials"]);
    const bare = await checkout.slipwayWith({ PATH: "/nowhere" }, "doctor", "--json");
    assert.equal(bare.code, 2);
    const missing = bare.json.findings.filter(({ state }) => state === "missing");
    assert.deepEqual(
      missing.map(({ name }) => name),
      ["git", "python3"],
    );
  });

  it("says everything as one JSON object and colours nothing in a pipe", async () => {
    const status = await checkout.slipway("status", "--json");
    assert.equal(status.stdout.trim().split("\n").length, 1);
    assert.equal(status.json.version, 1);
    const text = await checkout.slipway("status");
    assert.equal(text.stdout.includes("\u001b["), false);
  });
});
