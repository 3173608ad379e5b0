import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locateCli, type PulumiCli } from "../../automation/engine/cli.ts";
import { exportStack } from "../../automation/engine/stack.ts";
import { readStackState, type StackState, type StateResource } from "../../automation/engine/checkpoint.ts";
import { runOperation, type Operation } from "../../automation/engine/operation.ts";
import { ExitCode } from "../../automation/errors.ts";
import { planForEngine } from "../../automation/plans/engine-plan.ts";
import { stateDigest } from "../../automation/plans/state-digest.ts";
import { openLab, type Lab } from "../sandbox/lab.ts";

const bucket = (name: string, owner: string) =>
  `thing("aws:s3/bucket:Bucket", "${name}", { bucket: "slipway-plan-${name}", tags: { owner: "${owner}" } }, ["arn"], { provider: account });`;
const program = (...bodies: string[]) => `const account = aws("account", "222222222222");\n${bodies.join("\n")}`;

describe("an update that is held to a saved plan", function () {
  this.timeout(180_000);
  let lab: Lab;
  let cli: PulumiCli;
  let configFile: string;
  let plan: string;
  const environment = () => ({ ...process.env, ...lab.workspace.environment });
  const run = (kind: Operation["kind"], more: Partial<Operation>) =>
    runOperation(cli, {
      ...{ kind, stack: "dev", workDir: lab.root, configFile, environment: environment() },
      ...{ logDirectory: join(lab.root, "logs"), ...more },
    });
  const save = async () => {
    writeFileSync(plan, "", { mode: 0o600 });
    assert.equal((await run("preview", { savePlan: plan })).outcome, "succeeded");
  };
  const held = () => {
    writeFileSync(plan, planForEngine(readFileSync(plan, "utf8")));
    return run("up", { plan });
  };
  const cloud = () => lab.resources().map(({ id, inputs }) => [id, JSON.stringify(inputs)]);

  before(async () => {
    lab = await openLab();
    cli = await locateCli({
      root: join(import.meta.dirname, "../.."),
      environment: process.env,
      report: () => undefined,
    });
    configFile = await lab.workspace.configFile("dev");
    plan = join(lab.root, "plan.json");
  });
  after(() => lab.close());

  it("does what was planned and reports the update, not the look before it", async () => {
    lab.program(program(bucket("a", "ada"), bucket("b", "ada")));
    await save();
    const up = await held();
    assert.equal(up.outcome, "succeeded", up.errorOutput);
    assert.deepEqual(up.summary.changes, { create: 4 });
    assert.equal(up.summary.preview, false);
    assert.ok(up.summary.resources.every(({ status }) => status === "done"));
    assert.equal(cloud().length, 2);
  });

  const departures: [string, string[], RegExp][] = [
    ["one resource more", [bucket("a", "eve"), bucket("b", "eve"), bucket("c", "eve")], /not allowed by the plan/],
    ["another value", [bucket("a", "eve"), bucket("b", "mallory")], /violates plan/],
    ["one resource less", [bucket("a", "eve")], /not allowed by the plan|none were seen|violates plan/],
  ];
  for (const [what, bodies, words] of departures)
    it(`refuses ${what} before the first change`, async () => {
      lab.program(program(bucket("a", "eve"), bucket("b", "eve")));
      await save();
      const before = cloud();
      lab.program(program(...bodies));
      const up = await held();
      assert.deepEqual([up.outcome, up.code, up.summary.preview], ["failed", ExitCode.stalePlan, true]);
      assert.match(up.summary.diagnostics.map(({ message }) => message).join("\n"), words);
      assert.deepEqual(cloud(), before);
    });

  it("has a state whose file and whose export have the same digest", async () => {
    const ref = { stack: "dev", workDir: lab.root, environment: environment() };
    const file = await readStackState(() => Promise.reject(new Error("the CLI was started")), ref);
    assert.equal(file.resources.length, 4);
    const { deployment } = await exportStack(cli, ref);
    const exported: StackState = { resources: deployment["resources"] as StateResource[], pending: [] };
    assert.equal(stateDigest(exported), stateDigest(file));
  });
});
