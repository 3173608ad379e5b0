import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { bindPlan } from "../../automation/plans/bind.ts";
import { planInputNames, sealEnvelope, type PlanInputs } from "../../automation/plans/envelope.ts";
import { collectInputs, type PlanSource } from "../../automation/plans/inputs.ts";
import { writeEnvelope } from "../../automation/plans/plan-file.ts";
import { HOUR, NOW, somePlan } from "./samples.ts";

const state = (resources: unknown[], time = "2026-01-01T00:00:00Z") =>
  JSON.stringify({ version: 3, checkpoint: { latest: { manifest: { time }, resources } } });
const bucket = { urn: "urn:pulumi:dev::slipway::aws:s3/bucket:Bucket::b", type: "aws:s3/bucket:Bucket", id: "b" };

const files: Record<string, string> = {
  "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
  "Pulumi.dev.yaml": "config:\n  slipway:environment: dev # a comment\n",
  "config/promotion.yaml": "protectedBranch: main\n",
  "config/load.ts": "export const one = 1;\n",
  "index.ts": "export const program = 1;\n",
  "policy/index.ts": "export const rules = [];\n",
  "package.json": `{"dependencies":{"@pulumi/aws":"^7.0.0","@pulumi/pulumi":"3.259.0"}}`,
  "services/api/Dockerfile": "FROM scratch\nCOPY main.py /\n",
  "services/api/main.py": "print(1)\n",
  ".gitignore": "node_modules\nstate\n",
  "node_modules/@pulumi/aws/package.json": `{"version":"7.1.0"}`,
  "state/.pulumi/stacks/slipway/dev.json": state([bucket]),
};

describe("inputs of a plan", () => {
  let root: string;
  let source: PlanSource;
  const write = (file: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
      cwd: root,
      stdio: "ignore",
    });
  const collect = () => collectInputs(source, { stack: "dev", workDir: root });
  const changed = (before: PlanInputs, after: PlanInputs) =>
    planInputNames.filter((name) => before[name].digest !== after[name].digest);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-inputs-"));
    for (const [file, text] of Object.entries(files)) write(file, text);
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "one");
    const environment = { PULUMI_BACKEND_URL: `file://${join(root, "state")}` };
    source = { environment, sandbox: undefined, cli: () => Promise.reject(new Error("the CLI was started")) };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const changes: [string, () => void, string[]][] = [
    ["a resource of the state", () => write("state/.pulumi/stacks/slipway/dev.json", state([])), ["state"]],
    ["the program", () => write("index.ts", "export const program = 2;\n"), ["program"]],
    ["a new file of the program", () => write("components/new.ts", ""), ["program"]],
    ["the stack file", () => write("Pulumi.dev.yaml", "config:\n  slipway:environment: prod\n"), ["config"]],
    ["the promotion policy", () => write("config/promotion.yaml", "protectedBranch: next\n"), ["config"]],
    ["a policy pack", () => write("policy/index.ts", "export const rules = [1];\n"), ["policy"]],
    ["an SDK's version", () => write("node_modules/@pulumi/aws/package.json", `{"version":"7.2.0"}`), ["providers"]],
    ["a workload", () => write("services/api/main.py", "print(2)\n"), ["release"]],
    ["the commit", () => git("commit", "--quiet", "--allow-empty", "--message", "two"), ["commit"]],
  ];
  for (const [what, change, names] of changes)
    it(`differ by ${names.join()} alone when ${what} changed, and the plan is refused for it`, async () => {
      const before = await collect();
      const file = await writeEnvelope(
        join(root, "state", "plan.json"),
        sealEnvelope({ stack: "dev", inputs: before, plan: somePlan(), now: NOW, lifetime: HOUR }),
      );
      const bind = () => bindPlan(source, { stack: "dev", workDir: root }, { file, now: () => NOW });
      const bound = await bind();
      change();
      assert.deepEqual(changed(before, await collect()), names);
      for (const attempt of [bind, bound.recheck])
        await assert.rejects(attempt, (error: unknown) => {
          assert.ok(error instanceof SlipwayError);
          assert.equal(error.code, ExitCode.stalePlan);
          assert.equal(error.where, `${file} (${names.join(", ")})`);
          return true;
        });
    });

  it("differ by the CLI alone when only its version did", async () => {
    const before = await collect();
    const older = { ...before, cli: { digest: "0".repeat(64), says: "Pulumi 3.258.0" } };
    const envelope = sealEnvelope({ stack: "dev", inputs: older, plan: somePlan(), now: NOW, lifetime: HOUR });
    const file = await writeEnvelope(join(root, "state", "plan.json"), envelope);
    await assert.rejects(
      bindPlan(source, { stack: "dev", workDir: root }, { file, now: () => NOW }),
      /the Pulumi CLI changed \(Pulumi 3\.258\.0 -> Pulumi \d/,
    );
  });

  const nothing: [string, () => void][] = [
    ["comments and order of the stack file", () => write("Pulumi.dev.yaml", "config: {'slipway:environment': dev}\n")],
    [
      "time and compression of the state file",
      () => {
        rmSync(join(root, "state/.pulumi/stacks/slipway/dev.json"));
        write("state/.pulumi/stacks/slipway/dev.json.gz", gzipSync(state([bucket], "2026-02-02T00:00:00Z")));
      },
    ],
    ["a file that is neither program nor workload", () => write("README.md", "words\n")],
  ];
  for (const [what, change] of nothing)
    it(`do not differ by ${what}`, async () => {
      const before = await collect();
      change();
      assert.deepEqual(changed(before, await collect()), []);
    });

  it("of a stack that does not exist are those of an empty one", async () => {
    write("state/.pulumi/stacks/slipway/dev.json", state([]));
    const before = await collect();
    rmSync(join(root, "state/.pulumi/stacks/slipway/dev.json"));
    assert.deepEqual(changed(before, await collect()), []);
  });
});
