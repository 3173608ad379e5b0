import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureActionlint } from "../../tools/testing/actionlint.ts";
import { root } from "./workflows.ts";

interface Said {
  code: number;
  text: string;
}

function start(program: string, args: string[], cwd: string): Promise<Said> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(new Error(`${program}: ${error.message}`));
      else resolve({ code: Number(error?.code ?? 0), text: `${stdout}${stderr}` });
    });
  });
}

/** A copy of `.github` in which something was changed for the worse. */
function worse(file: string, change: (text: string) => string): string {
  const copy = mkdtempSync(join(tmpdir(), "slipway-workflows-"));
  copies.push(copy);
  cpSync(join(root, ".github"), join(copy, ".github"), { recursive: true });
  const path = join(copy, ".github", file);
  const before = readFileSync(path, "utf8");
  const after = change(before);
  assert.notEqual(after, before, `${file} has to differ`);
  writeFileSync(path, after);
  return copy;
}

const copies: string[] = [];
after(() => copies.forEach((copy) => rmSync(copy, { recursive: true })));

describe("actionlint", function () {
  this.timeout(120_000);
  let actionlint = "";

  before(async function () {
    const { program, reason } = await ensureActionlint(root, process.env);
    if (program === undefined) {
      this.test?.parent?.tests.forEach((test) => (test.title += `: ${reason}`));
      this.skip();
    }
    actionlint = program;
  });

  // Neither is part of a checkout, so that both would make the answer that of this machine.
  const lint = (cwd: string) => start(actionlint, ["-shellcheck=", "-pyflakes=", "-no-color"], cwd);

  const inRepository = async (copy: string) => {
    await start("git", ["init", "--quiet"], copy);
    return copy;
  };

  it("finds nothing in the workflows", async () => {
    assert.deepEqual(await lint(root), { code: 0, text: "" });
  });

  it("finds a job that needs one that is not there, and an output of a step that is not there", async () => {
    const copy = await inRepository(
      worse("workflows/deploy.yml", (text) =>
        text
          .replace("needs: [route, operations]", "needs: [rute, operations]")
          .replace("steps.app.outputs", "steps.ap.outputs"),
      ),
    );
    const { code, text } = await lint(copy);
    assert.equal(code, 1);
    assert.match(text, /"rute"/u);
    assert.match(text, /property "ap" is not defined/u);
  });
});

describe("zizmor", function () {
  this.timeout(60_000);
  const zizmor = (cwd: string) =>
    start(
      join(root, ".venv", "bin", "zizmor"),
      ["--offline", "--quiet", "--no-progress", "--color=never", "--strict-collection", ".github"],
      cwd,
    );

  it("finds nothing in the workflows", async () => {
    const { code, text } = await zizmor(root);
    assert.equal(code, 0, text);
  });

  const faults: [what: string, file: string, change: (text: string) => string, finding: RegExp][] = [
    [
      "an action that is not pinned",
      "workflows/deploy.yml",
      (text) => text.replace(/actions\/checkout@[0-9a-f]{40} # v[\d.]+/u, "actions/checkout@v6"),
      /unpinned-uses/u,
    ],
    [
      "text of a stranger in a shell",
      "workflows/pull-request.yml",
      (text) =>
        text.replace('streams diff --base "$BASE"', "streams diff --base ${{ github.event.pull_request.title }}"),
      /template-injection/u,
    ],
    [
      "a token that stays in the checkout",
      "workflows/preview.yml",
      (text) => text.replace(/ +persist-credentials: false\n/u, ""),
      /artipacked/u,
    ],
    [
      "a workflow of another repository at a branch",
      "workflows/pull-request.yml",
      (text) =>
        text.replace("slipway/slipway/.github/workflows/preview.yml@main", "elsewhere/x/.github/workflows/y.yml@main"),
      /unpinned-uses/u,
    ],
  ];
  for (const [what, file, change, finding] of faults)
    it(`finds ${what}`, async () => {
      const { code, text } = await zizmor(worse(file, change));
      assert.notEqual(code, 0);
      assert.match(text, finding);
    });
});
