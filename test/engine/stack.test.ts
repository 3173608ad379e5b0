import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPendingOperations } from "../../automation/engine/inflight.ts";
import { runOperation } from "../../automation/engine/operation.ts";
import {
  createStack,
  exportStack,
  listStacks,
  readOutputs,
  removeStack,
  stackExists,
} from "../../automation/engine/stack.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { createTinyStack, type TinyStack } from "../support/tiny-stack.ts";

describe("stacks in the backend", function () {
  this.timeout(180_000);
  let tiny: TinyStack;
  beforeEach(() => (tiny = createTinyStack()));
  afterEach(() => tiny.remove());
  const ref = (stack: string) => ({ stack, workDir: tiny.directory, environment: tiny.environment });
  const notFound = (error: unknown) => error instanceof SlipwayError && error.code === ExitCode.notFound;

  it("are made, listed and removed where that is asked for, and no selection changes", async () => {
    const cli = await tiny.cli();
    assert.deepEqual([await stackExists(cli, ref("dev")), await stackExists(cli, ref("qa"))], [true, false]);
    assert.equal(cli.starts, 0, "a file backend is looked at");
    await createStack(cli, ref("qa"));
    assert.equal(await stackExists(cli, ref("qa")), true);
    assert.deepEqual((await listStacks(cli, ref("qa"))).map(({ name }) => name).sort(), ["dev", "qa"]);
    await removeStack(cli, ref("qa"));
    assert.equal(await stackExists(cli, ref("qa")), false);
    assert.equal(existsSync(join(tiny.directory, "home", "workspaces")), false, "a stack was selected");
  });

  it("give their outputs and state with secrets hidden", async () => {
    const cli = await tiny.cli();
    tiny.setItems([{ name: "one" }]);
    assert.equal((await runOperation(cli, tiny.operation("up"))).outcome, "succeeded");
    assert.deepEqual(await readOutputs(cli, ref("dev")), { names: "item-one", hidden: "[secret]" });
    const state = await exportStack(cli, ref("dev"));
    assert.equal(state.version, 3);
    assert.ok(!JSON.stringify(state).includes("canary-secret"));
    assert.deepEqual(await readPendingOperations(cli, ref("dev")), []);
    assert.ok(
      !readFileSync(join(tiny.directory, "state/.pulumi/stacks/tiny/dev.json"), "utf8").includes("canary-secret"),
    );
  });

  it("that are not there are not made by asking", async () => {
    const cli = await tiny.cli();
    for (const ask of [exportStack, readOutputs, removeStack])
      await assert.rejects(ask(cli, ref("porduction")), notFound);
    assert.equal(await stackExists(cli, ref("porduction")), false);
  });
});
