import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isClean } from "../../automation/git/commits.ts";
import { moveTag, parseLsRemote, remoteTag, tagCommit, tagExists } from "../../automation/git/tags.ts";
import { cloneFixture, commitFiles, failsWith, gitIn, scratch } from "./throw-away.ts";

describe("tags", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);

  it("makes, moves and keeps a tag on the remote and here", async () => {
    const { root, first, second } = clone;
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
    const { root, first, second } = clone;
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

  it("does not overwrite a tag that is moved between its look and its push", async () => {
    const { root, remote, first, second } = clone;
    const third = commitFiles(root, {}, "third");
    await moveTag({ root, remote: "origin", tag: "staging", commit: first, expectedOld: undefined });
    gitIn(root, "push", "--quiet", "origin", "main");
    const program = join(remote, "other-mover");
    const body = `#!/bin/sh\ngit -C "$1" update-ref refs/tags/staging ${second}\nexec git-receive-pack "$@"\n`;
    writeFileSync(program, body, { mode: 0o755 });
    gitIn(root, "config", "remote.origin.receivepack", program);
    const result = await moveTag({ root, remote: "origin", tag: "staging", commit: third, expectedOld: first });
    assert.deepEqual(result, { outcome: "changed", actual: second });
    assert.deepEqual([gitIn(remote, "rev-parse", "staging"), await tagCommit(root, "staging")], [second, first]);
  });

  it("lets one of two movers win", async () => {
    const { root, remote, first, second } = clone;
    const move = { root, remote, tag: "staging", expectedOld: undefined };
    const results = await Promise.all([moveTag({ ...move, commit: first }), moveTag({ ...move, commit: second })]);
    assert.deepEqual(results.map((result) => result.outcome).sort(), ["changed", "moved"]);
  });

  it("moves an annotated tag of the remote by the commit that it names", async () => {
    const { root, first, second } = clone;
    gitIn(root, "tag", "--annotate", "staging", "--message", "x", first);
    gitIn(root, "push", "--quiet", "origin", "refs/tags/staging");
    const result = await moveTag({ root, remote: "origin", tag: "staging", commit: second, expectedOld: first });
    assert.deepEqual(result, { outcome: "moved", from: first, to: second });
  });

  it("leaves the tags of this clone alone when the remote is an address", async () => {
    const { root, remote, first } = clone;
    await moveTag({ root, remote, tag: "staging", commit: first, expectedOld: undefined });
    assert.equal(await tagExists(root, "staging"), false);
    assert.equal(gitIn(remote, "rev-parse", "refs/tags/staging"), first);
  });

  it("pushes no other tag and no branch along", async () => {
    const { root, remote, first, second } = clone;
    gitIn(root, "config", "push.followTags", "true");
    gitIn(root, "tag", "--annotate", "private", "--message", "x", first);
    await moveTag({ root, remote: "origin", tag: "staging", commit: second, expectedOld: undefined });
    assert.equal(gitIn(remote, "for-each-ref", "--format=%(refname)"), "refs/tags/staging");
  });

  for (const tag of ["--force", "-d", "a b", "a..b", "", "a:b", "x~1", "refs/../x", "a\nb"]) {
    it(`refuses the tag name ${JSON.stringify(tag)}`, async () => {
      const { root, remote, first } = clone;
      await assert.rejects(
        moveTag({ root, remote, tag, commit: first, expectedOld: undefined }),
        failsWith(2, /cannot be the name of a tag/u),
      );
    });
  }

  for (const address of ["nowhere", "--upload-pack=touch x", "/does/not/exist"]) {
    it(`says that the remote ${JSON.stringify(address)} cannot be reached`, async () => {
      const { root } = clone;
      await assert.rejects(remoteTag(root, address, "staging"), failsWith(6, /cannot be reached/u));
    });
  }

  it("tells a refusing remote from a lost race", async () => {
    const { root, remote, first } = clone;
    const hook = join(remote, "hooks", "pre-receive");
    mkdirSync(join(remote, "hooks"), { recursive: true });
    writeFileSync(hook, "#!/bin/sh\necho tags are protected >&2\nexit 1\n", { mode: 0o755 });
    const refused = moveTag({ root, remote: "origin", tag: "staging", commit: first, expectedOld: undefined });
    await assert.rejects(refused, failsWith(1, /tags are protected/u));
    assert.equal(await tagExists(root, "staging"), false);
  });

  it("passes over tags that only end in the same name", () => {
    const output = `${clone.first}\trefs/tags/old/refs/tags/staging\n`;
    assert.equal(parseLsRemote(output, "refs/tags/staging"), undefined);
  });
});
