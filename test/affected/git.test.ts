import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { branchBase, namedBase, presentBases } from "../../automation/affected/base.ts";
import { changedBetween, pathsAt, withUncommitted } from "../../automation/affected/changes.ts";
import { commitFiles, failsWith, gitIn, repositoryWith, scratch, writeFiles } from "../git/throw-away.ts";

const temporary = scratch();
after(() => temporary.clear());

/** A repository with a small tree, a second commit of whatever `change` does, and the paths that differ. */
async function changedBy(change: (root: string) => void): Promise<string[]> {
  const root = temporary.directory();
  const first = repositoryWith(root, { "data/a.py": "1\n2\n3\n", "model/b.py": "b\n", "c.txt": "c\n" });
  change(root);
  gitIn(root, "add", "--all");
  gitIn(root, "commit", "--quiet", "--allow-empty", "--message", "change");
  const changes = await changedBetween(root, [first], gitIn(root, "rev-parse", "HEAD"));
  assert.ok("paths" in changes);
  return changes.paths;
}

describe("changed paths", () => {
  const cases: [string, (root: string) => void, string[]][] = [
    ["none", () => undefined, []],
    ["a file that is new", (root) => writeFiles(root, { "x/y.txt": "" }), ["x/y.txt"]],
    ["both sides of a rename", (root) => gitIn(root, "mv", "data/a.py", "model/a.py"), ["data/a.py", "model/a.py"]],
    ["a deleted file", (root) => rmSync(join(root, "model/b.py")), ["model/b.py"]],
    ["a file that became executable", (root) => chmodSync(join(root, "c.txt"), 0o755), ["c.txt"]],
    [
      "a file that became a link",
      (root) => {
        rmSync(join(root, "c.txt"));
        symlinkSync("data/a.py", join(root, "c.txt"));
      },
      ["c.txt"],
    ],
    [
      "a file where a folder was",
      (root) => {
        rmSync(join(root, "model"), { recursive: true });
        writeFiles(root, { model: "x" });
      },
      ["model", "model/b.py"],
    ],
    [
      "names that need quoting",
      (root) => writeFiles(root, { 'a "b"\n\tü.txt': "x", "-n": "x", "--": "x", ":(top)x": "x" }),
      ["--", "-n", ":(top)x", 'a "b"\n\tü.txt'],
    ],
  ];
  for (const [what, change, expected] of cases)
    it(`are ${what}`, async () => assert.deepEqual(await changedBy(change), expected));

  it("do not follow settings that hide changes", async () => {
    const paths = await changedBy((root) => {
      for (const [key, value] of [
        ["diff.renames", "copies"],
        ["diff.ignoreSubmodules", "all"],
        ["diff.external", "false"],
        ["diff.relative", "true"],
        ["core.quotePath", "true"],
      ] as const)
        gitIn(root, "config", key, value);
      writeFiles(root, { ".gitattributes": "* -diff\n" });
      gitIn(root, "mv", "data/a.py", "data/ä.py");
    });
    assert.deepEqual(paths, [".gitattributes", "data/a.py", "data/ä.py"]);
  });

  it("hold a submodule that moved, even one that asks to be ignored", async () => {
    const inner = temporary.directory();
    repositoryWith(inner, { x: "1" });
    const root = temporary.directory();
    repositoryWith(root, { a: "1" });
    gitIn(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "vendored/lib");
    const first = commitFiles(root, {
      ".gitmodules": `[submodule "vendored/lib"]\n\tpath = vendored/lib\n\turl = ${inner}\n\tignore = all\n`,
    });
    const moved = commitFiles(join(root, "vendored/lib"), { x: "2" });
    gitIn(root, "update-index", "--cacheinfo", `160000,${moved},vendored/lib`);
    gitIn(root, "commit", "--quiet", "--message", "move");
    const head = gitIn(root, "rev-parse", "HEAD");
    assert.deepEqual(await changedBetween(root, [first], head), { paths: ["vendored/lib"] });
    assert.ok((await pathsAt(root, head)).includes("vendored/lib"));
  });

  it("of a merge are all that differ from the base, whichever side they came from", async () => {
    const root = temporary.directory();
    const first = repositoryWith(root, { a: "1", b: "1", c: "1" });
    gitIn(root, "switch", "--quiet", "--create", "side");
    commitFiles(root, { a: "2" });
    gitIn(root, "switch", "--quiet", "main");
    commitFiles(root, { b: "2" });
    gitIn(root, "merge", "--quiet", "--no-edit", "side");
    assert.deepEqual(await changedBetween(root, [first], gitIn(root, "rev-parse", "HEAD")), { paths: ["a", "b"] });
  });

  it("of several bases are those of any", async () => {
    const root = temporary.directory();
    const first = repositoryWith(root, { a: "1", b: "1" });
    const second = commitFiles(root, { a: "2" });
    const third = commitFiles(root, { a: "1", b: "2" });
    assert.deepEqual(await changedBetween(root, [first], third), { paths: ["b"] });
    assert.deepEqual(await changedBetween(root, [first, second], third), { paths: ["a", "b"] });
  });

  it("count uncommitted files only when asked", async () => {
    const root = temporary.directory();
    const first = repositoryWith(root, { a: "1", b: "1", ".gitignore": "ignored\n" });
    writeFiles(root, { a: "2", ignored: "x", "new/file": "x" });
    renameSync(join(root, "b"), join(root, "b2"));
    const committed = await changedBetween(root, [first], first);
    assert.deepEqual(committed, { paths: [] });
    assert.deepEqual(await withUncommitted(root, committed), { paths: ["a", "b", "b2", "new/file"] });
  });

  it("are unknown where an object is missing", async () => {
    const root = temporary.directory();
    const first = repositoryWith(root, { "a/x": "1" });
    const second = commitFiles(root, { "a/x": "2" });
    const tree = gitIn(root, "rev-parse", `${first}:a`);
    rmSync(join(root, ".git/objects", tree.slice(0, 2), tree.slice(2)));
    const changes = await changedBetween(root, [first], second);
    assert.ok("unknown" in changes);
    assert.match(changes.unknown, new RegExp(tree));
  });
});

describe("the base", () => {
  let root = "";
  let remote = "";
  let first = "";
  let left = "";
  let ahead = "";
  let head = "";
  const request = (at = head) => ({ root, head: at, remote: "origin" });

  before(() => {
    const home = temporary.directory();
    root = join(home, "clone");
    remote = join(home, "origin.git");
    execFileSync("mkdir", [root]);
    first = repositoryWith(root, { a: "1" });
    left = commitFiles(root, { a: "2" });
    gitIn(root, "switch", "--quiet", "--create", "feature");
    head = commitFiles(root, { b: "1" });
    gitIn(root, "switch", "--quiet", "main");
    ahead = commitFiles(root, { c: "1" });
    gitIn(home, "clone", "--quiet", "--bare", root, remote);
    gitIn(root, "remote", "add", "origin", remote);
    gitIn(root, "fetch", "--quiet", "origin");
    gitIn(root, "switch", "--quiet", "feature");
  });

  it("of a branch is where it left the protected one", async () => {
    assert.deepEqual(await branchBase(request(), "main", false), {
      commits: [left],
      why: "where this left origin/main",
    });
    assert.deepEqual(await namedBase(request(), "main"), { commits: [left], why: "where this left main" });
    assert.deepEqual(await namedBase(request(), first), { commits: [first], why: first });
  });

  it("of a head that is on the protected branch is none: everything counts", async () => {
    const base = await branchBase(request(ahead), "main", false);
    assert.ok("everything" in base);
    assert.match(base.everything, /is on origin\/main already/);
    assert.match(base.next ?? "", /--environment/);
    // Uncommitted files differ from the head itself.
    assert.deepEqual(await branchBase(request(ahead), "main", true), {
      commits: [ahead],
      why: "origin/main",
    });
  });

  it("is none where the protected branch is not there", async () => {
    const base = await branchBase(request(), "trunk", false);
    assert.ok("everything" in base);
    assert.match(base.next ?? "", /git fetch origin trunk/);
  });

  it("that a person mistyped is an error, one that is only missing is not", async () => {
    await assert.rejects(namedBase(request(), "mian"), failsWith(6, /did you mean main/));
    const gone = await namedBase(request(), "1".repeat(40));
    assert.deepEqual(gone, {
      everything: "111111111111 is not in this clone",
      next: `git fetch origin ${"1".repeat(40)}`,
    });
    const none = await namedBase(request(), "0".repeat(40));
    assert.match("everything" in none ? none.everything : "", /before a branch began/);
    await assert.rejects(namedBase(request(), "--output=x"), failsWith(6, /no commit, tag or branch "--output=x"/));
  });

  it("of the ledger is not compared by its ancestors but as it stands", async () => {
    const bases = { commits: [ahead], why: "last deployed to dev" };
    assert.deepEqual(await presentBases(request(), bases), bases);
    assert.deepEqual(await changedBetween(root, [ahead], head), { paths: ["b", "c"] });
    const lost = await presentBases(request(), { commits: [first, "2".repeat(40)], why: "" });
    assert.match("everything" in lost ? lost.everything : "", /^222222222222 is not in this clone$/);
  });

  describe("in a shallow clone", () => {
    let shallow = "";
    const asked = (at: string) => ({ root: shallow, head: at, remote: "origin" });

    before(() => {
      shallow = temporary.directory();
      gitIn(shallow, "clone", "--quiet", "--depth=1", "--no-single-branch", `file://${remote}`, ".");
    });

    it("is everything where the commit is missing, with the command to deepen", async () => {
      const deepen = { next: "git fetch --unshallow origin" };
      const named = await namedBase(asked(ahead), first);
      assert.deepEqual(named, { everything: `${first.slice(0, 12)} is not in this shallow clone`, ...deepen });
      assert.deepEqual(await namedBase(asked(ahead), "HEAD~1"), {
        everything: '"HEAD~1" is not in this shallow clone',
        ...deepen,
      });
      const deployed = await presentBases(asked(ahead), { commits: [first], why: "" });
      assert.match("everything" in deployed ? deployed.everything : "", /not in this shallow clone/);
    });

    it("is the other tip itself, because a common ancestor may be out of sight", async () => {
      const base = await branchBase(asked(head), "main", false);
      assert.deepEqual(base, { commits: [ahead], why: "origin/main, compared as it is: no common history" });
      assert.deepEqual(await changedBetween(shallow, [ahead], head), { paths: ["b", "c"] });
    });

    it("is right again after the command that it names", async () => {
      gitIn(shallow, "fetch", "--quiet", "--unshallow", "origin");
      assert.deepEqual(await namedBase(asked(ahead), first), { commits: [first], why: first });
    });
  });
});
