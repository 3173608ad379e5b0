import assert from "node:assert/strict";
import { once } from "node:events";

import { activeFaults, recordedResources, resetSandbox, sandboxStatus, setFault } from "../../sandbox/index.ts";
import { SlipwayError } from "../../automation/errors.ts";
import { openLab, type Lab } from "./lab.ts";

const bucketType = "aws:s3/bucket:Bucket";

/** Three buckets with generated names: duplicates would show, and unique names do not hide them. */
const buckets = (tag: string, replaced = "") => `
  const p = aws("p", "111111111111");
  for (const name of ["a", "b", "c"]) {
    const inputs = name === "b" && "${replaced}" !== "" ? { bucket: "${replaced}" } : {};
    thing("${bucketType}", name, { ...inputs, tags: { tag: "${tag}" } }, ["arn"], { provider: p });
  }
  thing("aws:nobody/modelled:Thing", "echo", { tag: "${tag}" }, [], { provider: p });
  return {};`;

describe("sandbox faults under the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;

  beforeEach(async () => {
    lab = await openLab();
    lab.program(buckets("1"));
  });
  afterEach(() => lab.close());

  const names = () =>
    lab
      .resources()
      .map(({ urn }) => urn.split("::").at(-1))
      .sort();

  it("fails the operation with the given message, then converges", async () => {
    setFault(lab.directory, {
      kind: "error",
      typeGlob: "aws:s3/*",
      operation: "create",
      message: "SlowDown: reduce your rate",
    });
    const failed = await lab.up();
    assert.notEqual(failed.code, 0);
    assert.match(failed.text, /SlowDown: reduce your rate/);
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(names(), ["a", "b", "c", "echo"]);
    assert.deepEqual(activeFaults(lab.directory), []);
  });

  it("rides out throttling like an SDK, and gives up when it does not end", async () => {
    setFault(lab.directory, { kind: "throttle", typeGlob: "aws:nobody/*", operation: "create", remaining: 3 });
    const patient = await lab.up();
    assert.equal(patient.code, 0, patient.text);
    setFault(lab.directory, { kind: "throttle", typeGlob: "aws:nobody/*", operation: "update", remaining: 100 });
    lab.program(buckets("2"));
    const tired = await lab.up();
    assert.notEqual(tired.code, 0);
    assert.match(tired.text, /ThrottlingException: Rate exceeded/);
  });

  it("adopts what a crashed plugin had created already", async () => {
    setFault(lab.directory, { kind: "crash", typeGlob: bucketType, operation: "create" });
    const crashed = await lab.up();
    assert.notEqual(crashed.code, 0);
    const left = names();
    assert.ok(left.length > 0, "the cloud holds what the engine does not know");
    assert.ok((await sandboxStatus(lab.directory)).orphans.length > 0);
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(names(), ["a", "b", "c", "echo"]);
    assert.deepEqual((await sandboxStatus(lab.directory)).orphans, []);
    assert.deepEqual((await lab.up()).changes, []);
  });

  it("adopts the echoed type's orphan too, with the inputs of the new program", async () => {
    setFault(lab.directory, { kind: "crash", typeGlob: "aws:nobody/*", operation: "create" });
    await lab.up();
    lab.program(buckets("2"));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(names(), ["a", "b", "c", "echo"]);
    assert.equal(lab.resources().find(({ type }) => type.startsWith("aws:nobody"))?.inputs["tag"], "2");
  });

  it("finishes a replacement that crashed half-way, without a third resource", async () => {
    await lab.up();
    lab.program(buckets("1", "explicit-name"));
    setFault(lab.directory, { kind: "crash", typeGlob: bucketType, operation: "create" });
    const crashed = await lab.up();
    assert.notEqual(crashed.code, 0);
    assert.deepEqual(names(), ["a", "b", "b", "c", "echo"]);
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(names(), ["a", "b", "c", "echo"]);
    assert.ok(lab.resources().some(({ id }) => id === "explicit-name"));
    assert.deepEqual((await lab.up()).changes, []);
  });

  it("converges after the engine was killed in the middle", async () => {
    setFault(lab.directory, { kind: "latency", typeGlob: "aws:nobody/*", operation: "create", milliseconds: 60_000 });
    const engine = await lab.start("up");
    const gone = once(engine, "exit");
    await until(() => activeFaults(lab.directory).length === 0 && recordedResources(lab.directory).length === 4);
    await assert.rejects(
      () => resetSandbox(lab.directory),
      (error) => error instanceof SlipwayError && /An engine is working/.test(error.message),
    );
    engine.kill("SIGKILL");
    await gone;
    await lab.run("cancel", "--yes");
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(names(), ["a", "b", "c", "echo"]);
    assert.deepEqual((await lab.up()).changes, []);
  });

  it("repeats a delete that failed after it was done", async () => {
    await lab.up();
    setFault(lab.directory, { kind: "crash", typeGlob: "aws:nobody/*", operation: "delete" });
    const crashed = await lab.run("destroy", "--yes", "--skip-preview");
    assert.notEqual(crashed.code, 0);
    const run = await lab.run("destroy", "--yes", "--skip-preview");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(names(), []);
  });
});

/** Looks again until it holds; the test's own timeout is the limit. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
