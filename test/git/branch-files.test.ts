import assert from "node:assert/strict";
import { commitFiles } from "../../automation/git/branch-files.ts";
import { SlipwayError } from "../../automation/errors.ts";
import { cloneFixture, gitIn, scratch } from "./throw-away.ts";

const branch = "manifests/dev";

describe("commitFiles", () => {
  const clone = cloneFixture(scratch());
  const commit = (files: Record<string, string>, remote = "origin") =>
    commitFiles({ root: clone.root, remote, branch, files, message: "dev: release\n\nSlipway-Release: abc\n" });
  const remoteHead = () => gitIn(clone.remote, "rev-parse", branch);
  const listing = (commitId: string) => gitIn(clone.remote, "ls-tree", "-r", "--name-only", commitId).split("\n");

  it("makes the branch with one commit that has no parent and holds these files alone", async () => {
    const result = await commit({ "api/rollout.yaml": "a: ü\n", "release.json": "{}\n" });
    assert.equal(result.outcome, "moved");
    assert.equal(result.from, undefined);
    assert.equal(remoteHead(), result.to);
    assert.deepEqual(listing(result.to), ["api/rollout.yaml", "release.json"]);
    assert.equal(gitIn(clone.remote, "show", `${result.to}:api/rollout.yaml`), "a: ü");
    assert.equal(
      gitIn(clone.remote, "log", "--format=%P%an %(trailers:key=Slipway-Release,valueonly)", result.to),
      "Slipway abc",
    );
  });

  it("commits once for the same content, and what is gone from it goes", async () => {
    const first = await commit({ "api/a.yaml": "1\n", "web/b.yaml": "2\n" });
    assert.deepEqual(await commit({ "web/b.yaml": "2\n", "api/a.yaml": "1\n" }), {
      outcome: "unchanged",
      to: remoteHead(),
    });
    const second = await commit({ "api/a.yaml": "1\n" });
    assert.ok(first.outcome === "moved" && second.outcome === "moved");
    assert.deepEqual([second.from, listing(second.to)], [first.to, ["api/a.yaml"]]);
    assert.equal(gitIn(clone.remote, "rev-list", "--count", branch), "2");
  });

  it("goes back to the very tree of before", async () => {
    const first = await commit({ "api/a.yaml": "1\n" });
    await commit({ "api/a.yaml": "2\n" });
    const back = await commit({ "api/a.yaml": "1\n" });
    assert.ok(first.outcome === "moved" && back.outcome === "moved");
    const treeOf = (id: string) => gitIn(clone.remote, "rev-parse", `${id}^{tree}`);
    assert.equal(treeOf(back.to), treeOf(first.to));
    assert.equal(gitIn(clone.remote, "rev-list", "--count", branch), "3");
  });

  it("builds on commits of others that this clone has never seen", async () => {
    await commit({ "api/a.yaml": "1\n" });
    const foreign = gitIn(clone.remote, "commit-tree", `${branch}^{tree}`, "-p", branch, "-m", "by hand");
    gitIn(clone.remote, "update-ref", `refs/heads/${branch}`, foreign);
    const result = await commit({ "api/a.yaml": "2\n" });
    assert.ok(result.outcome === "moved");
    assert.equal(result.from, foreign);
  });

  it("lets one of several at once win and tells the others where the branch is", async () => {
    const results = await Promise.all(["1", "2", "3", "4"].map((content) => commit({ "api/a.yaml": `${content}\n` })));
    const moved = results.filter(({ outcome }) => outcome === "moved");
    assert.equal(gitIn(clone.remote, "rev-list", "--count", branch), String(moved.length));
    assert.ok(moved.length >= 1);
    for (const lost of results.filter((result) => result.outcome === "changed"))
      assert.notEqual(lost.actual, undefined);
  });

  it("leaves the clone's own files, index and branches as they are", async () => {
    const state = () => [gitIn(clone.root, "status", "--porcelain"), gitIn(clone.root, "for-each-ref")];
    const before = state();
    await commit({ "api/a.yaml": "1\n" });
    assert.deepEqual(state().slice(0, 1), before.slice(0, 1));
    assert.doesNotMatch(state()[1] ?? "", /refs\/heads\/manifests/);
  });

  for (const path of ["../escape.yaml", "/etc/x.yaml", ".git/config", "a/../../x"])
    it(`refuses the path ${path}`, () =>
      assert.rejects(commit({ [path]: "x\n" }), (error) => error instanceof SlipwayError));

  it("says that a remote cannot be reached", () =>
    assert.rejects(commit({ "api/a.yaml": "1\n" }, "nowhere"), (error) => error instanceof SlipwayError));
});
