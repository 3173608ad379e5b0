import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { ensureSandboxPython, pythonState, recentFailure } from "../../../sandbox/live/install.ts";
import { cachedEnvironment, missingPins, pinsOf, readyPython, requirementsFile } from "../../../sandbox/live/python.ts";

describe("the Python of the sandbox", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "slipway-python-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("reads pins and nothing else", () => {
    const text = "# why\n-r other.txt\nPyYAML==6.0.3\nboto3==1.2 ; python_version > '3'\nplain\nx[extra]==2\n";
    assert.deepEqual(pinsOf(text), [
      { name: "pyyaml", version: "6.0.3" },
      { name: "boto3", version: "1.2" },
      { name: "x", version: "2" },
    ]);
  });

  it("pins every package of the sandbox", () => {
    const lines = readFileSync(requirementsFile, "utf8")
      .split("\n")
      .filter((line) => /^[a-z]/i.test(line));
    assert.equal(pinsOf(lines.join("\n")).length, lines.length);
  });

  it("misses what is not installed, or is another version", () => {
    const installed = [
      "PyYAML-6.0.3.dist-info",
      "python_dateutil-2.9.0.post0.dist-info",
      "boto3-1.1.dist-info",
      "boto3",
    ];
    assert.deepEqual(missingPins("pyyaml==6.0.3\npython-dateutil==2.9.0.post0\nboto3==1.2\nsix==1\n", installed), [
      "boto3==1.2",
      "six==1",
    ]);
  });

  it("has one environment per content of the requirements", () => {
    const at = (requirements: string) => cachedEnvironment({ XDG_CACHE_HOME: home }, requirements);
    assert.equal(at("a==1\n"), at("a==1\n"));
    assert.notEqual(at("a==1\n"), at("a==2\n"));
    assert.equal(dirname(at("a==1\n")), join(home, "slipway/python"));
  });

  it("takes what it is told, or nothing", () => {
    const given = join(home, "python");
    assert.equal(readyPython({ SLIPWAY_SANDBOX_PYTHON: given }), undefined);
    assert.match(pythonState({ SLIPWAY_SANDBOX_PYTHON: given }).reason ?? "", /which does not exist/);
    writeFileSync(given, "");
    assert.equal(readyPython({ SLIPWAY_SANDBOX_PYTHON: given }), given);
  });

  it("makes nothing when the sandbox is simulated, or told a wrong Python", async () => {
    const said: string[] = [];
    const ensure = (environment: Record<string, string>) => ensureSandboxPython((line) => said.push(line), environment);
    assert.match((await ensure({ SLIPWAY_SANDBOX_LIVE: "off", HOME: home })).reason ?? "", /is off/);
    assert.match((await ensure({ SLIPWAY_SANDBOX_PYTHON: "/nowhere", HOME: home })).reason ?? "", /does not exist/);
    assert.deepEqual(said, []);
  });

  it("remembers for a while that it could not be made", () => {
    const target = join(home, "0123");
    assert.equal(recentFailure(target), undefined);
    writeFileSync(`${target}.failed`, "no network");
    assert.equal(recentFailure(target), "no network");
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(`${target}.failed`, longAgo, longAgo);
    assert.equal(recentFailure(target), undefined);
  });
});
