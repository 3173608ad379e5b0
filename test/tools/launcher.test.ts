import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const launcher = path.resolve(import.meta.dirname, "../../slipway");

describe("./slipway", () => {
  let checkout: string;
  let elsewhere: string;

  beforeEach(() => {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "slipway launcher ")));
    checkout = path.join(folder, "check out");
    elsewhere = path.join(folder, "elsewhere");
    for (const directory of [checkout, elsewhere]) mkdirSync(directory);
    copyFileSync(launcher, path.join(checkout, "slipway"));
  });

  afterEach(() => rmSync(path.dirname(checkout), { recursive: true }));

  const start = (command: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: elsewhere, encoding: "utf8" });
    return { status, stdout, stderr };
  };

  /** Stands in for Node and tells what it was given. */
  const installNode = () => {
    const bin = path.join(checkout, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, "node"), `#!/bin/sh\nprintf '%s\\n' "$PWD" "$@"\nexit 23\n`, { mode: 0o755 });
  };

  it("runs the driver in the caller's directory and hands on arguments and exit code", () => {
    installNode();
    const result = start(path.join(checkout, "slipway"), "promote", "two words", "");
    const lines = [elsewhere, path.join(checkout, "automation/main.ts"), "promote", "two words", ""];
    assert.deepEqual(result, { status: 23, stdout: `${lines.join("\n")}\n`, stderr: "" });
  });

  it("works through relative and absolute symbolic links", () => {
    installNode();
    symlinkSync("../check out/slipway", path.join(elsewhere, "relative"));
    symlinkSync(path.join(elsewhere, "relative"), path.join(elsewhere, "absolute"));
    const { stdout } = start(path.join(elsewhere, "absolute"));
    assert.equal(stdout, `${elsewhere}\n${path.join(checkout, "automation/main.ts")}\n`);
  });

  it("says what to run when nothing is installed", () => {
    assert.deepEqual(start(path.join(checkout, "slipway"), "up"), {
      status: 2,
      stdout: "",
      stderr: `slipway: the dependencies of Slipway are not installed in ${checkout}\n  next: (cd "${checkout}" && npm ci)\n`,
    });
  });

  it("says what to run when only the pinned Node is missing", () => {
    mkdirSync(path.join(checkout, "node_modules"));
    const { status, stderr } = start(path.join(checkout, "slipway"), "up");
    assert.equal(status, 2);
    assert.match(stderr, /the pinned Node\.js is missing from .*\n {2}next: \(cd ".*" && npm ci\)\n$/);
  });
});
