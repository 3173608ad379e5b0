import assert from "node:assert/strict";
import { manifestsDrift } from "../../automation/drift/manifests.ts";
import { commitFiles } from "../../automation/git/branch-files.ts";
import { labAt, type Lab } from "../deploy/promotion-lab.ts";
import { cloneFixture, gitIn, scratch } from "../git/throw-away.ts";

const branch = "manifests/dev";

describe("drift of the branch that Argo CD watches", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  let lab: Lab;
  let delivered: string;

  beforeEach(async () => {
    lab = labAt(clone.root, temporary.directory());
    const files = { "api/a.yaml": "1\n" };
    const result = await commitFiles({ root: clone.root, remote: "origin", branch, files, message: "dev" });
    assert.ok(result.outcome === "moved");
    delivered = result.to;
    const entry = { kind: "manifests-moved", by: "ada", branch, remote: "origin", from: null, to: delivered } as const;
    await lab.record("dev", entry);
  });

  const found = () => manifestsDrift(lab.workspace, "dev");
  const subject = { urn: `git:branch:${branch}`, type: "git:branch", name: branch };

  it("is none while it stands where it was left, or was never written", async () => {
    assert.deepEqual(await found(), []);
    assert.deepEqual(await manifestsDrift(lab.workspace, "prod"), []);
  });

  it("is a commit by somebody else", async () => {
    const foreign = gitIn(clone.remote, "commit-tree", `${branch}^{tree}`, "-p", branch, "-m", "by hand");
    gitIn(clone.remote, "update-ref", `refs/heads/${branch}`, foreign);
    const properties = [{ path: "commit", recorded: delivered, found: foreign }];
    assert.deepEqual(await found(), [{ ...subject, class: "changed-outside", properties }]);
  });

  it("is a branch that is gone", async () => {
    gitIn(clone.remote, "update-ref", "-d", `refs/heads/${branch}`);
    assert.deepEqual(await found(), [{ ...subject, class: "missing-outside", id: delivered }]);
  });
});
