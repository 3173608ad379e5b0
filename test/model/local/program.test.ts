import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../../../automation/engine/process-identity.ts";
import { localFolder, onThisMachine } from "../../../automation/model/local/container.ts";
import { runProgram, type ProgramRun } from "../../../automation/model/local/program.ts";
import { findPython } from "../../../tools/testing/python.ts";

const folders = { root: "/scratch/step/ml", home: "/scratch/step/home", temporary: "/scratch/step/tmp" };

describe("paths of a container", () => {
  const table: [text: string, expected: string][] = [
    ["/opt/ml", "/scratch/step/ml"],
    ["/opt/ml/processing/input", "/scratch/step/ml/processing/input"],
    ["--input=/opt/ml/a,/opt/ml/b", "--input=/scratch/step/ml/a,/scratch/step/ml/b"],
    ["file:///opt/ml/a", "file:///scratch/step/ml/a"],
    ["/opt/mlflow/a", "/opt/mlflow/a"],
    ["/opt/ml-cache", "/opt/ml-cache"],
    ["/srv/opt/ml/a", "/srv/opt/ml/a"],
    ["s3://bucket/opt/ml", "s3://bucket/opt/ml"],
  ];
  for (const [text, expected] of table)
    it(`make ${expected} of ${text}`, () => assert.equal(onThisMachine(text, folders), expected));

  it("are folders only below /opt/ml", () => {
    assert.equal(localFolder("/opt/ml/model", folders), "/scratch/step/ml/model");
    for (const odd of ["/etc", "/opt/ml/../../etc", "/opt/mlx", "opt/ml"])
      assert.equal(localFolder(odd, folders), undefined, odd);
  });
});

describe("a program of a step", function () {
  this.timeout(30_000);
  let folder: string;
  let python: string;
  const lines: string[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-program-"));
    python = await findPython(process.env);
  });
  beforeEach(() => void lines.splice(0));
  after(() => rm(folder, { recursive: true, force: true }));

  const run = (program: string, changes: Partial<ProgramRun> = {}) =>
    runProgram({
      command: python,
      arguments: ["-u", "-c", program],
      environment: { PATH: process.env["PATH"] ?? "" },
      directory: folder,
      log: join(folder, "job.log"),
      timeoutMs: 20_000,
      signal: new AbortController().signal,
      onLine: (line) => lines.push(line),
      ...changes,
    });

  it("is heard line by line, and both its streams are kept", async () => {
    const end = await run(`import sys; print("one"); print("zwei – ü", file=sys.stderr); sys.stdout.write("no end")`);
    assert.equal(end.outcome, "succeeded");
    assert.deepEqual(lines.sort(), ["no end", "one", "zwei – ü"]);
    assert.deepEqual(end.lastWords, ["zwei – ü"]);
    assert.match(await readFile(join(folder, "job.log"), "utf8"), /one\n/);
  });

  it("has as last words only the end of what it said", async () => {
    const end = await run(`import sys\nfor n in range(100): print(n, file=sys.stderr)\nsys.exit(2)`);
    assert.deepEqual(
      [end.outcome, end.told, end.lastWords.at(-1), end.lastWords.length],
      ["failed", "ended with exit code 2", "99", 12],
    );
  });

  it("is stopped when its time is up", async () => {
    const end = await run(`import time; time.sleep(600)`, { timeoutMs: 300 });
    assert.deepEqual([end.outcome, end.told], ["timeout", "was stopped after 0.3 s"]);
  });

  it("is stopped with all that it started when nobody wants it any more", async () => {
    const cancelled = new AbortController();
    const ended = run(
      `import subprocess, sys, time\nchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\nprint(child.pid)\ntime.sleep(600)`,
      { signal: cancelled.signal, onLine: (line) => (lines.push(line), cancelled.abort()) },
    );
    assert.equal((await ended).outcome, "cancelled");
    const child = Number(lines[0]);
    for (let waited = 0; isAlive(child) && waited < 100; waited += 1) await pause(20);
    // Whoever adopts it may not have looked after it yet; it does not run any more.
    const state = await readFile(`/proc/${child}/stat`, "utf8").catch(() => "");
    assert.ok(!isAlive(child) || / Z /.test(state), state);
  });

  it("leaves nothing behind that holds its streams", async () => {
    const end = await run(
      `import subprocess, sys\nsubprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])`,
    );
    assert.equal(end.outcome, "succeeded");
  });

  it("says that it could not be started", async () => {
    const end = await run("", { command: join(folder, "absent") });
    assert.match(end.told, /could not be started: .*ENOENT/);
  });
});
