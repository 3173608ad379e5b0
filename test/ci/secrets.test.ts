import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { agesOf, mostDays } from "../../automation/ci/secrets.ts";
import { run } from "../../automation/commands/ci-secrets.ts";
import type { Context } from "../../automation/context.ts";
import { ExitCode } from "../../automation/errors.ts";
import { failsWith, scratch, writeFiles } from "../git/throw-away.ts";
import { GitHubServer } from "../github/server.ts";
import { answers, receive, type Receiver } from "../notify/receiver.ts";

const root = join(import.meta.dirname, "../..");
const now = new Date("2026-06-01T12:00:00Z");
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const repository = "/repos/slipway/slipway";

describe("the age of secrets", () => {
  it("is counted in whole days, the oldest first, and is too much the day after the last one", () => {
    const of = (name: string, changedAt: string, environment = "dev") => ({ environment, name, changedAt });
    const young = of("YOUNG", ago(0.9));
    const due = of("DUE", ago(90.9));
    const old = of("OLD", ago(91));
    const oldest = of("OLDEST", "2025-01-01T00:00:00+02:00");
    const twin = of("OLD", ago(91), "prod");
    assert.deepEqual(
      agesOf([young, twin, due, oldest, old], now, mostDays).map(({ environment, name, days, old: is }) =>
        [environment, name, days, is].join(" "),
      ),
      ["dev OLDEST 516 true", "dev OLD 91 true", "prod OLD 91 true", "dev DUE 90 false", "dev YOUNG 0 false"],
    );
  });
});

describe("slipway ci secrets", () => {
  const temporary = scratch();
  const server = new GitHubServer();
  let receiver: Receiver;
  let environments: Record<string, { name: string; days: number }[]>;
  let here: string;
  before(async () => {
    await server.start();
    server.faults = [({ path }) => answer(path)];
  });
  after(async () => {
    temporary.clear();
    await server.stop();
  });
  beforeEach(async () => {
    receiver = await receive(answers.ok);
    here = temporary.directory();
    mkdirSync(join(here, "config"));
    const kept = ["Pulumi.operations.yaml", "config/promotion.yaml", "config/notifications.yaml"];
    writeFiles(here, Object.fromEntries(kept.map((file) => [file, readFileSync(join(root, file), "utf8")])));
    environments = { dev: [{ name: "APP_KEY", days: 3 }], "prod-preview": [], "a b/c": [{ name: "X", days: 90 }] };
    server.asked = [];
  });
  afterEach(() => receiver.close());

  function answer(path: string) {
    const { pathname } = new URL(path, server.url);
    const ok = (value: object) => ({ status: 200, body: JSON.stringify(value) });
    if (pathname === `${repository}/environments`)
      return ok({ environments: Object.keys(environments).map((name) => ({ id: 1, name })) });
    const [, name = ""] = /\/environments\/([^/]+)\/secrets$/u.exec(pathname) ?? [];
    const secrets = environments[decodeURIComponent(name)];
    return secrets && ok({ secrets: secrets.map((one) => ({ name: one.name, updated_at: ago(one.days) })) });
  }

  const ask = async (options: Record<string, string> = {}, environment: Record<string, string> = {}) => {
    const warnings: string[] = [];
    const console = { info: () => undefined, debug: () => undefined, warn: (line: string) => warnings.push(line) };
    const variables = { GITHUB_TOKEN: "person", GITHUB_API_URL: server.url, ...environment };
    const context = {
      root: here,
      environment: variables,
      signal: new AbortController().signal,
      console,
      now: () => now,
    };
    return { ...(await run(context as unknown as Context, [], options)), warnings };
  };
  /** What people are told is told beside the answer. */
  const told = async () => {
    await receiver.until(1);
    return receiver.received.map(({ body }) => body).join("\n");
  };

  it("looks at every environment of the repository, and is content with secrets that are young", async () => {
    const { exitCode, text, json } = await ask();
    assert.equal(exitCode, ExitCode.done);
    assert.match(text, /^ok {2}a b\/c: X, set 90 days ago\nok {2}dev: APP_KEY, set 3 days ago\n2 secrets, none older/u);
    assert.deepEqual([json["repository"], json["days"], json["old"]], ["slipway/slipway", 90, 0]);
    assert.equal(server.count("GET", /\/secrets\?/u), 3);
    assert.ok(server.asked.every(({ method }) => method === "GET"));
    assert.equal(receiver.received.length, 0);
  });

  it("names those that are too old, and tells people", async () => {
    environments["prod"] = [{ name: "KAFKA_PASSWORD", days: 400 }];
    const { exitCode, text, warnings } = await ask({}, { SLIPWAY_SLACK_WEBHOOK: receiver.url });
    assert.equal(exitCode, ExitCode.gateRefused);
    assert.match(text, /^old prod: KAFKA_PASSWORD, set 400 days ago\n/u);
    assert.match(text, /1 of 3 secrets older than 90 days\n {2}next: .*gh secret set KAFKA_PASSWORD --env prod$/u);
    const message = await told();
    assert.match(message, /1 secret older than 90 days/u);
    assert.match(message, /prod: KAFKA.*PASSWORD, 400 days/u);
    assert.deepEqual(warnings, []);
  });

  it("takes another age, and no nonsense for one", async () => {
    assert.equal((await ask({ maxAgeDays: "2" })).exitCode, ExitCode.gateRefused);
    assert.equal((await ask({ maxAgeDays: "89" })).json["old"], 1);
    await assert.rejects(ask({ maxAgeDays: "0" }), failsWith(ExitCode.usage, /--max-age-days: got "0", expected a/u));
  });

  it("ends with code 3 where GitHub does not answer, and says what the token needs", async () => {
    const rule = /read the repository's environments and actions/u;
    environments = { gone: undefined as never };
    await assert.rejects(ask(), failsWith(ExitCode.credentials, rule));
    await assert.rejects(ask({}, { GITHUB_TOKEN: "unknown", GITHUB_API_URL: `${server.url}/x` }), failsWith(3, rule));
    await assert.rejects(ask({}, { GITHUB_TOKEN: "" }), failsWith(3, /Without a token/u));
  });

  it("ends in words where no repository is named", async () => {
    const file = readFileSync(join(root, "Pulumi.operations.yaml"), "utf8");
    const [before = "", after = ""] = file.split(/ {2}slipway:github:\n(?: {4}.*\n)*/u);
    writeFiles(here, { "Pulumi.operations.yaml": `${before}${after}` });
    await assert.rejects(ask(), failsWith(ExitCode.usage, /No repository is named/u));
  });
});
