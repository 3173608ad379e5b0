import assert from "node:assert/strict";
import { connectGitHub, nextOf } from "../../automation/github/client.ts";
import { pauseBefore } from "../../automation/github/patience.ts";
import { GitHubProblem } from "../../automation/github/problem.ts";
import { GitHubServer, times } from "./server.ts";

const comments = "/repos/o/r/issues/7/comments";
const problem = (kind: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GitHubProblem, String(error));
  assert.equal(error.kind, kind);
  assert.match(error.message, message);
  return true;
};

describe("GitHub's REST API", () => {
  let server: GitHubServer;
  let waited: number[];
  const now = 1_700_000_000_000;

  beforeEach(async () => {
    server = new GitHubServer();
    await server.start();
    waited = [];
  });
  afterEach(() => server.stop());

  const connect = (more: { patienceMs?: number; token?: string; timeoutMs?: number } = {}) =>
    connectGitHub({
      ...{ apiUrl: server.url, token: "actions", now: () => now, ...more },
      wait: (milliseconds) => (waited.push(milliseconds), Promise.resolve()),
    });

  it("is read over all pages, and again only where something changed", async () => {
    for (let at = 0; at < 250; at += 1) server.add(`${at}`);
    const github = connect();
    const bodies = async () =>
      ((await github.list(`${comments}?per_page=100`)) as { body: string }[]).map(({ body }) => body);
    assert.deepEqual(
      await bodies(),
      Array.from({ length: 250 }, (_, at) => `${at}`),
    );
    const { comments: stored } = server;
    if (stored[249]) stored[249].body = "changed";
    assert.equal((await bodies()).at(-1), "changed");
    assert.deepEqual(
      server.asked.map(({ ifNoneMatch }) => ifNoneMatch !== undefined),
      [false, false, false, true, true, true],
    );
  });

  const table: [name: string, status: number, headers: Record<string, string>, body: string, waits: number][] = [
    [
      "a secondary limit with retry-after",
      403,
      { "retry-after": "7" },
      '{"message":"You have exceeded a secondary rate limit"}',
      7000,
    ],
    ["a secondary limit that says no time", 403, {}, '{"message":"You have exceeded a secondary rate limit"}', 60_000],
    [
      "a primary limit",
      403,
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 + 30) },
      "{}",
      31_000,
    ],
    ["429", 429, { "retry-after": "2" }, "", 2000],
    ["a server that fails", 502, {}, "<html>", 1000],
  ];
  for (const [name, status, headers, body, waits] of table)
    it(`is asked again after ${name}`, async () => {
      server.faults = [times(1, () => true, { status, headers, body })];
      assert.deepEqual(await connect().list(comments), []);
      assert.deepEqual(waited, [waits]);
    });

  it("is not waited for beyond all patience", async () => {
    server.faults = [
      times(9, () => true, { status: 403, headers: { "retry-after": "3600" }, body: '{"message":"slow down"}' }),
    ];
    await assert.rejects(connect().list(comments), problem("limited", /wants 3600 s of patience/));
    assert.deepEqual(waited, []);
  });

  it("is not asked a second time for what may have been done", async () => {
    server.faults = [times(1, () => true, { status: 502 })];
    await assert.rejects(connect().request("POST", comments, { body: "x" }), problem("broken", /502/));
    server.faults = [times(1, () => true, { status: 429, headers: { "retry-after": "1" } })];
    await connect().request("POST", comments, { body: "x" });
    assert.equal(server.comments.length, 1);
  });

  it("refuses without being asked again", async () => {
    await assert.rejects(
      connect({ token: "reader" }).request("POST", comments, {}),
      problem("forbidden", /not accessible/),
    );
    await assert.rejects(connect({ token: "none" }).list(comments), problem("unauthorised", /401/));
    await assert.rejects(connect().request("GET", "/repos/o/r/nothing"), problem("missing", /404/));
    await assert.rejects(
      connect().request("POST", comments, { body: "x".repeat(70_000) }),
      problem("refused", /too long/),
    );
    assert.deepEqual(waited, []);
  });

  it("never sees the token anywhere but on its own host", async () => {
    const other = new GitHubServer();
    await other.start();
    try {
      const elsewhere = `${other.url}${comments}`;
      server.faults = [
        times(1, () => true, { status: 200, headers: { link: `<${elsewhere}>; rel="next"` }, body: "[]" }),
      ];
      await assert.rejects(connect().list(comments), problem("broken", /another host/));
      server.faults = [times(1, () => true, { status: 301, headers: { location: elsewhere } })];
      await assert.rejects(connect().list(comments), problem("broken", /another host/));
      assert.deepEqual(other.asked, []);
    } finally {
      await other.stop();
    }
  });

  it("is followed where a repository was renamed, with the same method", async () => {
    server.faults = [
      ({ path }) =>
        path.includes("/old/") ? { status: 307, headers: { location: path.replace("/old/r", "/o/r") } } : undefined,
    ];
    await connect().request("POST", comments.replace("/o/", "/old/"), { body: "x" });
    assert.equal(server.comments[0]?.body, "x");
  });

  it("is not believed where it answers something else", async () => {
    server.faults = [times(1, () => true, { status: 200, body: "<html>" })];
    await assert.rejects(connect().list(comments), problem("broken", /not JSON/));
    server.faults = [times(1, () => true, { status: 200, body: "{}" })];
    await assert.rejects(connect().list(comments), problem("broken", /no list/));
  });

  it("is out of reach with a reason", async () => {
    const github = connect();
    await server.stop();
    await assert.rejects(github.list(comments), problem("broken", /could not be reached \(ECONNREFUSED\)/));
    await server.start();
  });

  it("names the next page in any order", () => {
    assert.equal(nextOf('<https://x/?page=1>; rel="prev", <https://x/?page=3>; rel="next"'), "https://x/?page=3");
    assert.equal(nextOf('<https://x/?page=1>; rel="last"'), undefined);
    assert.equal(nextOf(null), undefined);
  });

  it("is given up after five attempts", () => {
    const refusal = { method: "GET", status: 503, headers: new Headers(), message: "", now };
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((attempt) => pauseBefore({ ...refusal, attempt })),
      [1000, 2000, 4000, 8000, undefined],
    );
  });
});
