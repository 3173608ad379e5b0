import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { locateCli, versionDirectory, type Installer, type LocateOptions } from "../../automation/engine/cli.ts";
import { parseVersion } from "../../automation/engine/cli-version.ts";
import { engineEnvironment, engineVariables, withPath } from "../../automation/engine/environment.ts";
import { isStaleLock } from "../../automation/engine/install.ts";
import { processIdentity } from "../../automation/engine/process-identity.ts";
import { atLeast, pinnedVersion } from "../../automation/engine/version.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";

const version = "3.259.0";

/** A folder with a stand-in CLI that says its version and writes down every start, and a language host unless told otherwise. */
function fakeCli(folder: string, says: string, names = ["pulumi", "pulumi-language-nodejs"]): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho started >> "${folder}/starts"\necho v${says}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

const starts = (folder: string): number =>
  readdirSync(folder).includes("starts") ? readFileSync(join(folder, "starts"), "utf8").trim().split("\n").length : 0;

describe("the pinned CLI", () => {
  let root: string;
  const lines: string[] = [];
  const options = (path: string[], installers: Installer[] = []): LocateOptions => ({
    ...{ root, version, installers, report: (line) => lines.push(line) },
    environment: { HOME: join(root, "home"), PATH: path.join(":") },
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-cli-"));
    lines.length = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const home = () => versionDirectory({ HOME: join(root, "home") }, version);

  it("is the version of the installed SDK", () => {
    const { version: installed } = JSON.parse(
      readFileSync(join(import.meta.dirname, "../../node_modules/@pulumi/pulumi/package.json"), "utf8"),
    ) as { version: string };
    assert.equal(pinnedVersion(), installed);
  });

  it("is taken from Pulumi's versions folder without a start", async () => {
    const folder = fakeCli(home(), "0.0.0");
    const other = fakeCli(join(root, "path"), version);
    const cli = await locateCli(options([other]));
    assert.deepEqual([cli.directory, cli.starts, starts(folder), starts(other)], [folder, 0, 0, 0]);
  });

  it("is taken from PATH when it is the right one, and asked for its version once", async () => {
    const wrong = fakeCli(join(root, "wrong"), "3.1.0");
    const lone = fakeCli(join(root, "lone"), version, ["pulumi"]);
    const right = fakeCli(join(root, "right"), version);
    for (let round = 0; round < 3; round += 1)
      assert.equal((await locateCli(options([join(root, "none"), wrong, lone, right]))).directory, right);
    assert.deepEqual([starts(wrong), starts(lone), starts(right)], [1, 0, 1]);
    fakeCli(right, "3.260.0-and-longer");
    await assert.rejects(locateCli(options([right])), SlipwayError);
    assert.equal(starts(right), 2, "a changed file is asked again");
  });

  it("is installed by the first installer that can", async () => {
    const asked: string[] = [];
    const installer = (name: string, refusal?: string, names?: string[]): Installer => ({
      name,
      async install({ directory }) {
        asked.push(name);
        if (refusal === undefined) fakeCli(directory, version, names);
        return refusal;
      },
    });
    const cli = await locateCli(
      options(
        [],
        [installer("one", "refused"), installer("two", undefined, ["pulumi"]), installer("three"), installer("four")],
      ),
    );
    assert.deepEqual([cli.directory, asked], [home(), ["one", "two", "three"]]);
    assert.match(lines.join("\n"), /set up once in .*\n.*one: refused.*\n.*two: it did not contain/);
    assert.deepEqual(readdirSync(dirname(dirname(home()))), [version], "no lock is left");
  });

  it("is an error that says what to install when there is no way", async () => {
    const none: Installer = { name: "the only way", install: async () => "it rains" };
    await assert.rejects(locateCli(options([], [none])), (error: unknown) => {
      assert.ok(error instanceof SlipwayError);
      assert.equal(error.code, ExitCode.usage);
      assert.match(error.message, /3\.259\.0 .*the only way: it rains/);
      assert.match(error.next ?? "", /Install Pulumi 3\.259\.0 .*Go/);
      return true;
    });
  });

  it("is installed by one process at a time; a dead one's lock is in nobody's way", async () => {
    const lock = `${dirname(home())}.lock`;
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, "owner.json"), JSON.stringify({ pid: 2 ** 30, host: hostname(), identity: "1" }));
    let running = 0;
    let installs = 0;
    const slow: Installer = {
      name: "slow",
      async install({ directory }) {
        running += 1;
        installs += 1;
        assert.equal(running, 1);
        await new Promise((resolve) => setImmediate(resolve));
        fakeCli(directory, version);
        running -= 1;
        return undefined;
      },
    };
    const found = await Promise.all([1, 2, 3].map(() => locateCli(options([], [slow]))));
    assert.deepEqual([found.map(({ directory }) => directory), installs], [[home(), home(), home()], 1]);
  });

  it("has locks that are stale only when their owner is known to be gone", () => {
    const lock = join(root, "x.lock");
    const identity = processIdentity(process.pid);
    const cases: [object | undefined, number, boolean][] = [
      [{ pid: process.pid, host: hostname(), identity }, 0, false],
      [{ pid: process.pid, host: hostname(), identity: "another" }, 0, true],
      [{ pid: 2 ** 30, host: hostname(), identity: "1" }, 0, true],
      [{ pid: 2 ** 30, host: "elsewhere", identity: "1" }, 0, false],
      [undefined, 0, false],
      [undefined, 60_000, true],
    ];
    for (const [owner, later, stale] of cases) {
      rmSync(lock, { recursive: true, force: true });
      mkdirSync(lock);
      if (owner !== undefined) writeFileSync(join(lock, "owner.json"), JSON.stringify(owner));
      assert.equal(isStaleLock(lock, Date.now() + later), stale, JSON.stringify(owner));
    }
    assert.equal(isStaleLock(join(root, "none.lock")), false);
  });
});

describe("versions", () => {
  it("are read from what the CLI prints", () => {
    const cases: [string, string | undefined][] = [
      ["v3.259.0\n", "3.259.0"],
      ["warning: old\n3.1.2-alpha.1\n", "3.1.2-alpha.1"],
      ["no version", undefined],
    ];
    for (const [text, expected] of cases) assert.equal(parseVersion(text), expected);
  });

  it("compare by number", () => {
    const cases: [string, string, boolean][] = [
      ["1.26.8", "1.25.11", true],
      ["1.9", "1.25", false],
      ["1.25", "1.25.0", true],
      ["1.25.1", "1.25.11", false],
      ["2", "1.99.99", true],
    ];
    for (const [a, b, expected] of cases) assert.equal(atLeast(a, b), expected, `${a} >= ${b}`);
  });
});

describe("the engine's environment", () => {
  it("has the project's Node first, then the engine, each once", () => {
    const environment = withPath({ PATH: "/usr/bin:/cli:/bin:/usr/bin", A: "1", B: undefined }, ["/node", "/cli"]);
    assert.deepEqual(environment, { PATH: "/node:/cli:/usr/bin:/bin", A: "1" });
    const cli = { directory: "/cli", nodeDirectory: "/node", environment: engineVariables("/checkout") };
    const given = {
      ...{ PATH: "/node:/cli", PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
      NODE_COMPILE_CACHE: "/checkout/node_modules/.cache/slipway/compiled",
    };
    assert.deepEqual(engineEnvironment(cli, {}), given);
    assert.deepEqual(engineEnvironment(cli, { NODE_COMPILE_CACHE: "/mine" }), {
      ...given,
      NODE_COMPILE_CACHE: "/mine",
    });
  });
});
