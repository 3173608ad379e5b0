import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { locateCli, type PulumiCli } from "../../automation/engine/cli.ts";
import { readPendingOperations } from "../../automation/engine/inflight.ts";
import { runOperation, type Operation, type OperationResult } from "../../automation/engine/operation.ts";
import { liftFaults, sandboxStatus, setFault } from "../../sandbox/index.ts";
import { openLab, type Lab } from "../sandbox/lab.ts";

/** Kill at every n-th event: 1 is the full sweep, which takes several minutes. */
const stride = Number(process.env["SLIPWAY_KILL_STRIDE"] ?? 17);
/** Slower than the tail of the event log, so that each kill finds the engine at its event and plugins at work. */
const operationMs = 60;

const checkout = new URL("../../", import.meta.url).pathname;

/**
 * Thirty resources in two accounts, some of which the next revision updates, replaces with a new name, deletes or adds, so that one
 * update holds every kind of step.
 */
const program = (revision: 1 | 2) => `
  const one = aws("one", "111111111111");
  const two = aws("two", "222222222222", "eu-central-1");
  const revision = ${revision};
  const bucket = "aws:s3/bucket:Bucket";
  for (let n = 0; n < 4; n += 1) {
    const b = thing(bucket, "kept-" + n, { bucket: "kept-" + n, tags: { n: String(n) } }, ["arn"], { provider: one });
    const status = { bucket: b.id, versioningConfiguration: { status: "Enabled" } };
    thing("aws:s3/bucketVersioning:BucketVersioning", "versions-" + n, status, [], { provider: one });
  }
  for (let n = 0; n < 6; n += 1)
    thing("aws:kms/key:Key", "updated-" + n, { tags: { revision: String(revision) } }, ["arn"], { provider: two });
  for (let n = 0; n < 4; n += 1) {
    const inputs = { bucket: "replaced-" + n + "-" + revision };
    const b = thing(bucket, "replaced-" + n, inputs, ["arn"], { provider: two });
    thing("aws:nobody/modelled:Thing", "follows-" + n, { of: b.arn }, [], { provider: two });
  }
  for (let n = 0; n < 8; n += 1)
    thing(bucket, (revision === 1 ? "deleted-" : "added-") + n, {}, ["arn"], { provider: n % 2 === 0 ? one : two });
  return { revision };`;

interface Snapshot {
  /** `type id` of everything, each once, sorted. */
  recorded: string[];
  cloud: string[];
  /** Inputs by URN: what the cloud holds in the end. */
  inputs: Record<string, unknown>;
}

describe("an engine killed in the middle of an update", function () {
  this.timeout(900_000);
  let lab: Lab;
  let cli: PulumiCli;
  let expected: Snapshot;
  let events = 0;
  const lines: string[] = [];

  const run = async (more: Partial<Operation> = {}): Promise<OperationResult> =>
    runOperation(cli, {
      ...{ kind: "up", stack: "dev", workDir: lab.root, logDirectory: join(lab.directory, "logs") },
      environment: { ...process.env, ...lab.workspace.environment },
      configFile: await lab.workspace.configFile("dev"),
      report: (line) => lines.push(line),
      ...more,
    });

  /** The cloud and the state as they are before the update; nobody has them open between two runs. */
  const parts = ["cloud.sqlite", "cloud.sqlite-wal", "cloud.sqlite-shm", "state"];
  const saved = () => join(lab.root, "saved");
  const copy = (from: string, to: string) => {
    for (const part of parts) {
      rmSync(join(to, part), { recursive: true, force: true });
      // The index beside the write-ahead log is made anew by whoever opens the database first.
      if (existsSync(join(from, part)) && !part.endsWith("-shm"))
        cpSync(join(from, part), join(to, part), { recursive: true });
    }
  };
  before(async () => {
    lab = await openLab();
    cli = await locateCli({ root: checkout, environment: process.env, report: () => undefined });
    lab.program(program(1));
    assert.equal((await run()).outcome, "succeeded");
    mkdirSync(saved());
    copy(lab.directory, saved());
    lab.program(program(2));
    slowDown(lab.directory);
    const whole = await run({ onEvent: () => (events += 1) });
    assert.equal(whole.outcome, "succeeded");
    expected = snapshot(lab);
    assert.deepEqual(expected.recorded, expected.cloud);
    assert.equal(expected.cloud.length, 30);
    assert.ok(events > 60, `${events} events`);
  });
  after(() => lab.close());

  it("leaves nothing that the next update does not put right, wherever it was killed", async () => {
    const pendingSeen: number[] = [];
    for (let at = 1; at <= events; at += stride) {
      copy(saved(), lab.directory);
      slowDown(lab.directory);
      await killedAt(at);
      liftFaults(lab.directory);
      const inState = await readPendingOperations(cli, query());
      pendingSeen.push(inState.length);
      const again = await run();
      assert.equal(
        again.outcome,
        "succeeded",
        `killed at event ${at}: ${again.errorOutput} ${readFileSync(again.log, "utf8")}`,
      );
      await isRight(`killed at event ${at}`);
    }
    const cleared = await run({ kind: "refresh", clearPendingCreates: true });
    assert.deepEqual([cleared.outcome, cleared.summary.changed], ["succeeded", 0]);
    assert.deepEqual(await readPendingOperations(cli, query()), []);
    await isRight("after the creates that were left pending are settled");
    assert.ok(
      pendingSeen.some((count) => count > 0),
      "no kill struck while an operation was under way",
    );
  });

  const query = () => ({ stack: "dev", workDir: lab.root, environment: lab.workspace.environment });

  /** Runs the update and ends the engine with all its group when it reports its n-th event. */
  async function killedAt(index: number): Promise<void> {
    let pid = 0;
    let seen = 0;
    const onEvent = () => {
      seen += 1;
      if (seen === index) process.kill(-pid, "SIGKILL");
    };
    const result = await run({ onStart: (engine) => void (pid = engine.pid), onEvent });
    assert.ok(result.exitCode === null || seen === events, `the engine was not killed at event ${index}`);
  }

  async function isRight(when: string): Promise<void> {
    const found = snapshot(lab);
    assert.deepEqual(found.cloud, found.recorded, `${when}: cloud and state hold the same`);
    assert.equal(new Set(found.cloud).size, found.cloud.length, `${when}: each once`);
    assert.deepEqual(found.inputs, expected.inputs, `${when}: what the program says`);
    assert.deepEqual((await sandboxStatus(lab.directory)).orphans, [], when);
    const pending = await readPendingOperations(cli, query());
    const known = new Set(Object.keys(found.inputs));
    for (const { urn, type } of pending)
      assert.ok(type === "creating" && known.has(urn), `${when}: ${type} ${urn} is still pending`);
  }
});

function slowDown(directory: string): void {
  for (const operation of ["create", "update", "delete"] as const)
    setFault(directory, { kind: "latency", typeGlob: "*", operation, milliseconds: operationMs, remaining: 10_000 });
}

interface RecordedState {
  checkpoint: { latest: { resources: { urn: string; type: string; id?: string; custom: boolean }[] } };
}

function snapshot(lab: Lab): Snapshot {
  const file = join(lab.directory, "state/.pulumi/stacks/lab/dev.json");
  const { resources } = (JSON.parse(readFileSync(file, "utf8")) as RecordedState).checkpoint.latest;
  const custom = resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
  const cloud = lab.resources();
  return {
    recorded: custom.map(({ urn, id }) => `${urn} ${String(id)}`).sort(),
    cloud: cloud.map(({ urn, id }) => `${urn} ${id}`).sort(),
    inputs: Object.fromEntries(cloud.map(({ urn, inputs }) => [urn, inputs])),
  };
}
