import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { run } from "../../automation/commands/metrics.ts";
import { createContext } from "../../automation/context.ts";
import { commitGraph } from "../../automation/metrics/commit-graph.ts";
import type { EnvironmentMetrics } from "../../automation/metrics/four-keys.ts";
import { append } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry } from "../../automation/promotion/ledger-records.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { commitFiles, failsWith, gitIn, repositoryWith, scratch } from "../git/throw-away.ts";
import { releaseOf } from "../promotion/entries.ts";

const temporary = scratch();
after(() => temporary.clear());

const silent = () => new Writable({ write: (_chunk, _encoding, next) => next() });
const hour = 3_600_000;
/** Every commit of a throw-away repository is made at this time. */
const committed = Date.parse("2026-01-02T03:04:05Z");

async function ask(root: string, options: Record<string, unknown> = {}) {
  const { signal } = new AbortController();
  const streams = { stdout: silent(), stderr: silent(), signal, terminate: signal };
  const context = createContext({ options: {}, environment: { NO_COLOR: "1" }, cwd: root, ...streams });
  const result = await run({ ...context, now: () => new Date(committed + 10 * 24 * hour) }, [], options);
  return { ...result, environments: result.json["environments"] as EnvironmentMetrics[] };
}

describe("slipway metrics", () => {
  let root = "";
  let commits: string[] = [];

  before(async () => {
    root = temporary.directory();
    const policy = readFileSync(join(import.meta.dirname, "..", "..", "config", "promotion.yaml"), "utf8");
    const stacks = Object.fromEntries(
      ["dev", "staging", "prod"].map((stack) => [`Pulumi.${stack}.yaml`, "config: {}\n"]),
    );
    const files = {
      "Pulumi.yaml": "name: slip<way>\n",
      "config/promotion.yaml": policy,
      ".gitignore": ".slipway/\n",
      ...stacks,
    };
    commits = [repositoryWith(root, files), ...[1, 2, 3].map((n) => commitFiles(root, { a: String(n) }))];
    const store = new DirectoryStore(join(root, ".slipway", "store"));
    const record = (after: number, entry: LedgerEntry) =>
      append(store, "prod", entry, () => new Date(committed + after * hour));
    const subject = (n: number) => ({
      by: "ada",
      release: releaseOf(n),
      ...(commits[n] === undefined ? {} : { commit: commits[n] }),
    });
    const promoted = { kind: "promoted", verb: "promote", seconds: 60, resources: 1, changes: {} } as const;
    const verified = { kind: "verified" as const, seconds: 1, checks: [] };
    await record(1, { ...promoted, ...subject(0) });
    await record(2, { ...verified, ...subject(0) });
    await record(20, { ...promoted, ...subject(3) });
    await record(21, { kind: "failed", stage: "verify", seconds: 1, error: "down", ...subject(3) });
    await record(23, { kind: "rolled-back", reason: "down", seconds: 1, from: releaseOf(3), ...subject(0) });
    await record(24, { ...verified, ...subject(0) });
    await record(30, { ...promoted, ...subject(3) });
    await record(31, { ...verified, ...subject(3) });
  });

  it("gives the four keys of every environment, lead time from the commits of git", async () => {
    const { environments, exitCode, text } = await ask(root);
    assert.equal(exitCode, 0);
    assert.deepEqual(
      environments.map(({ environment }) => environment),
      ["dev", "staging", "prod"],
    );
    const prod = environments[2];
    assert.ok(prod);
    assert.deepEqual(prod.outcomes, { succeeded: 2, unverified: 0, failed: 1, interrupted: 0 });
    // The first deployment counts its own commit, the other the three that came with it.
    assert.deepEqual(prod.leadTime, { count: 4, mean: ((2 + 31 * 3) / 4) * 3600, median: 31 * 3600, p90: 31 * 3600 });
    assert.deepEqual([prod.changeFailureRate, prod.successRate], [1 / 3, 2 / 3]);
    assert.deepEqual([prod.timeToRestore.count, prod.timeToRestore.median], [1, 3 * 3600]);
    assert.match(text, /prod +3 +weekly, \d+\.\d a week +1 d 7 h \(p90 1 d 7 h\) +33\.3 % +3 h 0 min .*66\.7 %/);
    const { changeFailureRate, failingSince, leadTime } = environments[0] ?? {};
    assert.deepEqual([changeFailureRate, failingSince, leadTime?.median], [null, null, null]);
    assert.match(text, /dev +0 +never +- +- +- +-/);
  });

  it("is cut to an environment and to days", async () => {
    assert.deepEqual(
      (await ask(root, { environment: "prod" })).environments.map(({ environment }) => environment),
      ["prod"],
    );
    const { environments } = await ask(root, { environment: "prod", days: "9" });
    assert.deepEqual(environments[0]?.outcomes, { succeeded: 1, unverified: 0, failed: 0, interrupted: 0 });
  });

  it("writes a page, whole and over an old one, and says where", async () => {
    const folder = join(temporary.directory(), "new", "folder");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "metrics.html");
    writeFileSync(file, "old");
    const { text, json } = await ask(root, { html: file });
    assert.match(text, /page written to .*metrics\.html/);
    assert.equal(json["html"], file);
    assert.match(readFileSync(file, "utf8"), /<h1>slip&lt;way&gt;: delivery metrics<\/h1>[\s\S]*<\/html>\s*$/);
    assert.deepEqual(readdirSync(folder), ["metrics.html"]);
  });

  it("says why a page cannot be written and leaves nothing behind", async () => {
    const folder = temporary.directory();
    mkdirSync(join(folder, "taken"));
    await assert.rejects(ask(root, { html: join(folder, "taken") }), failsWith(2, /could not be written/));
    assert.deepEqual(readdirSync(folder), ["taken"]);
    writeFileSync(join(folder, "file"), "");
    await assert.rejects(ask(root, { html: join(folder, "file", "x.html") }), failsWith(2, /could not be written/));
  });

  const wrong: [string, Record<string, unknown>, number, RegExp][] = [
    ["an unknown environment", { environment: "prd" }, 6, /no stack "prd"/],
    ["days that are none", { days: "soon" }, 2, /--days: got "soon"/],
    ["more days than there are", { days: "999999" }, 2, /expected at most 36500/],
  ];
  for (const [what, options, code, message] of wrong)
    it(`refuses ${what}`, () => assert.rejects(ask(root, options), failsWith(code, message)));

  it("reads times and parents in one go, and leaves out what this clone lacks", async () => {
    gitIn(root, "config", "log.showSignature", "true");
    const graph = await commitGraph(root, [commits[3] ?? "", "1".repeat(40), commits[1] ?? ""]);
    assert.deepEqual([...graph.keys()].sort(), [...commits].sort());
    assert.deepEqual(graph.get(commits[3] ?? ""), { time: committed, parents: [commits[2]] });
    assert.deepEqual(graph.get(commits[0] ?? "")?.parents, []);
    assert.equal((await commitGraph(root, [])).size, 0);
    assert.equal((await commitGraph(root, ["1".repeat(40)])).size, 0);
  });

  it("counts commits that this clone lacks and says how to get them", async () => {
    const store = new DirectoryStore(join(root, ".slipway", "store"));
    const subject = { by: "ada", release: releaseOf(9), commit: "9".repeat(40) };
    const clock = () => new Date(committed + 40 * hour);
    await append(
      store,
      "dev",
      { kind: "promoted", verb: "up", seconds: 1, resources: 1, changes: {}, ...subject },
      clock,
    );
    await append(store, "dev", { kind: "verified", seconds: 1, checks: [], ...subject }, clock);
    const { environments, text } = await ask(root, { environment: "dev" });
    assert.deepEqual([environments[0]?.unknownCommits, environments[0]?.leadTime.count], [1, 0]);
    assert.match(text, /1 commit not in this clone.*git fetch --unshallow/);
  });
});
