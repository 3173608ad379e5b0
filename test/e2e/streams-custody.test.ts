import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { atlasStreams } from "../../automation/streams/atlas/client.ts";
import type { AtlasStreams } from "../../automation/streams/atlas/types.ts";
import { type AtlasApi, atlasApiVariables, startAtlasApi } from "../../sandbox/atlas/index.ts";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

const order = (index: number) => ({ _id: index, total: index % 4 === 0 ? "free" : index });
const pipelineOf = (coll: string) => [
  { $source: { connectionName: "shop", db: "shop", coll: "orders" } },
  { $replaceRoot: { newRoot: "$fullDocument" } },
  { $validate: { validator: { total: { $type: "number" } }, validationAction: "dlq" } },
  { $merge: { into: { connectionName: "warehouse", db: "sales", coll }, whenMatched: "replace" } },
];
const dlq = { connectionName: "warehouse", db: "sales", coll: "orders_dlq" };

describe("stream processors of an environment in custody", function () {
  this.timeout(600_000);
  let checkout: Checkout;
  let api: AtlasApi;
  let dev: AtlasStreams;
  /** What Atlas calls the one processor. */
  let version: string;
  const streams = (path: string) => join(checkout.root, "streams", path);
  const slipway = async (...args: string[]) => {
    const run = await checkout.slipway(...args, "--json");
    return { ...run, json: run.json as unknown as Record<string, never> };
  };
  const clientOf = (workspace: string, projectId: string) =>
    atlasStreams({ place: { projectId, workspace }, environment: atlasApiVariables(api.endpoint) });
  const write = async (path: string, value: unknown) => {
    await mkdir(dirname(streams(path)), { recursive: true });
    await writeFile(streams(path), JSON.stringify(value, undefined, 2));
  };

  before(async () => {
    checkout = await makeCheckout({ streams: true });
    for (const folder of ["processors", "tests", "policies", "samples", "consents"])
      await rm(streams(folder), { recursive: true, force: true });
    await write("processors/orders.json", { pipeline: pipelineOf("orders"), options: { dlq } });
    await write(
      "samples/shop.shop.orders.json",
      Array.from({ length: 40 }, (_, index) => order(index)),
    );
    const file = join(checkout.root, "Pulumi.dev.yaml");
    const stack = parseDocument(await readFile(file, "utf8"));
    // As prod has it: the engine knows nothing of these processors.
    stack.setIn(["config", "slipway:streams", "rollout"], "blue-green");
    await writeFile(file, stack.toString());
    await checkout.git("add", "--all");
    await checkout.git("commit", "--quiet", "--message", "feat(streams): orders");
    assert.equal((await checkout.slipway("up", "operations")).code, 0);
    const up = await slipway("up", "dev");
    assert.equal(up.code, 0, up.stderr);
    api = await startAtlasApi({ directory: join(checkout.root, ".sandbox"), streams: streams("") });
    dev = clientOf("dev-stream-processing", String(stack.getIn(["config", "slipway:streams", "projectId"])));
    const [made] = await dev.processors();
    version = made?.name ?? "";
    assert.match(version, /^orders__[0-9a-f]{8}$/);
  });
  after(async () => {
    await api?.close();
    await checkout?.remove();
  });

  it("is backed up as files that the linter accepts, without a secret", async () => {
    const backup = await slipway("streams", "backup", "dev", "--out", "backup");
    assert.equal(backup.code, 0, backup.stderr);
    assert.equal(backup.json["processors"], 1);
    const lint = await slipway("streams", "lint", "--folder", "backup");
    assert.equal(lint.code, 0, lint.stdout);
    const connections = await readFile(join(checkout.root, "backup/connections/connections.json"), "utf8");
    assert.match(connections, /"password": "\$\{KAFKA_PASSWORD\}"/);
    assert.doesNotMatch(connections, /sandbox-KAFKA_PASSWORD/);
  });

  it("says that a dead letter queue grows, and ends with 7", async () => {
    const grown = await slipway("streams", "dlq", "dev");
    assert.equal(grown.code, 7, grown.stderr);
    const again = await slipway("streams", "dlq", "dev", "--most", "1000000");
    assert.equal(again.code, 0, again.stderr);
  });

  it("shows what somebody stopped and what nobody declared as drift; a restore starts the one again", async () => {
    const calm = await slipway("drift", "dev");
    assert.equal(calm.code, 0, calm.stdout);
    await dev.stopProcessor(version);
    await dev.createProcessor({ name: "mine", pipeline: pipelineOf("mine"), dlq });
    const drift = await slipway("drift", "dev");
    assert.equal(drift.code, 7, drift.stdout);
    assert.match(drift.stdout, /"path":"state","recorded":"STARTED","found":"STOPPED"/);
    assert.match(drift.stdout, /"event":"STREAM_PROCESSOR_STOPPED"[^}]*"by":"sandbox"/);
    assert.match(drift.stdout, /"class":"unknown-outside"[^}]*"name":"mine"/);
    const plan = await slipway("streams", "restore", "dev");
    assert.deepEqual([plan.code, plan.json["restored"]], [0, false]);
    assert.equal((await dev.processor(version))?.state, "STOPPED");
    const restored = await slipway("streams", "restore", "dev", "--yes");
    assert.deepEqual([restored.code, restored.json["restored"]], [0, true], restored.stderr);
    assert.equal((await dev.processor(version))?.state, "STARTED");
  });

  it("is repaired: the definition is put back, and what shall run is started from its checkpoint", async () => {
    const [before] = (await dev.processors()).filter(({ name }) => name === version);
    await dev.stopProcessor(version);
    await dev.modifyProcessor(version, { pipeline: pipelineOf("elsewhere") });
    const repaired = await slipway("drift", "dev", "--repair", "--yes");
    assert.equal(repaired.code, 0, repaired.stdout + repaired.stderr);
    assert.match(repaired.stderr, /its definition is put back, from its checkpoint/);
    const now = await dev.processor(version);
    assert.deepEqual([now?.state, now?.text], ["STARTED", before?.text]);
    assert.ok((now?.stats.inputMessageCount ?? 0) >= (before?.stats.inputMessageCount ?? 0));
    assert.equal((await dev.processor("mine"))?.state, "CREATED", "what nobody declared stays");
  });

  it("is restored into another workspace from the files of the backup", async () => {
    const restored = await slipway(
      "streams",
      "restore",
      "dev",
      join(checkout.root, "backup"),
      "--to-workspace",
      "spare",
      "--yes",
    );
    assert.equal(restored.code, 0, restored.stderr);
    const spare = clientOf("spare", dev.place.projectId);
    assert.equal((await spare.processor(version))?.state, "STARTED");
    const again = await slipway("streams", "restore", "dev", join(checkout.root, "backup"), "--to-workspace", "spare");
    assert.deepEqual(again.json["steps"], []);
  });
});
