import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import type { Context } from "../../automation/context.ts";
import { tellOfDelivery, tellOfStreams } from "../../automation/metrics/tell.ts";
import { append } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry } from "../../automation/promotion/ledger-records.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Profile } from "../../automation/streams/observe/profile.ts";
import type { Workspace } from "../../automation/workspace.ts";
import { freePort } from "../../sandbox/live/emulator.ts";
import { releaseOf } from "../promotion/entries.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";

const checkout = resolve(import.meta.dirname, "../..");
const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const subject = { by: "ada", release: releaseOf(1) };
const deploy: LedgerEntry = { ...subject, kind: "promoted", verb: "up", seconds: 9, resources: 1, changes: {} };
const broken: LedgerEntry = { ...subject, kind: "failed", stage: "verify", seconds: 1, error: "it does not answer" };
const credentials = { accessKeyId: "222222222222", secretAccessKey: "sandbox" };

describe("what CloudWatch is told", function () {
  this.timeout(60_000);
  let server: MiniStack;
  let root: string;
  let said: { warn: string[]; debug: string[] };
  let context: Context;

  before(async () => (server = await startMiniStack()));
  after(() => server.stop());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-tell-"));
    for (const stack of ["dev", "operations"])
      copyFileSync(join(checkout, `Pulumi.${stack}.yaml`), join(root, `Pulumi.${stack}.yaml`));
    said = { warn: [], debug: [] };
    const console = { warn: (line: string) => said.warn.push(line), debug: (line: string) => said.debug.push(line) };
    context = { root, environment: {}, console, now: () => now } as unknown as Context;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A sandbox whose emulator answers at this address; undefined where none runs. */
  const workspace = (endpoint: string | undefined) => {
    const live = endpoint && { endpoint, credentialsFor: () => credentials, close: () => Promise.resolve() };
    const sandbox = { directory: root, tools: { connectLive: () => Promise.resolve(live) } };
    return { root, store: new DirectoryStore(join(root, "store")), sandbox } as unknown as Workspace;
  };
  const delivered = async (place: Workspace, stack: string, ...entries: LedgerEntry[]) => {
    const records = [];
    for (const entry of entries) records.push(await append(place.store, stack, entry, () => now));
    await tellOfDelivery(context, place, stack, records);
  };
  const sumOf = async (Namespace: string, MetricName: string, more: { Name: string; Value: string }[] = []) => {
    const client = new CloudWatchClient({ region: "us-east-1", endpoint: server.endpoint, credentials });
    const [StartTime, EndTime] = [-60_000, 60_000].map((offset) => new Date(now.getTime() + offset));
    const Dimensions = [{ Name: "Environment", Value: "dev" }, ...more];
    const query = { Namespace, MetricName, Dimensions, StartTime, EndTime, Period: 3600 };
    const { Datapoints = [] } = await client.send(new GetMetricStatisticsCommand({ ...query, Statistics: ["Sum"] }));
    client.destroy();
    return Datapoints.map(({ Sum }) => Sum ?? Number.NaN).reduce<number | undefined>((a, b) => (a ?? 0) + b, undefined);
  };

  it("is one event a deployment, where the emulator has CloudWatch", async () => {
    await delivered(workspace(server.endpoint), "dev", deploy, broken);
    assert.deepEqual(said.warn, []);
    assert.match(said.debug.join("\n"), /^CloudWatch was told of this deployment: 2 figures in Slipway\/Delivery$/);
    assert.equal(await sumOf("Slipway/Delivery", "Deployments"), 1);
    assert.equal(await sumOf("Slipway/Delivery", "DeploymentFailures"), 1);
    assert.equal(await sumOf("Slipway/Delivery", "Rollbacks"), undefined);
  });

  it("is what was measured of each processor, as far as there was something", async () => {
    const profile = { throughputPerSecond: { mean: 12.5 }, latencyMs: null, memoryMb: { max: 300 }, dlqRate: 0 };
    const measured = [{ processor: "orders", profile: profile as unknown as Profile }];
    await tellOfStreams(context, workspace(server.endpoint), "dev", measured);
    assert.match(said.debug.join("\n"), /told of what was measured: 3 figures in Slipway\/Streams$/);
    const orders = [{ Name: "Processor", Value: "orders" }];
    assert.equal(await sumOf("Slipway/Streams", "DocumentsPerSecond", orders), 12.5);
    assert.equal(await sumOf("Slipway/Streams", "DeadLetterShare", orders), 0);
    assert.equal(await sumOf("Slipway/Streams", "LatencyP99Milliseconds", orders), undefined);
  });

  it("is a warning where nobody answers, and no failure", async () => {
    await delivered(workspace(`http://127.0.0.1:${await freePort()}`), "dev", deploy);
    assert.equal(said.warn.length, 1);
    assert.match(
      said.warn[0] ?? "",
      /^CloudWatch was not told of this deployment, so the dashboard of dev lacks it: .*ECONNREFUSED/,
    );
  });

  it("is a warning where the ledger cannot be read", async () => {
    const place = workspace(server.endpoint);
    const record = await append(place.store, "dev", deploy, () => now);
    writeFileSync(join(root, "store", "ledger", "dev", "00000001.json"), "{}");
    await tellOfDelivery(context, place, "dev", [record]);
    assert.match(said.warn.join("\n"), /CloudWatch was not told of this deployment/);
  });

  it("is nothing where the sandbox has no emulator, and does not start one", async () => {
    await delivered(workspace(undefined), "dev", deploy);
    assert.deepEqual([said.warn, said.debug], [[], ["CloudWatch is not told: the sandbox is only simulated"]]);
  });

  it("is nothing of the operations account, and nothing where the stack file does not want it", async () => {
    await delivered(workspace(server.endpoint), "operations", deploy);
    const file = join(root, "Pulumi.dev.yaml");
    writeFileSync(file, `${readFileSync(file, "utf8")}  slipway:observability: { deliveryMetrics: false }\n`);
    await delivered(workspace(server.endpoint), "dev", deploy);
    assert.deepEqual(said.debug, [
      "CloudWatch is not told: operations is no environment of this checkout",
      "CloudWatch is not told: dev does not want that",
    ]);
  });

  it("is nothing where a deployment recorded nothing", async () => {
    await tellOfDelivery(context, workspace(server.endpoint), "dev", []);
    assert.deepEqual(said, { warn: [], debug: [] });
  });
});
