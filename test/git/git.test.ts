import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../automation/errors.ts";
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
import { currentActor } from "../../automation/git/identity.ts";
import { initBareRemote, pushCommit } from "../../automation/git/remotes.ts";
import { moveTag, parseLsRemote, remoteTag, tagCommit, tagExists } from "../../automation/git/tags.ts";
import { worktreeOf } from "../../automation/git/worktree.ts";
import { commitFiles, gitIn, repositoryWith, scratch, writeFiles } from "./throw-away.ts";

describe("git", () => {
  const temporary = scratch();
  const templates = scratch();
  let template: string;
  let root: string;
  let first: string;
  let second: string;
  let remote: string;

  // A copy costs a fraction of the git processes that make a repository.
  before(async () => {
    template = templates.directory();
    const clone = join(template, "clone");
    mkdirSync(clone);
    first = repositoryWith(clone, { "a.txt": "1\n" });
    second = commitFiles(clone, { "a.txt": "2\n" }, "second: über | a\tb");
    await initBareRemote(join(template, "origin.git"));
    gitIn(clone, "remote", "add", "origin", "../origin.git");
  });
  after(() => templates.clear());

  beforeEach(() => {
    const copy = temporary.directory();
    cpSync(template, copy, { recursive: true });
    root = join(copy, "clone");
    remote = join(copy, "origin.git");
  });
  afterEach(() => temporary.clear());

  const failsWith = (code: number, pattern: RegExp) => (error: unknown) =>
    error instanceof SlipwayError && error.code === code && pattern.test(`${error.message} ${error.next}`);

  describe("commits", () => {
    it("knows head, tree, ancestry, and what a commit says", async () => {
      assert.equal(await headCommit(root), second);
      assert.equal(await treeOf(root, first), gitIn(root, "rev-parse", `${first}^{tree}`));
      assert.deepEqual([await isAncestor(root, first, second), await isAncestor(root, second, first)], [true, false]);
      const info = await commitInfo(root, second);
      assert.deepEqual(info, {
        commit: second,
        subject: "second: über | a\tb",
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
      assert.equal(await isClean(root), true);
      writeFiles(root, { "a.txt": "3\n", "new file.txt": "x", "ignored.log": "x", ".gitignore": "*.log\n" });
      assert.deepEqual(await dirtyFiles(root), [".gitignore", "a.txt", "new file.txt"]);
    });

    it("resolves names, annotated tags and abbreviated ids", async () => {
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
      gitIn(root, "tag", "staging", second);
      await assert.rejects(
        resolveCommit(root, "stagin"),
        failsWith(6, /no commit, tag or branch "stagin".*did you mean staging\?/u),
      );
      await assert.rejects(resolveCommit(root, "nothing-like-it"), failsWith(6, /git fetch --tags/u));
    });

    for (const name of [
      "--upload-pack=touch x",
      "-h",
      "--help",
      "--output=x",
      "",
      "a\nb",
      "$(touch x)",
      "x; touch y",
    ]) {
      it(`takes ${JSON.stringify(name)} for a name and nothing else`, async () => {
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
      process.env["GIT_DIR"] = join(temporary.directory(), "elsewhere");
      try {
        assert.equal(await headCommit(root), second);
      } finally {
        delete process.env["GIT_DIR"];
      }
    });
  });

  describe("tags", () => {
    it("makes, moves and keeps a tag on the remote and here", async () => {
      assert.equal(await remoteTag(root, "origin", "staging"), undefined);
      const move = { root, remote: "origin", tag: "staging" };
      assert.deepEqual(await moveTag({ ...move, commit: first, expectedOld: undefined }), {
        outcome: "moved",
        from: undefined,
        to: first,
      });
      assert.deepEqual(await moveTag({ ...move, commit: second, expectedOld: first }), {
        outcome: "moved",
        from: first,
        to: second,
      });
      assert.deepEqual(await moveTag({ ...move, commit: second, expectedOld: first }), {
        outcome: "unchanged",
        to: second,
      });
      assert.deepEqual(await remoteTag(root, "origin", "staging"), { object: second, commit: second });
      assert.equal(await tagCommit(root, "staging"), second);
      assert.equal(await isClean(root), true);
    });

    it("tells of a lost race instead of overwriting", async () => {
      const move = { root, remote: "origin", tag: "staging" };
      await moveTag({ ...move, commit: first, expectedOld: undefined });
      assert.deepEqual(await moveTag({ ...move, commit: second, expectedOld: undefined }), {
        outcome: "changed",
        actual: first,
      });
      assert.deepEqual(await moveTag({ ...move, commit: second, expectedOld: second.replaceAll(/./gu, "0") }), {
        outcome: "changed",
        actual: first,
      });
      assert.deepEqual(await remoteTag(root, "origin", "staging"), { object: first, commit: first });
      assert.equal(await tagCommit(root, "staging"), first);
    });

    it("lets one of two movers win", async () => {
      const move = { root, remote, tag: "staging", expectedOld: undefined };
      const results = await Promise.all([moveTag({ ...move, commit: first }), moveTag({ ...move, commit: second })]);
      assert.deepEqual(results.map((result) => result.outcome).sort(), ["changed", "moved"]);
    });

    it("moves an annotated tag of the remote by the commit that it names", async () => {
      gitIn(root, "tag", "--annotate", "staging", "--message", "x", first);
      gitIn(root, "push", "--quiet", "origin", "refs/tags/staging");
      const result = await moveTag({ root, remote: "origin", tag: "staging", commit: second, expectedOld: first });
      assert.deepEqual(result, { outcome: "moved", from: first, to: second });
    });

    it("leaves the tags of this clone alone when the remote is an address", async () => {
      await moveTag({ root, remote, tag: "staging", commit: first, expectedOld: undefined });
      assert.equal(await tagExists(root, "staging"), false);
      assert.equal(gitIn(remote, "rev-parse", "refs/tags/staging"), first);
    });

    it("pushes no other tag and no branch along", async () => {
      gitIn(root, "config", "push.followTags", "true");
      gitIn(root, "tag", "--annotate", "private", "--message", "x", first);
      await moveTag({ root, remote: "origin", tag: "staging", commit: second, expectedOld: undefined });
      assert.equal(gitIn(remote, "for-each-ref", "--format=%(refname)"), "refs/tags/staging");
    });

    for (const tag of ["--force", "-d", "a b", "a..b", "", "a:b", "x~1", "refs/../x", "a\nb"]) {
      it(`refuses the tag name ${JSON.stringify(tag)}`, async () => {
        await assert.rejects(
          moveTag({ root, remote, tag, commit: first, expectedOld: undefined }),
          failsWith(2, /cannot be the name of a tag/u),
        );
      });
    }

    for (const address of ["nowhere", "--upload-pack=touch x", "/does/not/exist"]) {
      it(`says that the remote ${JSON.stringify(address)} cannot be reached`, async () => {
        await assert.rejects(remoteTag(root, address, "staging"), failsWith(6, /cannot be reached/u));
      });
    }

    it("tells a refusing remote from a lost race", async () => {
      const hook = join(remote, "hooks", "pre-receive");
      mkdirSync(join(remote, "hooks"), { recursive: true });
      writeFileSync(hook, "#!/bin/sh\necho tags are protected >&2\nexit 1\n", { mode: 0o755 });
      const refused = moveTag({ root, remote: "origin", tag: "staging", commit: first, expectedOld: undefined });
      await assert.rejects(refused, failsWith(1, /tags are protected/u));
      assert.equal(await tagExists(root, "staging"), false);
    });

    it("passes over tags that only end in the same name", () => {
      const output = `${first}\trefs/tags/old/refs/tags/staging\n`;
      assert.equal(parseLsRemote(output, "refs/tags/staging"), undefined);
    });
  });

  describe("stand-in remote", () => {
    it("is made once and takes a branch back and forth", async () => {
      await pushCommit(root, remote, second, "main");
      await initBareRemote(remote);
      await pushCommit(root, remote, first, "main");
      assert.equal(gitIn(remote, "rev-parse", "main"), first);
    });
  });

  describe("worktrees", () => {
    it("checks a commit out beside the caller's checkout, which stays as it is", async () => {
      writeFiles(root, { "a.txt": "dirty\n" });
      const path = await worktreeOf(root, join(temporary.directory(), "trees"), first);
      assert.equal(readFileSync(join(path, "a.txt"), "utf8"), "1\n");
      assert.equal(readFileSync(join(root, "a.txt"), "utf8"), "dirty\n");
    });

    it("uses a clean one again, with dependencies linked in", async () => {
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
        const directory = temporary.directory();
        const path = await worktreeOf(root, directory, second);
        damage(path);
        assert.equal(await worktreeOf(root, directory, second), path);
        assert.deepEqual([await headCommit(path), await dirtyFiles(path)], [second, []]);
        assert.equal(readFileSync(join(path, "a.txt"), "utf8"), "2\n");
      });
    }
  });

  describe("actor", () => {
    it("is the CI's actor, else git's user, else the login name", async () => {
      gitIn(root, "config", "user.name", "Grace");
      gitIn(root, "config", "user.email", "grace@example.com");
      assert.equal(await currentActor(root, { GITHUB_ACTOR: "octocat" }), "octocat");
      assert.equal(await currentActor(root, { GITHUB_ACTOR: " " }), "Grace <grace@example.com>");
      gitIn(root, "config", "user.name", "");
      gitIn(root, "config", "user.email", "");
      assert.notEqual(await currentActor(root, {}), "");
    });
  });
});
