import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "../../automation/engine/events.ts";
import { runOperation, type Operation } from "../../automation/engine/operation.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { createTinyStack, type TinyStack } from "../support/tiny-stack.ts";

const chain = (gate?: string) => [
  { name: "first", value: "1" },
  { name: "held", dependsOn: ["first"], ...(gate === undefined ? {} : { gate }) },
  { name: "last", dependsOn: ["held"] },
];

/** Resolves when the engine has begun a step on the named resource. */
function begun(name: string): { onEvent: (event: EngineEvent) => void; promise: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    promise,
    onEvent: (event) => {
      const metadata = event.resourcePreEvent?.metadata;
      if (metadata?.urn.endsWith(`::${name}`) && metadata.op === "create") resolve();
    },
  };
}

const rejectsWith = (code: ExitCode, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(`${error.message} ${error.next ?? ""}`, pattern);
  return true;
};

describe("engine operations", function () {
  this.timeout(180_000);
  let tiny: TinyStack;
  const run = async (kind: Operation["kind"], more?: Partial<Operation>) =>
    runOperation(await tiny.cli(), tiny.operation(kind, more));

  beforeEach(() => {
    tiny = createTinyStack();
    tiny.setItems(chain());
  });
  afterEach(() => tiny.remove());

  it("brings a stack up with one start of the CLI and says what it did", async () => {
    const cli = await tiny.cli();
    const kinds = new Set<string>();
    const up = await runOperation(cli, tiny.operation("up", { onEvent: (event) => kinds.add(event.kind) }));
    assert.deepEqual([up.outcome, up.code, up.exitCode, up.summary.hasSummary], ["succeeded", 0, 0, true]);
    assert.equal(cli.starts, 1);
    assert.deepEqual(up.summary.changes, { create: 4 });
    assert.deepEqual(up.summary.outputs, { names: "item-first,item-held,item-last", hidden: "[secret]" });
    assert.ok(up.summary.resources.every(({ status, op }) => status === "done" && op === "create"));
    assert.ok(kinds.has("preludeEvent") && kinds.has("summaryEvent"));
    assert.deepEqual(tiny.stateItems(), ["first", "held", "last"]);
    for (const file of [up.log, up.eventLog]) assert.ok(!readFileSync(file, "utf8").includes("canary-secret"), file);
  });

  it("shows in a preview what the update then does", async () => {
    const cli = await tiny.cli();
    await runOperation(cli, tiny.operation("up"));
    tiny.setItems([
      { name: "first", value: "2" },
      { name: "held", key: "new", dependsOn: ["first"] },
    ]);
    const preview = await runOperation(cli, tiny.operation("preview"));
    const planned = Object.fromEntries(preview.summary.resources.map(({ name, op, status }) => [name, [op, status]]));
    assert.deepEqual(
      [planned["first"], planned["held"], planned["last"]],
      [
        ["update", "planned"],
        ["replace", "planned"],
        ["delete", "planned"],
      ],
    );
    assert.equal(preview.summary.changed, 3);

    const second = await runOperation(cli, tiny.operation("up"));
    assert.equal(second.outcome, "succeeded");
    const done = Object.fromEntries(second.summary.resources.map(({ name, op, status }) => [name, [op, status]]));
    assert.deepEqual(
      [done["first"], done["held"], done["last"]],
      [
        ["update", "done"],
        ["replace", "done"],
        ["delete", "done"],
      ],
    );
    const destroy = await runOperation(cli, tiny.operation("destroy"));
    assert.deepEqual([destroy.outcome, tiny.stateItems()], ["succeeded", []]);
    assert.equal(cli.starts, 4);
  });

  it("sees by a refresh what changed behind its back, and writes nothing when asked only to look", async () => {
    await run("up");
    tiny.drift({ first: { value: "else" }, last: null });
    const looked = await run("refresh", { previewOnly: true });
    const drifted = looked.summary.resources.filter(({ op }) => op !== "same").map(({ name, op }) => [name, op]);
    assert.deepEqual(drifted.sort(), [
      ["first", "update"],
      ["last", "delete"],
    ]);
    assert.equal(looked.summary.changed, 2);
    assert.deepEqual(tiny.stateItems(), ["first", "held", "last"]);
    const expecting = await run("refresh", { previewOnly: true, expectNoChanges: true });
    assert.deepEqual([expecting.outcome, expecting.code], ["failed", ExitCode.unexpectedChanges]);
    await run("refresh");
    assert.deepEqual(tiny.stateItems(), ["first", "held"]);
  });

  it("tells a failed resource by its event", async () => {
    tiny.setItems([{ name: "good" }, { name: "bad", fail: "quota exceeded", dependsOn: ["good"] }]);
    const result = await run("up");
    assert.deepEqual([result.outcome, result.code], ["failed", ExitCode.resourceFailed]);
    const bad = result.summary.resources.find(({ name }) => name === "bad");
    assert.equal(bad?.status, "failed");
    assert.match(bad?.error ?? "", /quota exceeded/);
    assert.equal(result.summary.resources.find(({ name }) => name === "good")?.status, "done");
    assert.deepEqual(tiny.stateItems(), ["good"]);
  });

  it("does not take a broken program for a failed resource", async () => {
    writeFileSync(join(tiny.directory, "items.json"), "null");
    const result = await run("preview");
    assert.deepEqual([result.outcome, result.code], ["failed", ExitCode.unexpected]);
    assert.ok(result.summary.diagnostics.some(({ message }) => message.includes("the program is broken")));
  });

  it("stops on the first abort after what is in flight, with the state intact", async () => {
    tiny.setItems(chain(tiny.gate("held")));
    const abort = new AbortController();
    const held = begun("held");
    const running = run("up", { signal: abort.signal, onEvent: held.onEvent });
    await Promise.race([held.promise, running]);
    abort.abort();
    tiny.openGate("held");
    const result = await running;
    assert.deepEqual([result.outcome, result.code], ["cancelled", ExitCode.cancelled]);
    assert.deepEqual(tiny.stateItems(), ["first", "held"]);
    assert.deepEqual(tiny.pending(), []);
    tiny.setItems(chain());
    const again = await run("up");
    assert.deepEqual([again.outcome, tiny.stateItems()], ["succeeded", ["first", "held", "last"]]);
    assert.equal(tiny.journal().filter((line) => line === "create held").length, 1);
  });

  it("stops at a deadline", async () => {
    tiny.setItems(chain(tiny.gate("held")));
    const lines: string[] = [];
    const report = (line: string) => {
      lines.push(line);
      tiny.openGate("held");
    };
    const result = await run("up", { timeoutMs: 1500, report });
    assert.deepEqual([result.outcome, result.code], ["cancelled", ExitCode.timeout]);
    assert.match(lines.join("\n"), /deadline passed/);
  });

  it("refuses an unknown stack and makes none", async () => {
    for (const kind of ["preview", "up"] as const)
      await assert.rejects(run(kind, { stack: "porduction" }), rejectsWith(ExitCode.notFound, /porduction/));
    assert.deepEqual(readdirSync(join(tiny.directory, "state", ".pulumi", "stacks", "tiny")), ["dev.json"]);
  });

  it("refuses a locked state without starting the CLI, and removes a lock whose holder is gone", async () => {
    const directory = join(tiny.directory, "state", ".pulumi", "locks", "organization", "tiny", "dev");
    mkdirSync(directory, { recursive: true });
    const lock = (pid: number) =>
      JSON.stringify({ pid, username: "ada", hostname: hostname(), timestamp: new Date().toISOString() });
    writeFileSync(join(directory, "lock.json"), lock(process.pid));
    const cli = await tiny.cli();
    await assert.rejects(
      runOperation(cli, tiny.operation("up")),
      rejectsWith(ExitCode.leaseHeld, new RegExp(`ada@.*process ${process.pid}`)),
    );
    assert.equal(cli.starts, 0);
    assert.equal((await run("preview")).outcome, "succeeded", "a preview takes no lock");
    // Larger than any pid the system gives out.
    writeFileSync(join(directory, "lock.json"), lock(2 ** 30));
    const lines: string[] = [];
    const result = await run("up", { report: (line) => lines.push(line) });
    assert.equal(result.outcome, "succeeded");
    assert.match(lines.join("\n"), /stale lock of stack dev/);
    assert.deepEqual(readdirSync(directory), []);
  });
});
