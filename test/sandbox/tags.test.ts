import assert from "node:assert/strict";

import { openLab, type Lab } from "./lab.ts";

/** Two resources that take tags, one that takes none, and one that nobody has modelled. */
const program = (defaults: Record<string, string>) => `
  const p = provider("aws", "p", {
    region: "eu-west-1",
    allowedAccountIds: JSON.stringify(["111111111111"]),
    defaultTags: JSON.stringify({ tags: ${JSON.stringify(defaults)} }),
  });
  const b = thing("aws:s3/bucket:Bucket", "plain", {}, ["bucket", "tagsAll"], { provider: p });
  const own = thing("aws:kms/key:Key", "own", { tags: { owner: "ann" } }, ["tagsAll"], { provider: p });
  const settings = { bucket: b.bucket, versioningConfiguration: { status: "Enabled" } };
  thing("aws:s3/bucketVersioning:BucketVersioning", "untaggable", settings, [], { provider: p });
  return { plain: b.tagsAll, own: own.tagsAll };`;

describe("default tags of an AWS provider under the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;

  before(async () => {
    lab = await openLab();
    lab.program(program({ owner: "ml" }));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.outputs, { plain: { owner: "ml" }, own: { owner: "ann" } });
  });
  after(() => lab.close());

  it("update exactly the resources that take tags, and show where", async () => {
    lab.program(program({ owner: "ml", tier: "gold" }));
    const preview = await lab.run("preview");
    assert.deepEqual(preview.changes, ["update own", "update plain"]);
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(run.changes, ["update own", "update plain"]);
    for (const step of run.steps.filter(({ op }) => op === "update"))
      assert.deepEqual(step.diffs, ["tagsAll.tier: add"], step.name);
    assert.deepEqual(run.outputs, { plain: { owner: "ml", tier: "gold" }, own: { owner: "ann", tier: "gold" } });
    assert.deepEqual((await lab.run("up", "--yes", "--skip-preview", "--expect-no-changes")).changes, []);
  });

  it("leave a resource alone whose own tag says otherwise", async () => {
    lab.program(program({ owner: "platform", tier: "gold" }));
    assert.deepEqual((await lab.up()).changes, ["update plain"]);
  });
});
