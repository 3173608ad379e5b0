import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeployRequest, Session } from "../../../automation/deploy/session.ts";
import { beforeStreams } from "../../../automation/deploy/streams/before.ts";
import type { Snapshot } from "../../../automation/deploy/streams/snapshot.ts";
import { SlipwayError } from "../../../automation/errors.ts";
import { append } from "../../../automation/promotion/ledger.ts";
import { diffProjects } from "../../../streams/engine/diff/diff.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { cloneFixture, scratch, writeFiles } from "../../git/throw-away.ts";
import { FakeAtlas } from "../../support/fake-atlas.ts";
import { labAt, type Lab } from "../promotion-lab.ts";
import { changes, outputOf } from "./lab.ts";

const stackFile = readFileSync(join(import.meta.dirname, "..", "..", "..", "Pulumi.dev.yaml"), "utf8");
const one = outputOf(1, { rollout: "in-place" });
const file = (text: string, dlq: unknown) => `{"pipeline":${text},"options":{"dlq":${JSON.stringify(dlq)}}}`;
const returns = outputOf(1, { source: { ...changes, coll: "returns" } });

describe("stream processors before a deployment", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  let lab: Lab;
  let atlas: FakeAtlas;
  let asked: number;

  beforeEach(async () => {
    lab = labAt(clone.root, temporary.directory());
    [atlas, asked] = [new FakeAtlas(), 0];
    await atlas.createProcessor({ name: "orders", pipeline: JSON.parse(one.pipeline) as [], text: one.pipeline });
    await atlas.startProcessor("orders");
    await lab.record("dev", { kind: "promoted", by: "ada", verb: "up", seconds: 1, resources: 1, changes: {} });
  });

  const standing = {
    ...{
      contract: 1,
      environment: "dev",
      account: "222222222222",
      region: "us-east-1",
      checks: [],
      kind: "environment",
    },
    ...{ vpcId: "v", privateSubnetIds: [], clusterName: "c", clusterEndpoint: "e", clusterCertificateAuthority: "a" },
    services: {},
    streams: {
      ...{ projectId: "p", workspace: "w", provider: "AWS", region: "VIRGINIA_USA", tier: "SP10", maxTier: "SP30" },
      ...{ connections: [], processors: { orders: { ...one, thresholds: {} } } },
    },
  };
  const look = async (
    files: Readonly<Record<string, string>>,
    { verb = "up", stack = stackFile }: { verb?: DeployRequest["verb"]; stack?: string } = {},
  ) => {
    const workDir = temporary.directory();
    writeFiles(workDir, { "Pulumi.dev.yaml": stack, ...files });
    const { context, workspace } = lab;
    const session: Session = {
      ...{ context, workspace, stack: "dev", by: "ada", onEngine: async () => {} },
      record: (entry) => append(workspace.store, "dev", entry, context.now),
    };
    const request: DeployRequest = { verb, stack: "dev", workDir, release: undefined, create: false, verify: true };
    const outputs = () => Promise.resolve(void (asked += 1)).then(() => standing);
    return beforeStreams(session, request, await lab.records("dev"), { open: () => atlas, outputs });
  };
  const snapshots = () => lab.workspace.store.list("streams/dev/snapshots/");
  const path = "streams/processors/orders.json";

  it("are not even asked for where the stack file has none", async () => {
    const files = { [path]: file(returns.pipeline, one.dlq) };
    assert.deepEqual(await look(files, { stack: "config:\n  slipway:environment: dev\n" }), {});
    assert.equal(asked, 0);
  });

  it("are left alone where they are as they shall be", async () => {
    assert.deepEqual(await look({ [path]: file(one.pipeline, one.dlq) }), {});
    assert.deepEqual(await snapshots(), []);
  });

  it("are kept in the store as they stand before one of them changes", async () => {
    assert.deepEqual(await look({ [path]: file(outputOf(2).pipeline, one.dlq) }), {});
    const [key = ""] = await snapshots();
    const stored = await lab.workspace.store.get(key);
    const snapshot = JSON.parse(Buffer.from(stored?.body ?? []).toString("utf8")) as Snapshot;
    assert.deepEqual(
      snapshot.processors.map(({ name, state, pipeline }) => ({ name, state, pipeline })),
      [{ name: "orders", state: "STARTED", pipeline: one.pipeline }],
    );
    assert.match(key, /^streams\/dev\/snapshots\/\d{8}T\d{9}Z\.json$/);
  });

  it("do not lose state unless somebody agreed to that, and then the program hears whose", async () => {
    const files = { [path]: file(returns.pipeline, one.dlq) };
    await assert.rejects(look(files), (error) => error instanceof SlipwayError && error.code === 5);
    assert.deepEqual(await snapshots(), []);
    const load = (text: string) => loadStreams({ "processors/orders.json": file(text, one.dlq) });
    const [diff] = diffProjects(load(one.pipeline), load(returns.pipeline));
    const consent = {
      processor: "orders",
      from: diff?.from,
      to: diff?.to,
      class: diff?.class,
      reason: "returns it is",
      by: "ada",
    };
    assert.deepEqual(await look({ ...files, "streams/consents/orders.json": JSON.stringify(consent) }), {
      SLIPWAY_STREAMS_RESTART: "orders",
    });
    assert.equal((await snapshots()).length, 1);
  });

  it("go back without being asked, and begin anew where they have to", async () => {
    const files = { [path]: file(returns.pipeline, one.dlq) };
    assert.deepEqual(await look(files, { verb: "rollback" }), { SLIPWAY_STREAMS_RESTART: "orders" });
  });
});
