import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirtyFiles, headCommit } from "../../automation/git/commits.ts";
import { join } from "node:path";
import { worktreeOf } from "../../automation/git/worktree.ts";
import { cloneFixture, gitIn, scratch, writeFiles } from "./throw-away.ts";

describe("worktrees", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);

  it("checks a commit out beside the caller's checkout, which stays as it is", async () => {
    const { root, first } = clone;
    writeFiles(root, { "a.txt": "dirty\n" });
    const path = await worktreeOf(root, join(temporary.directory(), "trees"), first);
    assert.equal(readFileSync(join(path, "a.txt"), "utf8"), "1\n");
    assert.equal(readFileSync(join(root, "a.txt"), "utf8"), "dirty\n");
  });

  it("uses a clean one again, with dependencies linked in", async () => {
    const { root, first } = clone;
    const directory = temporary.directory();
    const path = await worktreeOf(root, directory, first);
    const marker = join(path, "node_modules");
    writeFileSync(marker, "");
    assert.equal(await worktreeOf(root, directory, first), path);
    assert.equal(existsSync(marker), true);
  });

  const damages: [string, (path: string) => void][] = [
    ["an edit", (path) => writeFiles(path, { "a.txt": "edited\n" })],
    ["an added file", (path) => writeFiles(path, { "b.txt": "" })],
    ["a deleted file", (path) => rmSync(join(path, "a.txt"))],
    ["another commit", (path) => gitIn(path, "checkout", "--quiet", "--detach", "HEAD~1")],
    ["a lost link to the repository", (path) => rmSync(join(path, ".git"))],
    ["a lost directory", (path) => rmSync(path, { recursive: true })],
    ["a broken index", (path) => writeFileSync(gitIn(path, "rev-parse", "--git-path", "index"), "broken")],
    [
      "a killed `git worktree add`",
      (path) => {
        writeFileSync(gitIn(path, "rev-parse", "--git-path", "locked"), "initializing");
        rmSync(join(path, "a.txt"));
      },
    ],
    [
      "one killed before the checkout",
      (path) => {
        writeFileSync(gitIn(path, "rev-parse", "--git-path", "locked"), "initializing");
        rmSync(path, { recursive: true });
      },
    ],
    ["files that are no worktree", (path) => (rmSync(path, { recursive: true }), writeFiles(path, { "a.txt": "x" }))],
  ];
  for (const [what, damage] of damages) {
    it(`repairs one after ${what}`, async () => {
      const { root, second } = clone;
      const directory = temporary.directory();
      const path = await worktreeOf(root, directory, second);
      damage(path);
      assert.equal(await worktreeOf(root, directory, second), path);
      assert.deepEqual([await headCommit(path), await dirtyFiles(path)], [second, []]);
      assert.equal(readFileSync(join(path, "a.txt"), "utf8"), "2\n");
    });
  }
});
