import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { connectGitHub } from "../../automation/github/client.ts";
import { tellCheck, tellComment, type Publication } from "../../automation/github/publish.ts";
import { readMarker } from "../../automation/report/comment/marker.ts";
import type { PreviewModel } from "../../automation/report/comment/model.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { change, head, model, stack } from "../report/comment/samples.ts";
import { GitHubServer, times, type Asked } from "./server.ts";

const isCreate = ({ method, path }: Asked) => method === "POST" && path.endsWith("/comments");
const isEdit = ({ method }: Asked) => method === "PATCH";

/** A run with something of its own to say. */
const runNumber = (id: number, says = `run ${id}`, attempt = 1): PreviewModel => {
  const one = model([stack("dev", [change({ name: says })])]);
  return { ...one, run: { ...one.run, id, attempt } };
};

describe("the one comment of a pull request", () => {
  let server: GitHubServer;
  let folder: string;
  let waited: number[];
  let said: string[];

  beforeEach(async () => {
    server = new GitHubServer();
    await server.start();
    folder = await mkdtemp(join(tmpdir(), "slipway-comments-"));
    [waited, said] = [[], []];
  });
  afterEach(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const publication = (more: Partial<Publication> & { token?: string } = {}): Publication => ({
    github: connectGitHub({
      ...{ apiUrl: server.url, token: more.token ?? "actions", say: (line) => void said.push(line) },
      wait: (milliseconds) => (waited.push(milliseconds), Promise.resolve()),
    }),
    store: new DirectoryStore(folder),
    ...{ repository: "o/r", pullRequest: 7, author: undefined, fork: false, say: (line) => void said.push(line) },
    ...more,
  });
  const tell = (from: PreviewModel, more: Parameters<typeof publication>[0] = {}) =>
    tellComment(publication(more), from);
  const markers = () => server.comments.map(({ body }) => readMarker(body)?.run);
  const body = () => server.comments[0]?.body ?? "";

  it("is made once and edited from then on, with what earlier runs said", async () => {
    assert.equal((await tell(runNumber(10))).outcome, "created");
    const { outcome, url } = await tell(runNumber(11));
    assert.deepEqual([outcome, url], ["updated", "https://github.example/c/1"]);
    for (const id of [12, 13, 14]) await tell(runNumber(id));
    assert.equal(server.comments.length, 1);
    assert.match(body(), /run 14/);
    assert.equal(
      body()
        .match(/Earlier: (.*)<\/sub>/)?.[1]
        ?.split(" · ").length,
      3,
    );
  });

  it("is found behind hundreds of others, over all pages", async () => {
    for (let at = 0; at < 150; at += 1) server.add(`chatter ${at}`, "octocat");
    await tell(runNumber(10));
    for (let at = 0; at < 150; at += 1) server.add(`chatter ${at}`, "octocat");
    assert.equal((await tell(runNumber(11))).outcome, "updated");
    assert.deepEqual(
      markers().filter((run) => run !== undefined),
      [11],
    );
  });

  it("is not taken from somebody else who copied its marker", async () => {
    await tell(runNumber(10));
    const [mine] = server.comments;
    server.comments = [];
    const forged = server.add(mine?.body ?? "", "mallory");
    assert.equal((await tell(runNumber(11), { store: new DirectoryStore(join(folder, "other")) })).outcome, "created");
    assert.equal(forged.body, mine?.body);
    assert.equal(server.comments.length, 2);
  });

  it("is left alone when nothing changed, whatever run says so, and mended when somebody edited it", async () => {
    await tell(runNumber(10, "same"));
    assert.equal((await tell(runNumber(11, "same"))).outcome, "unchanged");
    assert.equal(server.count("PATCH", /./), 0);
    const [comment] = server.comments;
    if (comment) comment.body = comment.body.replace("same", "nothing to see here");
    assert.equal((await tell(runNumber(12, "same"))).outcome, "updated");
    assert.doesNotMatch(body(), /nothing to see/);
  });

  it("keeps what the newest run says: an older one, or an older attempt, gives way", async () => {
    await tell(runNumber(12, "new", 2));
    assert.equal((await tell(runNumber(11))).outcome, "superseded");
    assert.equal((await tell(runNumber(12, "old", 1))).outcome, "superseded");
    // Without the store of the others, by the comment itself.
    assert.equal((await tell(runNumber(11), { store: new DirectoryStore(join(folder, "x")) })).outcome, "superseded");
    assert.match(body(), /new/);
    assert.equal((await tell(runNumber(12, "again", 3))).outcome, "updated");
  });

  it("gives way to a newer run that was left alone because it said the same", async () => {
    await tell(runNumber(10, "a"));
    await tell(runNumber(12, "a"));
    assert.equal((await tell(runNumber(11, "b"))).outcome, "superseded");
    assert.doesNotMatch(body(), /aws:sns\/topic:Topic b/);
  });

  it("is put right by an older run that wrote over a newer one at the last moment", async () => {
    await tell(runNumber(1));
    let once = true;
    server.before = async (asked) => {
      if (!isEdit(asked) || !once) return;
      once = false;
      // The older run has looked and is about to write: now the newer one comes and goes.
      assert.equal((await tell(runNumber(12, "newer"))).outcome, "updated");
    };
    assert.equal((await tell(runNumber(11, "older"))).outcome, "superseded");
    assert.match(body(), /newer/);
    assert.doesNotMatch(body(), /older/);
  });

  it("ends as one comment of the newest run, however many write at once", async function () {
    this.timeout(20_000);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 5 }), async (ids) => {
        [server.comments, server.minimised] = [[], []];
        const store = new DirectoryStore(await mkdtemp(join(folder, "race-")));
        const told = await Promise.all(ids.map((id) => tell(runNumber(id), { store })));
        assert.ok(
          told.every(({ outcome }) => ["created", "updated", "superseded"].includes(outcome)),
          JSON.stringify(told),
        );
        const open = server.comments.filter(({ node_id }) => !server.minimised.includes(node_id));
        assert.deepEqual(
          open.map(({ body: text }) => readMarker(text)?.run),
          [Math.max(...ids)],
        );
      }),
      { numRuns: 10 },
    );
  });

  it("is not made twice where an answer got lost", async () => {
    server.faults = [times(1, isCreate, { status: 502, after: true })];
    assert.equal((await tell(runNumber(10))).outcome, "created");
    assert.equal(server.comments.length, 1);
    server.comments = [];
    server.faults = [times(1, isCreate, { status: 502 })];
    await tell(runNumber(11));
    assert.equal(server.comments.length, 1);
  });

  it("folds what older versions and other tools left, and deletes nothing of it", async () => {
    const old = server.add("### Preview of `abc`\n\nof an older version");
    const other = server.add("a bot says hello");
    await tell(runNumber(10));
    assert.deepEqual(server.minimised, [old.node_id]);
    assert.deepEqual(
      server.comments.map(({ id }) => id),
      [old.id, other.id, 3],
    );
  });

  it("is the oldest of two; the other is folded and stays readable", async () => {
    await tell(runNumber(10));
    const second = server.add(body());
    assert.equal((await tell(runNumber(11))).outcome, "updated");
    assert.deepEqual(server.minimised, [second.node_id]);
    assert.deepEqual(markers(), [11, 10]);
  });

  it("says that a token may only read, and why", async () => {
    const reader = await tell(runNumber(10), { token: "reader", fork: true });
    assert.deepEqual(reader, {
      outcome: "read-only",
      url: undefined,
      reason: "the change comes from a fork, whose token may only read",
    });
    assert.equal((await tell(runNumber(10), { github: undefined })).outcome, "read-only");
    assert.equal((await tell(runNumber(10), { pullRequest: undefined })).outcome, "not-asked");
  });

  it("says what failed, and never the token", async () => {
    server.faults = [times(99, () => true, { status: 503 })];
    const failed = await tell(runNumber(10));
    assert.equal(failed.outcome, "failed");
    assert.match(failed.reason ?? "", /503/);
    assert.deepEqual(waited, [1000, 2000, 4000, 8000]);
    server.faults = [];
    const unknown = await tell(runNumber(10), { token: "wrong-token" });
    assert.match(unknown.reason ?? "", /401 Bad credentials/);
    assert.doesNotMatch(JSON.stringify([failed, unknown, said]), /wrong-token/);
  });

  it("fits, with 50,000 resources that are replaced", async function () {
    this.timeout(10_000);
    const many = Array.from({ length: 50_000 }, (_, at) => change({ name: `name-${at}`, op: "replace" }));
    assert.equal((await tell(model([stack("prod", many)]))).outcome, "created");
    assert.ok(body().length < 65_536);
    assert.match(body(), /50000 resources are replaced or deleted/);
  });

  it("has a check of the same verdict, with remarks fifty at a time, and the newest run's counts", async () => {
    const files = Array.from({ length: 120 }, (_, at) => ({ path: `services/a/${at}.py`, stacks: ["dev"] }));
    const affected = { why: "main", everything: false, stacks: [], skipped: [], files };
    const failure = { message: "no", changed: "nothing", pending: [], source: "index.ts:12" };
    const broken = model([stack("dev", [], { outcome: "failed", failure })], { affected });
    assert.equal((await tellCheck(publication(), broken)).outcome, "created");
    const [check] = server.checks;
    assert.deepEqual([check?.conclusion, check?.head_sha, check?.annotations.length], ["failure", head, 121]);
    assert.deepEqual(check?.annotations[0], {
      ...{ path: "index.ts", start_line: 12, end_line: 12, annotation_level: "failure" },
      ...{ title: "dev: the preview failed", message: "no" },
    });
    assert.equal((await tellCheck(publication(), runNumber(3))).outcome, "superseded");
    assert.equal((await tellCheck(publication({ token: "reader" }), broken)).outcome, "read-only");
    assert.equal((await tellCheck(publication(), runNumber(13))).outcome, "created");
    assert.equal(server.checks[1]?.conclusion, "success");
  });
});
