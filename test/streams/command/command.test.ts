import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import { commitFiles, failsWith, repositoryWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { checkout, orders, streams } from "./lab.ts";

const temporary = scratch();
after(() => temporary.clear());

function repository(): { root: string; first: string } {
  const root = temporary.directory();
  return { root, first: repositoryWith(root, checkout) };
}

interface Sarif {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; rules: { id: string }[] } };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: {
        physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number; startColumn: number } };
      }[];
    }[];
  }[];
}

describe("slipway streams lint", () => {
  it("finds nothing in what is right", async () => {
    const result = await streams(repository().root, ["lint"]);
    assert.equal(result.exitCode, ExitCode.done);
    assert.equal(result.text, "1 processor: nothing found");
  });

  it("says place, reason and remedy, and ends with 5", async () => {
    const { root } = repository();
    writeFiles(root, {
      "streams/processors/orders.json": checkout["streams/processors/orders.json"]?.replace("$merge", "$mergee") ?? "",
    });
    const result = await streams(root, ["lint"]);
    assert.equal(result.exitCode, ExitCode.policy);
    assert.deepEqual(result.text.split("\n"), [
      "streams/processors/orders.json:4:2 error there is no stage $mergee placement/unknown-stage",
      "    pipeline[2].$mergee: Atlas refuses the processor when it is created",
      "    fix: did you mean $merge?",
      "1 processor: 1 error, 0 warnings",
    ]);
  });

  it("lets warnings pass, except where somebody is strict", async () => {
    const { root } = repository();
    writeFiles(root, { "streams/environments/dev/config.env": "COLOUR=red\n" });
    assert.equal((await streams(root, ["lint"])).exitCode, ExitCode.done);
    assert.equal((await streams(root, ["lint"], { strict: true })).exitCode, ExitCode.policy);
  });

  it("speaks SARIF 2.1.0 and JSON", async () => {
    const { root } = repository();
    writeFiles(root, { "streams/processors/two words.json": "{" });
    const json = JSON.parse((await streams(root, ["lint"], { format: "json" })).text) as { findings: unknown[] };
    const report = JSON.parse((await streams(root, ["lint"], { format: "sarif" })).text) as Sarif;
    assert.equal(report.version, "2.1.0");
    assert.match(report.$schema, /sarif-2\.1\.0/);
    const [run] = report.runs;
    assert.ok(run !== undefined && run.results.length === json.findings.length && run.results.length > 0);
    for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
      assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
      assert.ok(["error", "warning"].includes(level) && message.text !== "");
      const { artifactLocation, region } = locations[0]?.physicalLocation ?? assert.fail();
      assert.ok(region.startLine > 0 && region.startColumn > 0);
      assert.ok(!artifactLocation.uri.includes(" ") && artifactLocation.uri.startsWith("streams/"));
    }
  });

  it("refuses a format, an environment and a folder that are not there", async () => {
    const { root } = repository();
    await assert.rejects(streams(root, ["lint"], { format: "xml" }), failsWith(ExitCode.usage, /no format "xml"/));
    await assert.rejects(
      streams(root, ["lint"], { environment: "moon" }),
      failsWith(ExitCode.notFound, /no environment "moon"/),
    );
    await assert.rejects(
      streams(root, ["lint"], { folder: temporary.directory() }),
      failsWith(ExitCode.notFound, /no stream processors/),
    );
  });
});

describe("slipway streams diff", () => {
  it("says what changed since HEAD, and lets pass what takes over from its checkpoint", async () => {
    const { root } = repository();
    assert.match((await streams(root, ["diff"])).text, /0 processors changed, 1 unchanged/);
    writeFiles(root, orders(1, "sums"));
    const result = await streams(root, ["diff"]);
    assert.equal(result.exitCode, ExitCode.done);
    assert.match(result.text, /orders: changed, in place, from its checkpoint/);
    assert.match(result.text, /~ \$merge \(2\)\n {6}~ into\.coll: "totals" -> "sums"/);
  });

  it("refuses to lose state, until somebody agrees to exactly that", async () => {
    const { root, first } = repository();
    writeFiles(root, orders(5));
    const refused = await streams(root, ["diff"]);
    assert.equal(refused.exitCode, ExitCode.unexpectedChanges);
    assert.match(refused.text, /nobody agreed to it/);
    const consent = /\{"processor".*\}/.exec(refused.text)?.[0].replaceAll('"..."', '"windows of five minutes"') ?? "";
    writeFiles(root, { "streams/consents/orders.json": consent });
    assert.equal((await streams(root, ["diff"])).exitCode, ExitCode.done);
    assert.equal((await streams(root, ["lint"], { strict: true })).exitCode, ExitCode.done);
    commitFiles(root, {});
    assert.equal((await streams(root, ["diff"], { base: first, head: "HEAD" })).exitCode, ExitCode.done);
    writeFiles(root, orders(6));
    const other = await streams(root, ["diff"], { base: first });
    assert.equal(other.exitCode, ExitCode.unexpectedChanges);
    assert.match(other.text, /the consent is for another change/);
  });

  it("takes names, and knows which there are", async () => {
    const { root } = repository();
    assert.equal((await streams(root, ["diff", "orders"])).exitCode, ExitCode.done);
    await assert.rejects(streams(root, ["diff", "ordrs"]), failsWith(ExitCode.notFound, /no processor "ordrs"/));
  });

  it("says nothing about what it cannot read", async () => {
    const { root } = repository();
    writeFiles(root, { "streams/processors/orders.json": "{" });
    await assert.rejects(streams(root, ["diff"]), failsWith(ExitCode.policy, /cannot be read/));
    commitFiles(root, {});
    writeFiles(root, orders(1));
    const result = await streams(root, ["diff"]);
    assert.match(result.said, /processors\/orders\.json cannot be read in/);
    await assert.rejects(streams(root, ["diff"], { base: "nowhere" }), failsWith(ExitCode.notFound, /nowhere/));
    await assert.rejects(
      streams(root, ["diff"], { folder: temporary.directory() }),
      failsWith(ExitCode.usage, /outside/),
    );
  });
});

describe("slipway streams advise", () => {
  it("advises by the files alone, with what it costs and since when that is so", async () => {
    const result = await streams(repository().root, ["advise"], { environment: "dev" });
    assert.equal(result.exitCode, ExitCode.done);
    assert.match(result.text, /^orders +SP2 +SP2 +SP2 +SP2\.\.SP5 +low +40\.15$/m);
    assert.match(result.text, /40\.15 USD per month in us-east-1\nprices of \d{4}-\d\d-\d\d/);
  });

  it("reads figures, says what changes against a base, and ends with 5 where the tier is too small", async () => {
    const { root } = repository();
    const file = `${root}/stats.json`;
    writeFiles(root, {
      "stats.json": JSON.stringify({ orders: [{ stats: { memoryUsageBytes: 1e9 } }], other: { stateSize: 1 } }),
    });
    writeFiles(root, { "streams/processors/second.json": checkout["streams/processors/orders.json"] ?? "" });
    const result = await streams(root, ["advise"], {
      stats: file,
      base: "HEAD",
      environment: "dev",
      region: "eu-west-1",
    });
    assert.equal(result.exitCode, ExitCode.policy);
    assert.match(result.text, /orders: SP2 is set, SP10 is needed/);
    assert.deepEqual(result.json["total"], { perMonth: 199, delta: 43.07 });
    assert.match(result.said, /figures of "other"/);
  });

  it("takes other prices", async () => {
    const { root } = repository();
    const hourly = { MINE: { "moon-1": { SP2: 1, SP5: 2, SP10: 3, SP30: 4, SP50: 5 } } };
    const egressPerGb = { sameRegion: [0, 0], otherRegion: [0, 0], internet: [0, 0] };
    writeFiles(root, {
      "prices.json": JSON.stringify({ source: "mine", asOf: "2026-01-02", currency: "EUR", hourly, egressPerGb }),
    });
    const result = await streams(root, ["advise"], { prices: `${root}/prices.json`, region: "moon-1" });
    assert.match(result.text, /730\.00 EUR per month in moon-1\nprices of 2026-01-02/);
  });

  it("refuses a region, figures and prices that it cannot use", async () => {
    const { root } = repository();
    writeFiles(root, { "bad.json": '{"orders": [{"memoryUsageBytes": -1}]}', "worse.json": "{" });
    const refused = (options: Record<string, unknown>, words: RegExp) =>
      assert.rejects(streams(root, ["advise"], options), failsWith(ExitCode.usage, words));
    await refused({ region: "us-east-11" }, /us-east-11/);
    await refused({ stats: `${root}/bad.json` }, /figures of processors: orders/);
    await refused({ stats: `${root}/worse.json` }, /not JSON/);
    await refused({ stats: `${root}/none.json` }, /cannot be read/);
    await refused({ prices: `${root}/bad.json` }, /the prices/);
  });
});
