import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { ensureVenv } from "../../../tools/testing/python.ts";

const root = resolve(import.meta.dirname, "../../..");

/** The keeper with little patience, and a process in place of the JVM that waits for the end of its input, as that does. */
const setting = `
import os, subprocess, sys, time
from pathlib import Path
import keeper
from keeper import KEEPER_VARIABLE, Keeper, Loan

class StandIn:
    def __init__(self):
        self.process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
        self.pid = self.process.pid
        self.responsive = True
    @classmethod
    def start(cls, folder, cache, log):
        started.append(cls())
        return started[-1]
    def gateway(self):
        return 1, "secret"
    def answers(self):
        return self.responsive and self.process.poll() is None
    def end(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.wait()

def borrow(key=None):
    os.environ[KEEPER_VARIABLE] = key or address
    return Loan.request()

def wait_for_end(jvm):
    deadline = time.monotonic() + 20
    while jvm.process.returncode is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)

started = []
keeper.Jvm = StandIn
folder = Path(sys.argv[1])
options = {"patience": 0.05, "idle": 300.0}
def serve(**changed):
    return Keeper(folder / "work", folder / "cache", folder / "log", **{**options, **changed}).start()
`;

describe("the keeper of the warm JVM", function () {
  this.timeout(60_000);
  let python: string;
  let folder: string;
  before(async () => {
    python = await ensureVenv({ root, environment: process.env, say: (line) => process.stderr.write(`${line}\n`) });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-keeper-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (program: string): Promise<unknown> => {
    const environment = { ...process.env, PYTHONPATH: join(root, "sandbox/live/spark"), PYTHONDONTWRITEBYTECODE: "1" };
    const words = ["-c", `${setting}${program}`, folder];
    return JSON.parse((await promisify(execFile)(python, words, { env: environment })).stdout);
  };

  it("lends the same JVM again when it was given back", async () => {
    const program = `
address = serve()
pids = []
for _ in range(3):
    loan = borrow()
    pids.append(loan.gateway().pid)
    loan.end(clean=True)
print(len(set(pids)))
`;
    assert.equal(await run(program), 1);
  });

  it("tells a job that it is busy", async () => {
    const program = `
address = serve()
first = borrow()
lent = first.gateway()
refused = borrow().gateway()
first.end(clean=True)
print("[%s, %s]" % (str(lent is not None).lower(), str(refused is None).lower()))
`;
    assert.deepEqual(await run(program), [true, true]);
  });

  it("ends a JVM that was not given back, and one that does not answer", async () => {
    const program = `
address = serve(patience=20.0)
crashed = borrow()
crashed.gateway()
crashed.end(clean=False)
wait_for_end(started[0])
good = borrow()
good.gateway()
good.end(clean=True)
started[1].responsive = False
after = borrow()
after.gateway()
wait_for_end(started[1])
print("[%d, %s]" % (len(started), str(started[2].answers()).lower()))
`;
    assert.deepEqual(await run(program), [3, true]);
  });

  it("ends an idle JVM, and starts another for the next job", async () => {
    const program = `
address = serve(idle=0.05, patience=20.0)
loan = borrow()
loan.gateway()
loan.end(clean=True)
wait_for_end(started[0])
again = borrow().gateway()
print(str(again.pid == started[1].pid).lower())
`;
    assert.equal(await run(program), true);
  });

  it("lends nothing to somebody without the key", async () => {
    const program = `
address = serve()
print(str(borrow(address.split(":")[0] + ":guessed") is None and not started).lower())
`;
    assert.equal(await run(program), true);
  });
});
