import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workflow } from "./workflows.ts";

interface Ended {
  code: number;
  stdout: string;
}

/** As the runner does: `bash --noprofile --norc -eo pipefail {0}` for a named shell, `bash -e {0}` without; scripts must do under both. */
function bash(script: string, env: Record<string, string>, cwd: string): Promise<Ended> {
  const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
  return new Promise((resolve) => {
    execFile(
      "bash",
      args,
      { cwd, env: { PATH: process.env["PATH"] ?? "", ...env }, encoding: "utf8" },
      (error, stdout) => resolve({ code: error ? Number(error.code) : 0, stdout }),
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), "slipway-scripts-"));
after(() => rmSync(folder, { recursive: true }));

/** A driver that writes down what it is asked and ends as it is told. */
function driver(code: number): () => string[][] {
  const log = join(folder, "asked");
  rmSync(log, { force: true });
  writeFileSync(join(folder, "slipway"), `#!/bin/sh\nprintf '%s\\n' "$@" '' >> '${log}'\nexit ${code}\n`);
  chmodSync(join(folder, "slipway"), 0o755);
  return () =>
    readFileSync(log, "utf8")
      .split("\n\n")
      .filter(Boolean)
      .map((call) => call.split("\n"));
}

describe("the script of the gate", function () {
  const [step] = workflow("pull-request.yml").jobs["gate"]?.steps ?? [];
  const gate = (results: Record<string, string>) => {
    const needs = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, { result, outputs: {} }]));
    return bash(step?.run ?? "", { NEEDS: JSON.stringify(needs) }, folder);
  };

  before(function () {
    try {
      execFileSync("jq", ["--version"]);
    } catch {
      for (const test of this.test?.parent?.tests ?? []) test.title += ": jq, which every runner has, is not installed";
      this.skip();
    }
  });

  const cases: [what: string, results: Record<string, string>, passes: boolean][] = [
    ["everything passed", { affected: "success", unit: "success" }, true],
    ["jobs were left out", { affected: "success", unit: "skipped", preview: "skipped" }, true],
    ["one failed", { affected: "success", unit: "failure", preview: "success" }, false],
    ["one was cancelled", { affected: "success", unit: "cancelled" }, false],
    ["what is affected is not known, so that all were left out", { affected: "failure", unit: "skipped" }, false],
    ["what is affected was left out itself", { affected: "skipped", unit: "skipped" }, false],
  ];
  for (const [what, results, passes] of cases)
    it(`${passes ? "passes" : "fails"} where ${what}`, async () => {
      const { code, stdout } = await gate(results);
      assert.equal(code === 0, passes);
      for (const [name, result] of Object.entries(results)) assert.ok(stdout.includes(`${name}: ${result}\n`));
    });
});

describe("the script of an automatic promotion", () => {
  const script = workflow("deploy.yml").jobs["automatic"]?.steps?.find(({ run }) => run?.includes("--automatic"))?.run;

  const cases: [code: number, ends: number][] = [
    [0, 0],
    [23, 0],
    [24, 0],
    [25, 0],
    [4, 4],
    [21, 21],
    [26, 26],
  ];
  for (const [code, ends] of cases)
    it(`ends with ${ends} where the promotion ends with ${code}`, async () => {
      const asked = driver(code);
      const { code: ended, stdout } = await bash(script ?? "", { ENVIRONMENT: "staging" }, folder);
      assert.equal(ended, ends);
      assert.deepEqual(asked(), [["promote", "staging", "--automatic", "--yes"]]);
      assert.equal(stdout.includes("::notice"), code !== 0 && ends === 0);
    });
});

describe("the script of a promotion that was asked for", () => {
  const script = workflow("deploy.yml").jobs["promote"]?.steps?.find(({ run }) => run?.includes("promote"))?.run ?? "";

  const cases: [what: string, env: Record<string, string>, call: string[]][] = [
    ["a tag", { ENVIRONMENT: "prod", TAG: "v1.4.0" }, ["promote", "--from-tag", "v1.4.0", "--yes"]],
    ["a commit", { ENVIRONMENT: "staging", COMMIT: "abc1234" }, ["promote", "staging", "--commit", "abc1234", "--yes"]],
    ["the way back", { ROLLBACK: "prod" }, ["rollback", "prod", "--yes"]],
    ["a name that would be words", { TAG: "v1 --override x" }, ["promote", "--from-tag", "v1 --override x", "--yes"]],
  ];
  for (const [what, env, call] of cases)
    it(`takes ${what}`, async () => {
      const asked = driver(0);
      const { code } = await bash(script, { ENVIRONMENT: "", TAG: "", COMMIT: "", ROLLBACK: "", ...env }, folder);
      assert.equal(code, 0);
      assert.deepEqual(asked(), [call]);
    });

  it("ends as the driver does", async () => {
    driver(26);
    const env = { ENVIRONMENT: "prod", TAG: "prod", COMMIT: "", ROLLBACK: "" };
    assert.equal((await bash(script, env, folder)).code, 26);
  });
});
