import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { GitHubServer } from "../github/server.ts";
import { live, makeCheckout, type Checkout } from "../support/checkout.ts";
import { someSpRepository } from "../support/sp-repository.ts";
import { startWalk, type Walk } from "../support/walk.ts";

const projectRoot = join(import.meta.dirname, "..", "..");
const processor = "streams/processors/stock_levels.json";
/** Those that the pages name; fourteen take longer and show nothing else. */
const kept = ["stock_levels", "alert_system"];
const address = (said: string) => /http:\/\/127\.0\.0\.1:\d+\/?/u.exec(said)?.[0];

/** One platform in one sandbox, at first with nothing in it. The sections build on each other. */
describe("pages, word for word", function () {
  this.timeout(900_000);
  const github = new GitHubServer();
  let checkout: Checkout;
  let walk: Walk;

  before(async () => {
    await github.start();
    checkout = await makeCheckout({ streams: true });
    await keepProcessors();
    await someSpRepository(join(checkout.root, "..", "my-streams"));
    walk = startWalk("test/e2e/pages.test.ts", {
      root: checkout.root,
      environment: {
        ...checkout.environment,
        GITHUB_API_URL: github.url,
        SLIPWAY_MODEL_PYTHON: live["SLIPWAY_SANDBOX_PYTHON"] ?? "",
        SLIPWAY_SANDBOX_PYTHON: live["SLIPWAY_SANDBOX_PYTHON"] ?? "",
      },
    });
  });
  after(async () => {
    await checkout?.remove();
    await github.stop();
  });

  const git = (...args: string[]) => checkout.git(...args);
  const file = (path: string) => join(checkout.root, path);
  const commit = async (message: string) => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
  };
  const releases = async (environment: string) =>
    (await checkout.slipway("history", environment, "--json", "--limit", "100")).json.records.flatMap(
      ({ release }) => release ?? [],
    );

  async function keepProcessors(): Promise<void> {
    for (const folder of ["processors", "tests", "policies"])
      for (const name of await readdir(file(`streams/${folder}`)))
        if (!kept.includes(name.split(".")[0] ?? "")) await rm(file(`streams/${folder}/${name}`));
    await commit("feat(streams): two processors");
    await git("push", "--quiet", "origin", "main");
  }

  it("README: npm start", async () => {
    // The dependencies are there: the checkout shares those of the tests.
    const said = await walk.follow("README.md#two-commands", {}, { "npm ci && ": "" });
    assert.match(said, /prod/u);
  });

  it("README: the driver", async () => {
    await walk.follow("README.md#the-driver", {
      "./slipway rollback prod": { code: 6 },
      "./slipway board": { serves: address },
      "./slipway policy check prod": { before: bringPolicies },
      "./slipway doctor --go-live": { code: 23 },
    });
    await putPoliciesAside();
    assert.equal(await git("status", "--porcelain"), "", "what the pages write is nothing to commit");
  });

  it("README: the data pipeline", () => walk.follow("README.md#the-data-pipeline"));

  it("streams: a change, and how it takes over", async () => {
    await git("checkout", "--quiet", "-b", "levels");
    await writeFile(file(processor), (await readFile(file(processor), "utf8")).replace("10485760", "20971520"));
    await commit("feat(streams): remember more products");
    const merge = async () => {
      await git("checkout", "--quiet", "main");
      await git("merge", "--quiet", "levels");
      await git("push", "--quiet", "origin", "main");
    };
    const said = await walk.follow("docs/streams.md#i-change-a-processor", { "./slipway up dev": { before: merge } });
    assert.match(said, /maxMemUsageBytes: 10485760 -> 20971520/u);
    await walk.follow("README.md#stream-processors", { "./slipway streams dlq": deadLetters });
    await walk.follow("docs/streams.md#how-a-version-takes-over-in-prod");
    // Forward again: what is deployed and does not run would be told from here on.
    assert.equal((await checkout.slipway("streams", "blue-green", "prod", "stock_levels")).code, 0);
  });

  it("streams: figures, dead letters, backups", async () => {
    await walk.follow("docs/streams.md#is-it-well");
    await walk.follow(
      "docs/streams.md#the-dead-letter-queue-grows",
      { "./slipway streams dlq prod": deadLetters, "./slipway streams dlq --documents": { before: exportLetters } },
      { "--duration 5m": "--duration 3s" },
    );
    // A reader moves its cases into the tests.
    await rm(file("streams/tests/stock_levels.dlq.json"));
    const backup = async () => (await readdir(file(".sandbox/store/streams/prod/backups"))).at(-1)?.slice(0, 24) ?? "";
    await walk.follow(
      "docs/streams.md#backup-and-restore",
      {
        "./slipway streams restore prod backup/": {
          before: () => checkout.slipway("streams", "backup", "prod", "--out", "backup"),
        },
      },
      { "2026-03-01": backup },
    );
    const stack = parse(await readFile(file("Pulumi.prod.yaml"), "utf8")) as {
      config: Record<string, { projectId: string }>;
    };
    const words = {
      "--duration 10m --interval 30s --warm-up 2m": "--duration 4s --interval 1s --warm-up 1s",
      "3f2a": async () => (await releases("prod"))[0]?.slice(0, 12) ?? "",
      "64a1…": stack.config["slipway:streams"]?.projectId ?? "",
      theirs: "spare",
    };
    await walk.follow("docs/streams-observe.md", {}, words);
  });

  it("operations", async () => {
    const page = "docs/operations.md";
    await walk.follow(`${page}#where-do-things-stand`);
    const [now = ""] = await releases("prod");
    await walk.follow(`${page}#go-back-by-hand`, {}, { "3f2a9c": now.slice(0, 12) });
    await walk.follow(`${page}#promotion-is-refused-exit-23-24-25`);
    const digest = async () =>
      /[0-9a-f]{64}/u.exec((await checkout.slipway("plan", "show", "prod.plan", "--json")).stdout)?.[0] ?? "";
    await walk.follow(`${page}#plans-and-a-plan-that-is-refused-exit-22`, {}, { DIGEST: digest });
    await walk.follow(`${page}#drift`);
    await walk.follow(`${page}#before-going-live`, { "./slipway doctor --go-live": { code: 23 } }, { "=…": "=any" });
  });

  it("board, policy", async () => {
    await walk.follow("docs/board.md#the-board", { "./slipway board --port 0": { serves: address } });
    await walk.follow("docs/board.md#the-metrics-page");
    await bringPolicies();
    await walk.follow("docs/policy.md");
    await putPoliciesAside();
  });

  it("recipes of those who come from elsewhere", async () => {
    const recipe = (name: string) => `docs/recipes/move-from-${name}.md`;
    await walk.follow(recipe("promotion-tags"));
    await walk.follow(recipe("gitops-guide"));
    await walk.follow(recipe("etl"));
    await walk.follow(recipe("sp"));
    assert.ok(existsSync(file("streams/processors/visits.json")));
  });

  it("the sandbox", async () => {
    const serve = "./slipway sandbox serve";
    // What else is done here needs no process of a service.
    const words = { [serve]: `SLIPWAY_SANDBOX_LIVE=auto ${serve}` };
    await walk.follow("docs/streams-simulator.md#in-the-sandbox", { [serve]: { serves: address } }, words);
    await walk.follow(
      "README.md#what-the-sandbox-is",
      { [serve]: { serves: address } },
      // A terminal would ask.
      { ...words, "sandbox reset": "sandbox reset --yes" },
    );
  });

  it("no page is left out", () => walk.done());

  /** The queue as `mongoexport` leaves it. */
  async function exportLetters(): Promise<void> {
    const letter = {
      ...{ processorName: "stock_levels", operatorName: "$replaceWith", dlqTime: { $date: "2026-03-01T00:00:00Z" } },
      ...{ errInfo: { reason: "$mergeObjects requires object inputs" }, doc: { _id: "m5", lines: "not a line" } },
    };
    await writeFile(file("dlq.json"), `${JSON.stringify(letter)}\n`);
  }

  const pack = "policy/engine/PulumiPolicy.yaml";
  const suppressions = "policy/suppressions.yaml";

  /** The pack would look at each update twice. What this platform has not, the identity of workflows and the lake, no suppression may be about. */
  async function bringPolicies(): Promise<void> {
    await cp(join(projectRoot, pack), file(pack));
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const reason = "This checkout has no identity of workflows.";
    const boundary = { rule: "iam-boundary", resource: "*", stacks: ["dev", "prod"], reason, until };
    await writeFile(file(suppressions), JSON.stringify({ suppressions: [boundary] }));
  }

  async function putPoliciesAside(): Promise<void> {
    await rm(file(pack));
    await git("checkout", "--quiet", "--", suppressions);
  }
});

/** Documents of the sample may be dead by then. */
const deadLetters = { code: 0 };
