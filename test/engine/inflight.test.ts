import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  interruptEngine,
  isEngineRunning,
  pendingOperationsOf,
  readPendingOperations,
  waitForEngine,
  type RecordedEngine,
} from "../../automation/engine/inflight.ts";
import { runOperation } from "../../automation/engine/operation.ts";
import { parseProcStat, processIdentity } from "../../automation/engine/process-identity.ts";
import { createTinyStack, type TinyStack } from "../support/tiny-stack.ts";

const root = resolve(import.meta.dirname, "../..");

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 120_000; !condition(); await delay(20))
    if (Date.now() > deadline) throw new Error(`waited too long until ${what}`);
}

const sleeper = () => spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });

describe("a recorded engine", () => {
  it("is running while its process is, and no later process is taken for it", async () => {
    const child = sleeper();
    const pid = child.pid ?? 0;
    const identity = processIdentity(pid);
    assert.ok(identity !== undefined);
    assert.equal(isEngineRunning({ pid, identity }), true);
    assert.equal(isEngineRunning({ pid, identity: `${identity}0` }), false);
    assert.equal(await waitForEngine({ pid, identity }, { timeoutMs: 1, intervalMs: 1 }), false);
    assert.equal(await waitForEngine({ pid, identity }, { signal: AbortSignal.abort() }), false);
    const exit = once(child, "exit");
    assert.equal(interruptEngine({ pid, identity }), true);
    await exit;
    assert.equal(await waitForEngine({ pid, identity }), true);
    assert.equal(interruptEngine({ pid, identity }), false);
  });

  it("is told from others by the start time in its status, whatever its name", () => {
    const rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
    for (const name of ["pulumi", "a b", ") S 1"])
      assert.deepEqual(parseProcStat(`42 (${name}) ${rest}`), { state: "S", startTicks: "4711" });
    assert.equal(parseProcStat(""), undefined);
  });

  it("leaves pending operations that can be read from any shape of state", () => {
    const urn = "urn:pulumi:dev::tiny::tiny:index:Item::held";
    const cases: [unknown, unknown[]][] = [
      [undefined, []],
      [null, []],
      [{}, []],
      [{ pending_operations: null }, []],
      [{ pending_operations: [{ type: "creating", resource: { urn } }] }, [{ urn, type: "creating", id: undefined }]],
      [{ pending_operations: [{ resource: { urn, id: "x" } }, {}] }, [{ urn, type: "unknown", id: "x" }]],
    ];
    for (const [deployment, expected] of cases) assert.deepEqual(pendingOperationsOf(deployment), expected);
  });
});

describe("an engine whose driver is killed", function () {
  this.timeout(180_000);
  let tiny: TinyStack;
  beforeEach(() => (tiny = createTinyStack()));
  afterEach(() => tiny.remove());

  it("finishes on its own, and its state is complete", async () => {
    tiny.setItems([
      { name: "held", gate: tiny.gate("held") },
      { name: "last", dependsOn: ["held"] },
    ]);
    const [operationFile, engineFile] = [join(tiny.directory, "operation.json"), join(tiny.directory, "engine.json")];
    writeFileSync(operationFile, JSON.stringify({ root, operation: tiny.operation("up") }));
    const driver = spawn(
      process.execPath,
      [join(import.meta.dirname, "driver-process.ts"), operationFile, engineFile],
      {
        stdio: "ignore",
      },
    );
    const exit = once(driver, "exit");
    const journal = join(tiny.directory, "journal.txt");
    await until("the create is in flight", () => existsSync(journal) || driver.exitCode !== null);
    const engine = JSON.parse(readFileSync(engineFile, "utf8")) as RecordedEngine;
    const cli = await tiny.cli();
    const pending = await readPendingOperations(cli, tiny.operation("up"));
    assert.deepEqual(
      pending.map(({ urn, type }) => [urn.slice(urn.lastIndexOf(":") + 1), type]),
      [["held", "creating"]],
    );
    assert.equal(cli.starts, 0);

    driver.kill("SIGKILL");
    await exit;
    assert.equal(isEngineRunning(engine), true);
    tiny.openGate("held");
    assert.equal(await waitForEngine(engine, { timeoutMs: 120_000 }), true);
    assert.deepEqual([tiny.stateItems(), tiny.pending()], [["held", "last"], []]);
    const again = await runOperation(cli, tiny.operation("up"));
    assert.deepEqual([again.outcome, again.summary.changed], ["succeeded", 0]);
    assert.deepEqual(
      tiny.journal().filter((line) => line.startsWith("create")),
      ["create held", "create last"],
    );
  });
});
