import assert from "node:assert/strict";
import { currentActor } from "../../automation/git/identity.ts";
import { initBareRemote, pushCommit } from "../../automation/git/remotes.ts";
import { cloneFixture, gitIn, scratch } from "./throw-away.ts";

describe("stand-in remote", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);

  it("is made once and takes a branch back and forth", async () => {
    const { root, remote, first, second } = clone;
    await pushCommit(root, remote, second, "main");
    await initBareRemote(remote);
    await pushCommit(root, remote, first, "main");
    assert.equal(gitIn(remote, "rev-parse", "main"), first);
  });
});

describe("actor", () => {
  const clone = cloneFixture(scratch());

  it("is the CI's actor, else git's user, else the login name", async () => {
    const { root } = clone;
    gitIn(root, "config", "user.name", "Grace");
    gitIn(root, "config", "user.email", "grace@example.com");
    assert.equal(await currentActor(root, { GITHUB_ACTOR: "octocat" }), "octocat");
    assert.equal(await currentActor(root, { GITHUB_ACTOR: " " }), "Grace <grace@example.com>");
    gitIn(root, "config", "user.name", "");
    gitIn(root, "config", "user.email", "");
    assert.notEqual(await currentActor(root, {}), "");
  });
});
