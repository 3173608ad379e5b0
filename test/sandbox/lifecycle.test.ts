import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { driftDelete, driftProperty, resetSandbox, sandboxStatus } from "../../sandbox/index.ts";
import { openLab, type Lab } from "./lab.ts";

const bucketType = "aws:s3/bucket:Bucket";

function twoBuckets(name: string, owner: string): string {
  return `
    const p = aws("p", "111111111111");
    const b = thing("${bucketType}", "b", { bucket: "${name}", tags: { owner: "${owner}" } }, ["arn"], { provider: p });
    const c = thing("${bucketType}", "c", {}, ["arn", "bucket"], { provider: p });
    const e = thing("aws:nobody/modelled:Thing", "e", { of: b.arn, list: [1, { x: 2 }] }, [], { provider: p });
    return { arn: b.arn, name: c.bucket };`;
}

describe("sandbox under the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;

  before(async () => {
    lab = await openLab();
    lab.program(twoBuckets("first-bucket", "ann"));
  });
  after(() => lab.close());

  const ids = () =>
    lab
      .resources()
      .map(({ id }) => id)
      .sort();
  const echoed = "e-bc79c39f";

  it("previews without touching the cloud", async () => {
    const run = await lab.run("preview");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.changes, ["create b", "create c", "create e"]);
    assert.equal(run.outputs["name"], "c-750311f");
    assert.deepEqual(ids(), []);
  });

  it("creates what the preview showed, under the same names", async () => {
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.changes, ["create b", "create c", "create e"]);
    assert.deepEqual(run.outputs, { arn: "arn:aws:s3:::first-bucket", name: "c-750311f" });
    assert.deepEqual(
      lab.resources().map(({ account, region, type }) => [account, region, type]),
      [
        ["111111111111", "eu-west-1", bucketType],
        ["111111111111", "eu-west-1", bucketType],
        ["111111111111", "eu-west-1", "aws:nobody/modelled:Thing"],
      ],
    );
  });

  it("changes nothing the second time", async () => {
    const run = await lab.run("up", "--yes", "--skip-preview", "--expect-no-changes");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.changes, []);
  });

  it("refreshes without a difference when nothing drifted", async () => {
    const run = await lab.run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.changes, []);
  });

  it("shows exactly the drift in a refresh and repairs it", async () => {
    driftProperty(lab.directory, { resource: "b", type: bucketType }, "tags.owner", "mallory");
    const refresh = await lab.run("refresh", "--yes", "--skip-preview");
    const drifted = refresh.steps.filter(({ diffs }) => diffs.length > 0);
    assert.deepEqual(
      drifted.map(({ name, diffs }) => [name, diffs]),
      [["b", ["tags.owner: update"]]],
    );
    const run = await lab.up();
    assert.deepEqual(run.changes, ["update b"]);
    assert.deepEqual(lab.resources().find(({ id }) => id === "first-bucket")?.outputs["tags"], { owner: "ann" });
  });

  it("notices what was deleted behind the engine's back", async () => {
    driftDelete(lab.directory, { resource: "c" });
    const refresh = await lab.run("refresh", "--yes", "--skip-preview");
    assert.equal(refresh.code, 0, refresh.text);
    const run = await lab.up();
    assert.deepEqual(run.changes, ["create c"]);
    assert.deepEqual(ids(), ["c-750311f", echoed, "first-bucket"]);
  });

  it("previews an update without writing it", async () => {
    lab.program(twoBuckets("first-bucket", "bob"));
    const run = await lab.run("preview");
    assert.deepEqual(run.changes, ["update b"]);
    assert.deepEqual(lab.resources().find(({ id }) => id === "first-bucket")?.outputs["tags"], { owner: "ann" });
  });

  it("replaces where a key property changes, the new one first", async () => {
    await lab.up();
    lab.program(twoBuckets("second-bucket", "bob"));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.changes, ["create-replacement b", "delete-replaced b", "replace b", "update e"]);
    const order = run.steps.map(({ op }) => op);
    assert.ok(order.indexOf("create-replacement") < order.indexOf("delete-replaced"));
    assert.deepEqual(run.steps.find(({ op }) => op === "replace")?.diffs, ["bucket: update-replace"]);
    assert.deepEqual(ids(), ["c-750311f", echoed, "second-bucket"]);
  });

  it("gives a forced replacement another generated name", async () => {
    const run = await lab.run(
      "up",
      "--yes",
      "--skip-preview",
      "--replace",
      "urn:pulumi:dev::lab::aws:s3/bucket:Bucket::c",
    );
    assert.equal(run.code, 0, run.text);
    const name = String(run.outputs["name"]);
    assert.match(name, /^c-[0-9a-f]{7}$/);
    assert.notEqual(name, "c-750311f");
    assert.deepEqual(ids(), [name, echoed, "second-bucket"].sort());
  });

  it("says what is modelled, what is echoed, and that nothing is left over", async () => {
    const status = await sandboxStatus(lab.directory);
    assert.match(status.notice, /simulation/);
    assert.deepEqual(
      status.types.map(({ type, count, how }) => [type, count, how]),
      [
        ["aws:nobody/modelled:Thing", 1, "echoed"],
        [bucketType, 2, "modelled"],
      ],
    );
    assert.deepEqual(status.orphans, []);
  });

  it("leaves nothing behind after destroy, and no stack file", async () => {
    const run = await lab.run("destroy", "--yes", "--skip-preview");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(ids(), []);
    assert.equal(existsSync(join(lab.root, "Pulumi.dev.yaml")), false);
    assert.match(readFileSync(await lab.workspace.configFile("dev"), "utf8"), /^encryptionsalt: v1:/m);
  });

  it("resets to nothing", async () => {
    assert.ok((await resetSandbox(lab.directory)).includes("cloud.sqlite"));
    assert.deepEqual(await resetSandbox(lab.directory), []);
  });
});
