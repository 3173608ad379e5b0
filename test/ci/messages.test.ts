import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../automation/context.ts";
import { excused, longestSubject, messageTypes, problemsOf } from "../../automation/ci/conventional.ts";
import type { Judged } from "../../automation/ci/messages.ts";
import { run } from "../../automation/commands/ci-messages.ts";
import { ExitCode } from "../../automation/errors.ts";
import { cloneFixture, commitFiles, failsWith, gitIn, scratch, writeFiles } from "../git/throw-away.ts";
import { GitHubServer } from "../github/server.ts";

const policy = readFileSync(join(import.meta.dirname, "../../config/promotion.yaml"), "utf8");

describe("Conventional Commits", () => {
  const fine = [
    ...messageTypes.map((type) => `${type}: something`),
    "feat(streams): keep offsets",
    "feat(data, model): one schema",
    "fix(services/api)!: answer 409",
    "fix: wait...",
    "fix: std::vector, not a list",
    "docs: über 1 000 Zeilen\n\nA body.\n\nRefs: #7\nBREAKING CHANGE: none",
    "feat: windows\r\n\r\nlines",
    `fix: ${"x".repeat(longestSubject - 5)}`,
  ];
  for (const text of fine)
    it(`are ${JSON.stringify(text.slice(0, 40))}`, () => assert.deepEqual(problemsOf({ text }), []));

  const wrong: [text: string, problem: RegExp][] = [
    ["", /^it is empty$/u],
    ["\n\nfix: below", /^it is empty$/u],
    ["Fix the build", /does not begin with a type and a colon/u],
    ["fix the build: now", /does not begin with a type and a colon/u],
    ["fix (api): x", /does not begin with a type and a colon/u],
    ["Fix: the build", /^"Fix" is no type; use one of build, chore/u],
    ["feature: x", /^"feature" is no type/u],
    ["feat(): x", /^"\(\)" is no scope/u],
    ["feat(two words): x", /^"\(two words\)" is no scope/u],
    ["fix:x", /^exactly one space follows the colon$/u],
    ["fix:  x", /^exactly one space follows the colon$/u],
    ["fix: ", /^nothing follows the type$/u],
    ["fix: x.", /ends in a full stop$/u],
    ["fix: x\nmore", /^no empty line follows the first one$/u],
    [`fix: ${"x".repeat(longestSubject)}`, /has 165 characters, at most 160 are read$/u],
    ["fixup! fix: x", /^it waits for its squash/u],
    ["squash! fix: x", /^it waits for its squash/u],
  ];
  for (const [text, problem] of wrong)
    it(`are not ${JSON.stringify(text.slice(0, 40))}`, () => {
      const problems = problemsOf({ text });
      assert.equal(problems.length, 1, problems.join());
      assert.match(problems[0] ?? "", problem);
    });

  it("are asked of nobody who did not choose the words", () => {
    const message = { at: "1", text: "Anything", parents: 1, author: "Ada" };
    assert.equal(excused(message), undefined);
    assert.equal(excused({ ...message, parents: 2 }), "a merge");
    assert.equal(excused({ ...message, author: "dependabot[bot]" }), "written by a bot");
    assert.match(excused({ ...message, text: 'Revert "feat: x"\n\nThis reverts commit 1.' }) ?? "", /revert/u);
    assert.equal(excused({ ...message, text: "Revert everything" }), undefined);
  });
});

describe("slipway ci messages", () => {
  const temporary = scratch();
  const server = new GitHubServer();
  const clone = cloneFixture(temporary);
  let pull: object | undefined;
  before(async () => {
    await server.start();
    server.faults = [
      ({ path }) => (path === "/repos/o/r/pulls/7" && pull ? { status: 200, body: JSON.stringify(pull) } : undefined),
    ];
  });
  after(() => server.stop());
  beforeEach(() => {
    pull = undefined;
    gitIn(clone.root, "push", "--quiet", "origin", "main");
    writeFiles(clone.root, { "config/promotion.yaml": policy });
  });

  const ask = async (options: Record<string, string>, environment: Record<string, string> = {}) => {
    const console = { info: () => undefined };
    const context = { root: clone.root, environment, signal: new AbortController().signal, console };
    const result = await run(context as unknown as Context, [], options);
    const judged = result.json["messages"] as Judged[];
    return { ...result, refused: judged.filter(({ problems }) => problems.length > 0).map(({ subject }) => subject) };
  };
  const commit = (subject: string) => commitFiles(clone.root, {}, subject);
  /** The variables of a job of pull request 7, whose event has this title. */
  const job = (title: string, login = "ada"): Record<string, string> => {
    const file = join(temporary.directory(), "event.json");
    const head = { sha: gitIn(clone.root, "rev-parse", "HEAD"), repo: { full_name: "o/r" } };
    writeFileSync(file, JSON.stringify({ pull_request: { number: 7, title, user: { login }, head } }));
    return { GITHUB_EVENT_PATH: file, GITHUB_REPOSITORY: "o/r", GITHUB_API_URL: server.url };
  };

  it("looks at what is new, and at nothing that is older", async () => {
    assert.match((await ask({ base: clone.second })).text, /^no commit is new$/u);
    commit("feat: one");
    commit("two");
    const { exitCode, refused, text } = await ask({ base: clone.second });
    assert.deepEqual([exitCode, refused], [ExitCode.policy, ["two"]]);
    assert.match(text, /1 of 2 messages cannot be taken\n.*\n.*\n {2}next: git rebase/u);
    assert.deepEqual((await ask({})).refused, ["two"], "without a base, since the protected branch");
  });

  it("leaves alone what came from main meanwhile, and merges", async () => {
    gitIn(clone.root, "switch", "--quiet", "--create", "topic");
    commit("fix: mine");
    gitIn(clone.root, "switch", "--quiet", "main");
    commit("somebody else's, as it never should have been");
    gitIn(clone.root, "push", "--quiet", "origin", "main");
    gitIn(clone.root, "merge", "--quiet", "--no-ff", "--message", "Merge abc into def", "topic");
    const { exitCode, json, text } = await ask({ base: clone.second });
    assert.equal(exitCode, ExitCode.done);
    const judged = json["messages"] as Judged[];
    assert.deepEqual(
      judged.map(({ subject, excused: why }) => [subject, why]),
      [
        ["fix: mine", undefined],
        ["Merge abc into def", "a merge"],
      ],
    );
    assert.match(text, /2 messages, all as they should be$/u);
  });

  it("holds the title to the same, as GitHub has it now or else as the event has it", async () => {
    commit("feat: one");
    assert.deepEqual((await ask({ base: clone.second }, job("One more"))).refused, ["One more"]);
    assert.equal((await ask({ base: clone.second }, job("feat: one"))).exitCode, ExitCode.done);
    assert.equal((await ask({ base: clone.second }, job("Bump x", "dependabot[bot]"))).exitCode, ExitCode.done);
    const withToken = { ...job("One more"), GITHUB_TOKEN: "actions" };
    assert.deepEqual((await ask({ base: clone.second }, withToken)).refused, ["One more"], "GitHub does not answer");
    pull = { title: "feat: mended", user: { login: "ada" } };
    assert.equal((await ask({ base: clone.second }, withToken)).exitCode, ExitCode.done);
  });

  it("ends in words where it knows no title and no base", async () => {
    const { GITHUB_EVENT_PATH: file = "", ...environment } = job("x");
    writeFileSync(file, JSON.stringify({ pull_request: { number: 7, head: { sha: clone.first } } }));
    await assert.rejects(
      ask({ base: clone.second }, { ...environment, GITHUB_EVENT_PATH: file }),
      failsWith(ExitCode.notFound, /title of pull request 7 is not known.*pull-requests: read/u),
    );
    await assert.rejects(ask({ base: "nowhere" }), failsWith(ExitCode.notFound, /no commit, tag or branch "nowhere"/u));
  });

  it("gives neither terminal nor runner an order", async () => {
    const orders = "::add-mask::x ##[add-path]/tmp \u001b[2J\u202e";
    const { text } = await ask({ base: clone.second }, job(`\n${orders}`));
    commit(orders);
    const both = `${text}\n${(await ask({ base: clone.second }, job(orders))).text}`;
    for (const order of ["##[", "\u001b", "\u202e"]) assert.ok(!both.includes(order), JSON.stringify(order));
    for (const line of both.split("\n")) assert.doesNotMatch(line.trimStart(), /^::/u);
    assert.match(both, /::add-mask::x/u);
  });
});
