import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode } from "../../../automation/errors.ts";
import { atlasStreams } from "../../../automation/streams/atlas/client.ts";
import type { AtlasStreams } from "../../../automation/streams/atlas/types.ts";
import { waitForState } from "../../../automation/streams/atlas/wait.ts";
import { atlasApiVariables, type AtlasApi, startAtlasApi } from "../../../sandbox/atlas/index.ts";
import { failsWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { streams } from "../command/lab.ts";

const projectId = "0123456789abcdef01234567";
const workspace = "flow";
const policy = readFileSync(join(import.meta.dirname, "../../../config/promotion.yaml"), "utf8");
const sample = [1, 2, 3, 4].map((n) => ({ _id: n, amount: n * 10 }));
const dlq = { connectionName: "warehouse", db: "ops", coll: "dlq" };
const into = (coll: string) => ({ $merge: { into: { connectionName: "warehouse", db: "sales", coll } } });
const source = { $source: { connectionName: "events", topic: "orders", config: { auto_offset_reset: "earliest" } } };
const customers = {
  $lookup: {
    from: { connectionName: "warehouse", db: "shop", coll: "customers" },
    ...{ localField: "_id", foreignField: "_id", as: "c" },
  },
};

describe("slipway streams against the sandbox's Atlas", function () {
  this.timeout(30_000);
  const temporary = scratch();
  let root = "";
  let api: AtlasApi;
  let client: AtlasStreams;
  let environment: Record<string, string>;
  const place = { project: projectId, workspace };
  const quick = { ...place, duration: "600ms", interval: "100ms", warmUp: "0s" };
  const run = (args: string[], options: Record<string, unknown> = place) => streams(root, args, options, environment);

  before(async () => {
    root = temporary.directory();
    mkdirSync(join(root, "sandbox-streams", "samples"), { recursive: true });
    writeFileSync(join(root, "sandbox-streams/samples/events.orders.json"), JSON.stringify(sample));
    writeFiles(root, {
      "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
      "config/promotion.yaml": policy,
      "streams/processors/orders.json": JSON.stringify({ pipeline: [source, into("orders")] }),
      "streams/environments/dev/thresholds.json": `{"memory_mb": 500, "latency_p99_ms": 500}`,
      "streams/policies/orders.json": `{"expect": {"latencyP99Ms": 1000}}`,
    });
    api = await startAtlasApi({ directory: join(root, "sandbox"), streams: join(root, "sandbox-streams") });
    environment = atlasApiVariables(api.endpoint);
    client = atlasStreams({ place: { projectId, workspace }, environment });
    await client.createWorkspace({ provider: "AWS", region: "VIRGINIA_USA", tier: "SP10", maxTier: "SP30" });
    await client.createConnection({ name: "events", type: "Kafka", bootstrapServers: "broker:9092" });
    await client.createConnection({ name: "warehouse", type: "Cluster", clusterName: "warehouse" });
    await client.createProcessor({ name: "orders", pipeline: [source, into("orders")], dlq, tier: "SP10" });
    await client.createProcessor({ name: "idle", pipeline: [source, into("idle")], dlq });
    await client.startProcessor("orders");
    await waitForState(client, "orders", ["STARTED"], { timeoutMs: 10_000, pollMs: 20 });
  });
  after(async () => {
    await api.close();
    temporary.clear();
  });

  /** The same processor with other stages, from its checkpoint. */
  async function change(...stages: Record<string, unknown>[]): Promise<void> {
    await client.stopProcessor("orders");
    await waitForState(client, "orders", ["STOPPED"], { timeoutMs: 10_000, pollMs: 20 });
    await client.modifyProcessor("orders", { pipeline: [source, ...stages, into("orders")] });
    await client.startProcessor("orders");
    await waitForState(client, "orders", ["STARTED"], { timeoutMs: 10_000, pollMs: 20 });
  }

  it("shows what stands there", async () => {
    const { exitCode, json, text } = await run(["status"]);
    assert.equal(exitCode, ExitCode.done);
    const rows = json["processors"] as { name: string; state: string; tier: string }[];
    assert.deepEqual(rows.map(({ name, state, tier }) => [name, state, tier]).sort(), [
      ["idle", "CREATED", null],
      ["orders", "STARTED", "SP10"],
    ]);
    assert.match(text, /^flow\n.*\n.*orders +orders +STARTED +SP10/s);
    assert.match(text, /2 connections$/);
  });

  it("shows figures, and writes them as advise reads them", async () => {
    const file = join(root, "out", "stats.json");
    const { exitCode, json } = await run(["stats", "orders"], { ...place, out: file });
    assert.equal(exitCode, ExitCode.done);
    const [row] = json["processors"] as { memoryMb: number; latencyP99Ms: number; stats: object }[];
    assert.ok(row && row.memoryMb > 20 && row.latencyP99Ms > 1);
    const advised = await run(["advise"], { stats: file });
    const [advice] = advised.json["processors"] as { measured: { samples: number } }[];
    assert.equal(advice?.measured.samples, 1);
  });

  it("measures, and says how far it is", async () => {
    const { exitCode, json, text, said } = await run(["profile"], quick);
    assert.equal(exitCode, ExitCode.done);
    const [only] = json["processors"] as {
      processor: string;
      profile: { samples: number; documents: { input: number } };
    }[];
    assert.deepEqual([only?.processor, only?.profile.samples], ["orders", 7]);
    assert.ok((only?.profile.documents.input ?? 0) > 10, JSON.stringify(only));
    assert.deepEqual(json["skipped"], [{ processor: "idle", state: "CREATED" }]);
    assert.match(said, /\.\. 1 processor, 7 readings in 0\.6 s/);
    assert.match(text, /idle is not measured: it is CREATED/);
  });

  it("ends with 7 where a limit of the environment is not kept, and names it", async () => {
    writeFiles(root, { "streams/environments/dev/thresholds.json": `{"memory_mb": 5}` });
    const { exitCode, text } = await run(["profile", "orders"], { ...quick, environment: "dev" });
    assert.equal(exitCode, ExitCode.unexpectedChanges);
    assert.match(text, /^orders: memoryMb 2\d(\.\d)? MB, thresholds\.json allows at most 5 MB$/m);
    writeFiles(root, { "streams/environments/dev/thresholds.json": `{"memory_mb": 500, "cpu": 4}` });
    await assert.rejects(
      run(["profile"], { ...quick, environment: "dev" }),
      failsWith(ExitCode.policy, /A limit cannot be read: "cpu" is not known/),
    );
  });

  it("finds limits of the environment that keep", async () => {
    writeFiles(root, { "streams/environments/dev/thresholds.json": `{"memory_mb": 500}` });
    const { exitCode, json } = await run(["profile"], { ...quick, environment: "dev" });
    assert.equal(exitCode, ExitCode.done);
    const [only] = json["processors"] as { limits: { metric: string; from: string }[] }[];
    assert.deepEqual(
      only?.limits.map(({ metric, from }) => [metric, from]),
      [
        ["memoryMb", "thresholds"],
        ["latencyP99Ms", "expect"],
      ],
    );
  });

  it("keeps a baseline, and finds that nothing changed", async () => {
    await assert.rejects(run(["compare"], quick), failsWith(ExitCode.notFound, /flow has no baseline yet/));
    const kept = await run(["baseline"], quick);
    const { id, key } = kept.json["baseline"] as { id: string; key: string };
    assert.equal(key, `streams/flow/baselines/${id}.json`);
    const { exitCode, json } = await run(["compare"], { ...quick, against: id.slice(0, 8) });
    assert.equal(exitCode, ExitCode.done, JSON.stringify(json));
    assert.equal(json["verdict"], "same");
  });

  it("keeps no baseline of what was hardly looked at", async () => {
    const hasty = { ...quick, duration: "100ms", interval: "50ms" };
    await assert.rejects(run(["baseline"], hasty), failsWith(ExitCode.resourceFailed, /3 readings.*at least 5/));
  });

  it("ends with 7 where it became slower, and says by how much", async () => {
    await change(customers, customers);
    const { exitCode, json, text } = await run(["compare"], quick);
    assert.equal(exitCode, ExitCode.unexpectedChanges);
    const [orders] = json["processors"] as { verdict: string; reasons: string[] }[];
    assert.equal(orders?.verdict, "worse");
    assert.match(text, /latencyP99Ms +[\d.]+ +[\d.]+ +±[\d.]+ +worse/);
    const wide = { ...quick, band: ["latencyPercent=1000", "memoryPercent=1000"] };
    assert.equal((await run(["compare"], wide)).exitCode, ExitCode.done);
  });

  it("ends with 4 where a processor failed, and says why", async () => {
    const unknown = { $match: { $expr: { $lt: [{ $toDecimal: "1" }, 2] } } };
    await client.createProcessor({ name: "broken", pipeline: [source, unknown, into("x")], dlq });
    await client.startProcessor("broken");
    await waitForState(client, "broken", ["FAILED"], { timeoutMs: 10_000, pollMs: 20 });
    const { exitCode, text } = await run(["status", "broken"]);
    assert.equal(exitCode, ExitCode.resourceFailed);
    assert.match(text, /^broken: cannot be simulated/m);
    const measured = await run(["profile", "broken"], quick);
    assert.equal(measured.exitCode, ExitCode.resourceFailed);
    assert.match(measured.text, /broken is FAILED: cannot be simulated/);
    await client.deleteProcessor("broken");
  });

  it("finds dead letters that were not there before", async () => {
    await change({ $project: { half: { $divide: ["$amount", 0] } } });
    const { exitCode, json } = await run(["compare"], { ...quick, duration: "1s" });
    assert.equal(exitCode, ExitCode.unexpectedChanges);
    const [orders] = json["processors"] as { reasons: string[] }[];
    assert.match(orders?.reasons.join("\n") ?? "", /dlqRate: 100 % of \d+ documents/);
  });

  it("refuses what does not make sense", async () => {
    const table: [args: string[], options: Record<string, unknown>, code: number, message: RegExp][] = [
      [["status"], { project: projectId }, ExitCode.usage, /--project and --workspace go together/],
      [["status"], { ...place, workspace: "flo" }, ExitCode.notFound, /No stream workspace with name flo/],
      [["stats", "order"], place, ExitCode.notFound, /no processor "order"/],
      [["profile"], { ...quick, duration: "soon" }, ExitCode.usage, /--duration: got "soon"/],
      [["profile"], { ...quick, interval: "0" }, ExitCode.usage, /--interval: got "0"/],
      [["compare"], { ...quick, band: ["latency=3"] }, ExitCode.usage, /--band: got "latency=3"/],
      [["compare"], { ...quick, against: "ffff" }, ExitCode.notFound, /no baseline begins with "ffff"/],
      [["profile"], { ...quick, environment: "moon" }, ExitCode.notFound, /no environment "moon"/],
    ];
    for (const [args, options, code, message] of table)
      await assert.rejects(run(args, options), failsWith(code, message));
  });
});
