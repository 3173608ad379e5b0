import assert from "node:assert/strict";
import { join } from "node:path";
import {
  commitInfo,
  dirtyFiles,
  headCommit,
  isAncestor,
  isClean,
  logBetween,
  resolveCommit,
  treeOf,
} from "../../automation/git/commits.ts";
import { git } from "../../automation/git/git.ts";
import { cloneFixture, commitFiles, failsWith, gitIn, scratch, SECOND_SUBJECT, writeFiles } from "./throw-away.ts";

describe("commits", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);

  it("knows head, tree, ancestry, and what a commit says", async () => {
    const { root, first, second } = clone;
    assert.equal(await headCommit(root), second);
    assert.equal(await treeOf(root, first), gitIn(root, "rev-parse", `${first}^{tree}`));
    assert.deepEqual([await isAncestor(root, first, second), await isAncestor(root, second, first)], [true, false]);
    const info = await commitInfo(root, second);
    assert.deepEqual(info, {
      commit: second,
      subject: SECOND_SUBJECT,
      author: "Ada <ada@example.com>",
      committedAt: "2026-01-02T03:04:05.000Z",
    });
    const third = commitFiles(root, {}, "third");
    const between = await logBetween(root, first, third);
    assert.deepEqual(
      between.map((one) => one.commit),
      [third, second],
    );
    assert.deepEqual(await logBetween(root, third, third), []);
  });

  it("lists what a checkout has that no commit holds", async () => {
    const { root } = clone;
    assert.equal(await isClean(root), true);
    writeFiles(root, { "a.txt": "3\n", "new file.txt": "x", "ignored.log": "x", ".gitignore": "*.log\n" });
    assert.deepEqual(await dirtyFiles(root), [".gitignore", "a.txt", "new file.txt"]);
  });

  it("resolves names, annotated tags and abbreviated ids", async () => {
    const { root, first, second } = clone;
    gitIn(root, "tag", "--annotate", "v1.0.0", "--message", "one", first);
    gitIn(root, "tag", "staging", second);
    for (const [name, expected] of [
      ["v1.0.0", first],
      ["staging", second],
      ["HEAD~1", first],
      ["main", second],
      [first.slice(0, 9), first],
    ] as const) {
      assert.equal(await resolveCommit(root, name), expected);
    }
  });

  it("says which name was probably meant", async () => {
    const { root, second } = clone;
    gitIn(root, "tag", "staging", second);
    await assert.rejects(
      resolveCommit(root, "stagin"),
      failsWith(6, /no commit, tag or branch "stagin".*did you mean staging\?/u),
    );
    await assert.rejects(resolveCommit(root, "nothing-like-it"), failsWith(6, /git fetch --tags/u));
  });

  for (const name of ["--upload-pack=touch x", "-h", "--help", "--output=x", "", "a\nb", "$(touch x)", "x; touch y"]) {
    it(`takes ${JSON.stringify(name)} for a name and nothing else`, async () => {
      const { root } = clone;
      await assert.rejects(resolveCommit(root, name), failsWith(6, /There is no commit/u));
      assert.equal(await isClean(root), true);
    });
  }

  it("says that a directory is no checkout, and that a repository has no commit", async () => {
    const bare = temporary.directory();
    await assert.rejects(headCommit(bare), failsWith(2, /not a git checkout/u));
    await assert.rejects(dirtyFiles(bare), failsWith(2, /not a git checkout/u));
    gitIn(bare, "init", "--quiet");
    await assert.rejects(headCommit(bare), failsWith(6, /no commit yet/u));
    await assert.rejects(git(join(bare, "nowhere"), ["status"]), failsWith(2, /could not be started/u));
  });

  it("is not led astray by a caller's GIT_DIR", async () => {
    const { root, second } = clone;
    process.env["GIT_DIR"] = join(temporary.directory(), "elsewhere");
    try {
      assert.equal(await headCommit(root), second);
    } finally {
      delete process.env["GIT_DIR"];
    }
  });
});
