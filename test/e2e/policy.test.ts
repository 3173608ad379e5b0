import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readLedger } from "../../automation/promotion/ledger.ts";
import type { RecordOf } from "../../automation/promotion/ledger-records.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

const IMAGES = "components/operations/image-repository.ts";
const LOGS = "components/shared/log-group.ts";
const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60_000).toISOString().slice(0, 10);

/** The real engine under the pack. The tests build on each other. */
describe("the policy pack on the way to an environment", function () {
  this.timeout(600_000);
  let checkout: Checkout;

  before(async () => {
    checkout = await makeCheckout({ policy: true });
    // What it suppresses is not in this checkout, where every suppression would be one too many.
    await suppress();
  });
  after(() => checkout.remove());

  async function commit(message: string): Promise<void> {
    await checkout.git("commit", "--all", "--quiet", "--message", message);
    await checkout.git("push", "--quiet", "origin", "main");
  }

  async function edit(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(join(checkout.root, file), "utf8");
    assert.ok(text.includes(from), `${file} has ${from}`);
    await writeFile(join(checkout.root, file), text.replace(from, to));
    await commit(`test: change ${file}`);
  }

  const images = (until: string) => ({
    ...{ rule: "ecr-immutable", resource: "operations-*-repository", stacks: ["operations"], until },
    reason: "Images of the old registry are moved until then.",
  });
  /** The boundary comes with the identity of workflows, which is not in this checkout. */
  const boundaries = {
    ...{ rule: "iam-boundary", resource: "*", stacks: ["dev", "staging"], until: inDays(30) },
    reason: "This checkout has no identity of workflows.",
  };

  async function suppress(...suppressions: object[]): Promise<void> {
    await writeFile(join(checkout.root, "policy/suppressions.yaml"), JSON.stringify({ suppressions }));
    await commit("test: suppressions");
  }

  const records = async (stack: string) =>
    (await checkout.slipway("history", stack, "--json")).json.records.map(({ kind }) => kind);

  it("refuses a violating update before anything is changed, and says what to do", async () => {
    await edit(IMAGES, '"IMMUTABLE"', '"MUTABLE"');
    const refused = await checkout.slipway("up", "operations", "--json");
    assert.equal(refused.code, 5, refused.stderr);
    const { message, changed, next } = refused.json.error;
    assert.match(message, /^policy refuses up operations: 4 findings\.\n {2}operations-api-repository/);
    assert.match(message, /imageTagMutability: tags can be moved \[ecr-immutable\]/);
    assert.equal(changed, "nothing");
    assert.match(next, /^\.\/slipway policy explain ecr-immutable /);
    assert.deepEqual(await records("operations"), []);
  });

  it("lists the findings for machines", async () => {
    const { code, json } = await checkout.slipway("policy", "check", "operations", "--json");
    assert.equal(code, 5);
    assert.deepEqual(
      [...new Set(json.findings.map(({ rule, property }) => `${rule} ${property}`))],
      ["ecr-immutable imageTagMutability"],
    );
    assert.match(json.findings[0]?.urn ?? "", /^urn:pulumi:operations::.*::operations-api-repository$/);
    const { stdout } = await checkout.slipway("policy", "check", "operations", "--format", "sarif");
    const { runs } = JSON.parse(stdout) as { runs: { results: { ruleId: string }[] }[] };
    assert.deepEqual(
      runs[0]?.results.map(({ ruleId }) => ruleId),
      Array(4).fill("ecr-immutable"),
    );
  });

  it("stops nothing where a suppression says why, and stops again when that has ended", async () => {
    await suppress(images(inDays(-2)));
    const ended = await checkout.slipway("policy", "check", "operations", "--json");
    assert.equal(ended.code, 5);
    assert.deepEqual([...new Set(ended.json.findings.map(({ rule }) => rule))].sort(), [
      "ecr-immutable",
      "suppression-expired",
    ]);
    await suppress(images(inDays(30)));
    const up = await checkout.slipway("up", "operations", "--json");
    assert.equal(up.code, 0, up.stderr);
  });

  it("finds a suppression that suppresses nothing, unless only a part is looked at", async () => {
    await edit(IMAGES, '"MUTABLE"', '"IMMUTABLE"');
    const unused = await checkout.slipway("preview", "operations", "--json");
    assert.equal(unused.code, 5);
    assert.match(unused.json.error.message, /ecr-immutable for operations-\*-repository suppresses nothing here/);
    const asked = ["policy", "check", "operations", "--target", "**operations-artifacts**", "--json"];
    const part = await checkout.slipway(...asked);
    assert.deepEqual([part.code, part.json.findings], [0, []], part.stderr);
    assert.equal((await checkout.slipway("policy", "check", "operations", "--timeout", "1")).code, 9);
  });

  it("holds stacks of pull requests to the same rules, which a suppression names by a pattern", async () => {
    await suppress({ ...boundaries, stacks: ["pr-*"], until: inDays(-2) });
    const up = () => checkout.slipway("ephemeral", "up", "7", "--no-verify", "--json");
    const refused = await up();
    assert.equal(refused.code, 5, refused.stderr);
    assert.equal(refused.json.error.changed, "nothing");
    assert.match(refused.json.error.message, /^policy refuses up pr-7: [^]*\[iam-boundary\]/);
    assert.match(refused.json.error.message, /suppression of iam-boundary [^]*ended/);
    await suppress({ ...boundaries, stacks: ["pr-*"] });
    const done = await up();
    assert.equal(done.code, 0, done.stderr);
    // Its cluster has the name of that of dev, and the sandbox knows clusters by their names alone.
    assert.equal((await checkout.slipway("ephemeral", "down", "7", "--yes")).code, 0);
  });

  it("refuses a promotion as a gate, before the tag moves", async () => {
    await suppress(boundaries);
    await edit(LOGS, "args.retentionDays", 'args.name.includes("staging") ? 0 : args.retentionDays');
    const dev = await checkout.slipway("up", "dev", "--json");
    assert.equal(dev.code, 0, dev.stderr);
    const refused = await checkout.slipway("promote", "staging", "--remote", "origin", "--json");
    assert.equal(refused.code, 5, refused.stderr);
    assert.match(refused.json.error.message, /policy pack slipway refuses it: .*retentionInDays/);
    assert.equal(refused.json.error.changed, "nothing");
    assert.equal(await checkout.git("ls-remote", "origin", "refs/tags/staging"), "");
    assert.deepEqual(await records("staging"), []);
  });

  it("lets a person go on past it, who says why; the reason stays on record", async () => {
    const promote = (reason: string) =>
      checkout.slipway("promote", "staging", "--remote", "origin", "--override", reason, "--gate", "policy", "--json");
    const mute = await promote("because");
    assert.equal(mute.code, 2);
    assert.match(mute.json.error.message, /--override: got "because", expected a reason/);
    assert.deepEqual(await records("staging"), []);
    const reason = "customers cannot pay, and the retention is mended tomorrow";
    const overridden = await promote(reason);
    assert.equal(overridden.code, 0, overridden.stderr);
    const gate = overridden.json.gates.find(({ gate: name }) => name === "policy");
    assert.deepEqual([gate?.verdict, /retentionInDays/.test(gate?.reason ?? "")], ["overridden", true]);
    const ledger = await readLedger(new DirectoryStore(join(checkout.root, ".sandbox", "store")), "staging");
    const { gates, reason: why, release } = ledger.find(({ kind }) => kind === "overridden") as RecordOf<"overridden">;
    assert.deepEqual([gates, why, release], [["policy"], reason, overridden.json.release]);
    const kinds = ledger.map(({ kind }) => kind);
    assert.ok(kinds.indexOf("overridden") < kinds.indexOf("promoted"), "it is written down before anything changes");
    const { stdout } = await checkout.slipway("history", "staging");
    assert.ok(stdout.includes(`gates overridden (policy): ${reason}`), stdout);
    assert.match((await checkout.slipway("status")).stdout, /^staging .*overridden: policy/m);
  });
});
