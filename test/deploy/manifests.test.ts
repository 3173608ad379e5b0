import assert from "node:assert/strict";
import type { StackOutputs } from "../../config/outputs.ts";
import { deliverManifests, lastManifests } from "../../automation/deploy/manifests.ts";
import type { Session } from "../../automation/deploy/session.ts";
import { SlipwayError } from "../../automation/errors.ts";
import { append } from "../../automation/promotion/ledger.ts";
import { cloneFixture, gitIn, scratch } from "../git/throw-away.ts";
import { labAt, type Lab } from "./promotion-lab.ts";

const branch = "manifests/dev";
const outputsWith = (files: Record<string, string> | undefined) =>
  ({ kind: "environment", ...(files && { manifests: { branch, files } }) }) as unknown as StackOutputs;

describe("manifests", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  let lab: Lab;
  let session: Session;

  beforeEach(() => {
    lab = labAt(clone.root, temporary.directory());
    const { context, workspace } = lab;
    session = {
      ...{ context, workspace, stack: "dev", by: "octo\ncat" },
      onEngine: async () => {},
      record: (entry) => append(workspace.store, "dev", entry, context.now),
    };
  });

  const deliver = async (
    files: Record<string, string> | undefined,
    commit?: string,
    verb: "up" | "rollback" = "up",
  ) => {
    const release = commit === undefined ? undefined : await lab.release(commit);
    const request = { verb, stack: "dev", workDir: clone.root, release, create: false, verify: true };
    return deliverManifests(session, request, outputsWith(files));
  };
  const moves = async () =>
    (await lab.records("dev")).flatMap((one) =>
      one.kind === "manifests-moved" ? [[one.from, one.to, one.release]] : [],
    );
  const show = (what: string) => gitIn(clone.remote, "show", what);

  it("are none of a stack that has none", async () => {
    assert.equal(await deliver(undefined), undefined);
    assert.deepEqual(await lab.records("dev"), []);
  });

  it("go to their branch in one commit per release, with who and what", async () => {
    const first = await deliver({ "api/rollout.yaml": "image: a\n" }, clone.first);
    const release = await lab.release(clone.first);
    assert.equal(gitIn(clone.remote, "rev-parse", branch), first?.commit);
    assert.equal(show(`${branch}:api/rollout.yaml`), "image: a");
    assert.deepEqual(JSON.parse(show(`${branch}:release.json`)), {
      environment: "dev",
      release: release.id,
      commit: clone.first,
    });
    const message = gitIn(clone.remote, "log", "-1", "--format=%B", branch);
    assert.match(message, new RegExp(`^dev: release ${release.id.slice(0, 12)}\n\nSlipway-Release: ${release.id}\n`));
    assert.match(message, /^Slipway-By: octo cat$/m);
    assert.deepEqual(await moves(), [[null, first?.commit, release.id]]);
    assert.deepEqual(await deliver({ "api/rollout.yaml": "image: a\n" }, clone.first), { ...first, moved: false });
    assert.equal((await moves()).length, 1);
  });

  it("come back as they were, by one more commit", async () => {
    const first = await deliver({ "api/rollout.yaml": "image: a\n" }, clone.first);
    await deliver({ "api/rollout.yaml": "image: b\n" }, clone.second);
    const back = await deliver({ "api/rollout.yaml": "image: a\n" }, clone.first, "rollback");
    const treeOf = (commit = "") => gitIn(clone.remote, "rev-parse", `${commit}^{tree}`);
    assert.equal(treeOf(back?.commit), treeOf(first?.commit));
    assert.match(gitIn(clone.remote, "log", "-1", "--format=%s", branch), /^dev: back to release/);
    assert.equal((await moves()).length, 3);
  });

  it("that a killed run committed are recorded by the next one", async () => {
    const first = await deliver({ "api/rollout.yaml": "image: a\n" }, clone.first);
    const { records } = lab;
    const empty = labAt(clone.root, temporary.directory());
    session = { ...session, workspace: empty.workspace, record: (entry) => empty.record("dev", entry) };
    lab = empty;
    assert.deepEqual(await deliver({ "api/rollout.yaml": "image: a\n" }, clone.first), { ...first, moved: false });
    assert.equal(lastManifests(await empty.records("dev"), branch), first?.commit);
    assert.equal(lastManifests(await records("dev"), "manifests/prod"), undefined);
  });

  it("that cannot be pushed say what stands and what to do", async () => {
    lab.workspace.policy.remote = "gone";
    await assert.rejects(deliver({ "api/rollout.yaml": "a\n" }, clone.first), (error) => {
      assert.ok(error instanceof SlipwayError);
      assert.match(error.message, /^The manifests of dev could not be committed to manifests\/dev: /);
      assert.match(error.changed ?? "", /its services run on as before/);
      assert.match(error.next ?? "", /run the same command again/);
      return true;
    });
  });
});
