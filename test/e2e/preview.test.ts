import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeCheckout, type Checkout, type DriverRun } from "../support/checkout.ts";
import { GitHubServer, times } from "../github/server.ts";

/** From a preview on the real engine to the comment of a pull request. The tests build on each other. */
describe("the preview of a pull request", function () {
  this.timeout(120_000);
  let checkout: Checkout;
  let server: GitHubServer;
  let out = "";
  let summary = "";
  let actions: Record<string, string> = {};

  before(async () => {
    [checkout, server] = [await makeCheckout(), new GitHubServer()];
    await server.start();
    const home = dirname(checkout.root);
    [out, summary] = [join(home, "results"), join(home, "summary.md")];
    const event = join(home, "event.json");
    const head = { sha: "a".repeat(40), repo: { full_name: "fork/r" } };
    await writeFile(event, JSON.stringify({ pull_request: { number: 7, head } }));
    actions = {
      ...{ GITHUB_REPOSITORY: "o/r", GITHUB_RUN_ID: "100", GITHUB_RUN_ATTEMPT: "1", GITHUB_EVENT_PATH: event },
      ...{ GITHUB_API_URL: server.url, GITHUB_SERVER_URL: "https://github.example", GITHUB_STEP_SUMMARY: summary },
      GITHUB_TOKEN: "actions",
    };
  });
  after(async () => {
    await server.stop();
    await checkout.remove();
  });

  const slipway = (more: Record<string, string>, ...args: string[]) =>
    checkout.slipwayWith({ ...actions, ...more }, ...args);
  const comment = (more: Record<string, string> = {}, ...args: string[]) =>
    slipway(more, "comment", "--out", out, "--json", ...args);
  const told = ({ json }: DriverRun) =>
    json as unknown as { comment: { outcome: string; reason: string }; check: { outcome: string }; headline: string };

  it("is left by each job, a stack that cannot be previewed included", async () => {
    const good = await slipway({}, "preview", "operations", "--comment", "--out", out, "--json");
    assert.equal(good.code, 0, good.stderr);
    await writeFile(join(checkout.root, "left-over.txt"), "not committed");
    const bad = await slipway({}, "preview", "dev", "--affected", "--comment", "--out", out);
    assert.notEqual(bad.code, 0);
    assert.match(bad.stdout, /failed.* dev: .*operations has no outputs yet/);
  });

  it("is told once, as one comment and one check, and not again when nothing changed", async () => {
    const first = await comment();
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual([told(first).comment.outcome, told(first).check.outcome], ["created", "created"]);
    assert.equal(server.comments.length, 1);
    const body = server.comments[0]?.body ?? "";
    assert.match(body, /\*\*dev\*\*: the preview \*\*failed\*\*/);
    assert.match(body, /\*\*operations\*\*: \d+ creates/);
    assert.match(body, /### Preview of `aaaaaaaaaaaa` \(sandbox\)/);
    assert.match(body, /\+ aws:ecr\/repository:Repository operations-api-repository/);
    assert.ok(!body.includes(checkout.root), "the comment says where the checkout lies");
    assert.deepEqual(
      server.checks.map(({ conclusion }) => conclusion),
      ["failure"],
    );
    assert.equal(told(await comment()).comment.outcome, "unchanged");
  });

  it("ends a gate with what the preview ended with, and shows a job that never reported", async () => {
    const gate = await comment({ GITHUB_RUN_ID: "100" }, "--gate", "--expect", "staging");
    assert.notEqual(gate.code, 0);
    assert.match(server.comments[0]?.body ?? "", /\| \*\*staging\*\* \|.*\*\*no result\*\*/);
  });

  it("goes to summary and files where the token may only read, says so, and fails nothing", async () => {
    const read = await comment({ GITHUB_TOKEN: "reader", GITHUB_RUN_ATTEMPT: "2" });
    assert.equal(read.code, 0, read.stderr);
    assert.equal(told(read).comment.outcome, "read-only");
    assert.match(told(read).comment.reason, /fork/);
    for (const file of [summary, join(out, "comment.md"), join(out, "preview.md")])
      assert.match(await readFile(file, "utf8"), /There is no comment for this preview: its token may not write one/);
    const json = JSON.parse(await readFile(join(out, "preview.json"), "utf8")) as { verdict: string };
    assert.equal(json.verdict, "failed");
  });

  it("has an exit code of its own where GitHub fails", async () => {
    server.faults = [times(99, ({ path }) => path.includes("/comments"), { status: 422, body: '{"message":"no"}' })];
    const failed = await comment({ GITHUB_RUN_ATTEMPT: "3" });
    assert.equal(failed.code, 28, failed.stderr);
    assert.equal(told(failed).comment.outcome, "failed");
    assert.doesNotMatch(failed.stdout + failed.stderr, /Bearer|"actions"/);
  });

  it("finds changes where none were expected, and is left all the same", async () => {
    const elsewhere = join(dirname(out), "unexpected");
    const asked = ["preview", "operations", "--comment", "--expect-no-changes", "--out", elsewhere, "--json"];
    const { code, json } = await slipway({}, ...asked);
    assert.equal(code, 7);
    assert.deepEqual((json as unknown as { left: object }).left, { at: elsewhere });
  });

  const mixtures: [words: string[], says: RegExp][] = [
    [["operations", "--comment", "--save-plan", "p"], /^--save-plan is of one stack/],
    [["--comment"], /^No stack is named/],
    [["operations", "--drift", "--base", "main"], /^--base says what --affected compares with/],
    [["operations", "--drift", "--out", "x"], /^--out says where --comment leaves/],
    [["operations", "dev", "--save-plan", "p"], /^A plan is of one stack/],
    [["operations", "--timeout", "soon"], /^--timeout: got "soon", expected a positive whole number/],
  ];
  for (const [words, says] of mixtures)
    it(`is not asked for as ${words.join(" ")}`, async () => {
      const { code, json } = await slipway({}, "preview", ...words, "--json");
      assert.equal(code, 2);
      assert.match(json.error.message, says);
    });

  it("gives up after the time that it is given, whatever it is told as", async () => {
    const plain = await slipway({}, "preview", "operations", "--timeout", "1", "--json");
    assert.equal(plain.code, 9, plain.stderr);
    const told = await slipway({}, "preview", "operations", "--drift", "--timeout", "1", "--json");
    assert.equal(told.code, 9, told.stderr);
  });

  it("is nothing where no job left anything", async () => {
    const none = await slipway({ GITHUB_RUN_ID: "101" }, "comment", "--out", out, "--json");
    assert.equal(none.code, 6);
    assert.match(none.json.error.next, /preview --affected --comment/);
  });
});
