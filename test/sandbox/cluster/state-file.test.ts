import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

import { changeState, readState, stateFile } from "../../../sandbox/cluster/state-file.ts";
import { initialState } from "../../../sandbox/cluster/state.ts";
import { pinsOf } from "../../../sandbox/live/python.ts";
import { clusterName, openClusterLab, type ClusterLab } from "./cluster-lab.ts";

const execute = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");

describe("what a cluster's controllers remember", function () {
  this.timeout(30_000);
  let lab: ClusterLab;
  beforeEach(() => {
    lab = openClusterLab();
  });
  afterEach(() => lab.close());

  it("is nothing where the file is absent or damaged", () => {
    const file = stateFile(lab.directory, clusterName);
    const empty = { version: 1, applications: {}, workloads: {} };
    assert.deepEqual(readState(lab.directory, clusterName), empty);
    mkdirSync(dirname(file), { recursive: true });
    for (const content of [
      "",
      "{",
      "[]",
      "null",
      '{"version":2,"applications":{},"workloads":{}}',
      '{"version":1,"applications":[],"workloads":{}}',
    ]) {
      writeFileSync(file, content);
      assert.deepEqual(readState(lab.directory, clusterName), empty, content);
    }
  });

  it("is kept whole, and not written where nothing changed", () => {
    const workloads = { "services/Rollout/api": initialState(1) };
    const changed = changeState(lab.cloud, lab.directory, clusterName, (state) => ({ ...state, workloads }));
    assert.deepEqual(readState(lab.directory, clusterName), changed);
    const seen: boolean[] = [];
    changeState(lab.cloud, lab.directory, clusterName, (state, locked) => (seen.push(locked), state));
    assert.deepEqual(seen, [false]);
    assert.deepEqual(readdirSync(join(lab.directory, "clusters")), [`${clusterName}.json`]);
  });

  it("loses nothing when several processes change it at the same time", async () => {
    const script = `
      const { Cloud } = await import("${root}/sandbox/cloud/cloud.ts");
      const { changeState } = await import("${root}/sandbox/cluster/state-file.ts");
      const { initialState } = await import("${root}/sandbox/cluster/state.ts");
      const cloud = new Cloud(${JSON.stringify(lab.directory)});
      for (let at = 0; at < 20; at += 1)
        changeState(cloud, ${JSON.stringify(lab.directory)}, "${clusterName}", (state) =>
          ({ ...state, workloads: { ...state.workloads, [process.argv[1] + at]: initialState(at) } }));
      cloud.close();`;
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => execute(process.execPath, ["--input-type=module", "-e", script, name])));
    assert.equal(Object.keys(readState(lab.directory, clusterName).workloads).length, 60);
  });
});

describe("the sandbox's Python", () => {
  it("has what the services of a release run on, in the same versions", async () => {
    const pins = (file: string) =>
      pinsOf(readFileSync(join(root, file), "utf8")).map(({ name, version }) => `${name}==${version}`);
    const own = new Set(pins("requirements-sandbox.txt"));
    const files = await Array.fromAsync(glob("services/*/requirements.txt", { cwd: root }));
    assert.ok(files.length >= 2);
    for (const file of files)
      assert.deepEqual(
        pins(file).filter((pin) => !own.has(pin)),
        [],
        file,
      );
  });
});
