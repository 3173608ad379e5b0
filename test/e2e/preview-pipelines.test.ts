import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeCheckout, type Checkout } from "../support/checkout.ts";
import { costOf } from "../../streams/engine/advise/advise.ts";
import { shippedPrices } from "../../streams/engine/catalogue/prices.ts";
import type { Tier } from "../../streams/engine/files/documents.ts";
import { GitHubServer } from "../github/server.ts";

interface Told {
  stacks: {
    stack: string;
    counts: Record<string, number>;
    drift?: number;
    cost?: { perMonth: number; delta: number };
  }[];
  ground: { streams: { delta: number } };
  comment: { outcome: string } | null;
  left: { at: string } | null;
}

const datasets = "data/src/lakehouse/datasets";
const nickname = JSON.stringify({
  name: "nickname",
  type: "string",
  required: false,
  description: "What to call them.",
});
const price = (tier: Tier) => costOf(shippedPrices, "us-east-1", tier) ?? NaN;

/** What a request changes in pipelines, and what was changed outside meanwhile: from the engine's own events to the comment. */
describe("the preview of a request that changes pipelines", function () {
  this.timeout(300_000);
  let checkout: Checkout;
  let server: GitHubServer;
  let out = "";
  let actions: Record<string, string> = {};

  async function edit(file: string, from: string | RegExp, to: string): Promise<void> {
    const path = join(checkout.root, file);
    const text = await readFile(path, "utf8");
    const edited = text.replace(from, to);
    assert.notEqual(edited, text, `${file} holds ${String(from)}`);
    await writeFile(path, edited);
  }

  const told = async (...args: string[]): Promise<Told> => {
    const { code, json, stderr } = await checkout.slipwayWith(actions, ...args, "--json");
    assert.equal(code, 0, stderr);
    return json as unknown as Told;
  };

  before(async () => {
    [checkout, server] = [await makeCheckout({ streams: true }), new GitHubServer()];
    await server.start();
    const home = dirname(checkout.root);
    out = join(home, "results");
    const event = join(home, "event.json");
    // Somebody started it by hand: the event names no pull request.
    await writeFile(event, JSON.stringify({ inputs: {} }));
    actions = {
      ...{ GITHUB_REPOSITORY: "o/r", GITHUB_RUN_ID: "100", GITHUB_RUN_ATTEMPT: "1", GITHUB_EVENT_PATH: event },
      ...{ GITHUB_API_URL: server.url, GITHUB_SERVER_URL: "https://github.example", GITHUB_TOKEN: "actions" },
    };
    for (const stack of ["operations", "dev"]) {
      const up = await checkout.slipway("up", stack, "--no-verify");
      assert.equal(up.code, 0, up.stderr);
    }
  });
  after(async () => {
    await server.stop();
    await checkout.remove();
  });

  it("tells tiers, money, tables and drift in the comment of the pull request that is named, and makes no check", async () => {
    await checkout.git("checkout", "--quiet", "-b", "change");
    await edit("streams/policies/stock_levels.json", '"SP10"', '"SP30"');
    await edit(`${datasets}/customers.json`, /\{\s*"name": "segment",[^}]*\}/, nickname);
    await edit(`${datasets}/customers.dqdl`, /.*"segment".*\n/, "");
    await checkout.git("commit", "--quiet", "--all", "--message", "feat: another tier and other columns");
    const tampered = await checkout.slipway("sandbox", "drift", "delete", "streams-alerts-dead-letters");
    assert.equal(tampered.code, 0, tampered.stderr);

    const left = await told("preview", "dev", "--affected", "--base", "main", "--drift", "--comment", "--out", out);
    const [dev] = left.stacks;
    assert.deepEqual([left.left?.at, dev?.stack, dev?.drift], [out, "dev", 1]);
    assert.equal(dev?.cost?.delta, left.ground.streams.delta, "the engine's resources and the files agree on money");

    const { comment } = await told("comment", "--out", out, "--pull-request", "7", "--no-check");
    assert.equal(comment?.outcome, "created");
    assert.deepEqual([server.comments.length, server.checks.length, server.count("POST", /check-runs/)], [1, 0, 0]);
    const body = server.comments[0]?.body ?? "";
    const more = (price("SP30") - price("SP10")).toFixed(2);
    const lines = [
      // Stack, operations, policy, drift, cost, time, status.
      `| **dev** | 0 | 1 | 0 | 0 | ${dev?.counts["same"]} | 0 | 1 | ${dev?.cost?.perMonth.toFixed(2)} (+${more}) |`,
      `- \`stock_levels\` \`retiered\`, nothing to take over; tier SP10 → SP30; +${more} per month`,
      '-     tier: "SP10"\n+     tier: "SP30"',
      "- **breaking** `customers`: `column segment is gone`\n- `customers`: `column nickname string is new`\n- `customers`: `its quality rules change`",
    ];
    for (const line of lines) assert.ok(body.includes(line), `${line}\n\nis not in\n\n${body}`);
    assert.match(body, /\*\*Stream processors\*\*: \d+\.\d\d `USD` per month \(\+\d+\.\d\d\)/);
  });
});
