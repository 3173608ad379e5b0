import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../automation/context.ts";
import { goLive } from "../../automation/commands/doctor-go-live.ts";
import { neededSecrets } from "../../automation/go-live/read.ts";
import { ExitCode } from "../../automation/errors.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Workspace } from "../../automation/workspace.ts";
import { parsePromotionPolicy } from "../../config/promotion.ts";
import { scratch } from "../git/throw-away.ts";
import { GitHubServer } from "../github/server.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const colors = new Proxy({}, { get: () => (text: string) => text });

describe("what is looked at before going live", () => {
  const temporary = scratch();
  const server = new GitHubServer();
  const answers = new Map<string, unknown>();
  before(async () => {
    await server.start();
    server.faults = [
      ({ path }) => {
        const answer = answers.get(path.split("?")[0] ?? "");
        return answer === undefined ? undefined : { status: 200, body: JSON.stringify(answer) };
      },
    ];
  });
  after(async () => {
    temporary.clear();
    await server.stop();
  });
  beforeEach(() => answers.clear());

  const look = async (environment: Record<string, string>, sandbox?: object) => {
    const workspace = {
      ...{ root, environment, sandbox, stacks: ["dev", "operations", "prod", "staging"] },
      policy: parsePromotionPolicy(read("config/promotion.yaml")),
      store: new DirectoryStore(temporary.directory()),
    } as unknown as Workspace;
    const console = { colors, info: () => undefined };
    const context = {
      root,
      signal: new AbortController().signal,
      console,
      now: () => new Date("2026-05-01T00:00:00Z"),
    };
    const { exitCode, json, text } = await goLive(context as unknown as Context, workspace, true);
    const findings = json["findings"] as { name: string; state: string; detail: string }[];
    return { exitCode, text, of: (number: number) => findings[number - 1] };
  };

  it("is asked of GitHub, ledgers and pages, for the last environment where none is named", async () => {
    const repository = "/repos/slipway/slipway";
    const secrets = neededSecrets(read(".github/workflows/deploy.yml"), true).map((name) => ({
      ...{ name, created_at: "2025-01-01T00:00:00Z", updated_at: "2026-04-01T00:00:00Z" },
    }));
    answers.set(repository, { full_name: "slipway/slipway" });
    answers.set(`${repository}/environments/prod/secrets`, { total_count: secrets.length, secrets });
    answers.set(`${repository}/rules/branches/main`, [
      { type: "pull_request", parameters: { required_approving_review_count: 1 } },
      { type: "non_fast_forward" },
      { type: "required_status_checks", parameters: { required_status_checks: [{ context: "gate" }] } },
    ]);
    answers.set(`${repository}/actions/workflows/deploy.yml/runs`, {
      workflow_runs: [{ conclusion: "success", updated_at: "2026-05-01T00:00:00Z", html_url: "https://example.com/1" }],
    });
    const { exitCode, text, of } = await look({ GITHUB_TOKEN: "person", GITHUB_API_URL: server.url });
    for (const number of [1, 2, 3, 4, 9]) assert.equal(of(number)?.state, "ok", of(number)?.detail);
    assert.match(of(3)?.detail ?? "", /main wants a review and gate/u);
    for (const number of [5, 6, 7, 8, 10]) assert.equal(of(number)?.state, "missing", of(number)?.detail);
    assert.equal(exitCode, ExitCode.gateRefused);
    assert.match(text, /5 of 10 points are open$/u);
  });

  it("is not known where GitHub refuses or answers with something else, one question at a time", async () => {
    answers.set("/repos/slipway/slipway", {});
    answers.set("/repos/slipway/slipway/rules/branches/main", [{ kind: "?" }]);
    const { of } = await look({ GITHUB_TOKEN: "person", GITHUB_API_URL: server.url });
    assert.equal(of(1)?.state, "ok");
    assert.match(of(2)?.detail ?? "", /^not known: /u);
    assert.match(of(3)?.detail ?? "", /something else than its API/u);
  });

  it("is not asked of GitHub without a token, and in the sandbox", async () => {
    const before = server.asked.length;
    assert.match((await look({})).of(1)?.detail ?? "", /without GITHUB_TOKEN/u);
    assert.match((await look({ GITHUB_TOKEN: "person" }, {})).of(1)?.detail ?? "", /the sandbox has no repository/u);
    assert.equal(server.asked.length, before);
  });

  it("needs those secrets that the workflow reads, of streams only where there are any", () => {
    const workflow =
      "a: ${{ secrets.SLIPWAY_APP }}\nb: ${{ secrets.KAFKA }}\nc: ${{ secrets.SLIPWAY_SLACK_WEBHOOK }} ${{ secrets.SLIPWAY_WEBHOOK_SECRET }}";
    assert.deepEqual(neededSecrets(workflow, true), ["KAFKA", "SLIPWAY_APP"]);
    assert.deepEqual(neededSecrets(workflow, false), ["SLIPWAY_APP"]);
  });
});
