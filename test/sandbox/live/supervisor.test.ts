import { strict as assert } from "node:assert";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { CreateBucketCommand, HeadBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";

import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { connectLive, stopLive } from "../../../sandbox/live/connect.ts";
import { livePaths } from "../../../sandbox/live/paths.ts";
import { isRunning, markOf, type ProcessMark } from "../../../sandbox/live/process.ts";
import { foreignListeners } from "../../support/ministack.ts";
import { openLiveLab, record, resourceOf, settings, until, type LiveLab } from "./live-lab.ts";

const bucket = resourceOf("aws:s3/bucket:Bucket", "lab-bucket", { bucket: "lab-bucket", forceDestroy: true });

describe("the supervisor of the sandbox's emulator", function () {
  this.timeout(120_000);
  let lab: LiveLab;
  beforeEach(async () => {
    lab = await openLiveLab();
  });
  afterEach(async () => {
    await lab.close();
  });

  /** The two processes behind a running emulator. */
  const processes = (): { supervisor: ProcessMark; emulator: ProcessMark } => {
    const paths = livePaths(lab.directory);
    const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as ProcessMark;
    return { supervisor: read(paths.endpoint), emulator: read(paths.emulator) };
  };
  const port = () => (JSON.parse(readFileSync(livePaths(lab.directory).endpoint, "utf8")) as { port: number }).port;
  const bucketsOf = async (live: Parameters<typeof settings>[0]) => {
    const s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    s3.destroy();
    return Buckets.map(({ Name }) => Name);
  };

  it("starts nothing when the sandbox is simulated, or when it may not start", async () => {
    assert.equal(
      await connectLive(lab.directory, { environment: { ...lab.environment, SLIPWAY_SANDBOX_LIVE: "off" } }),
      undefined,
    );
    assert.equal(await connectLive(lab.directory, { environment: lab.environment, start: false }), undefined);
    const missing = { ...lab.environment, SLIPWAY_SANDBOX_PYTHON: "/nowhere/python" };
    assert.equal(await connectLive(lab.directory, { environment: missing }), undefined);
    assert.equal(existsSync(livePaths(lab.directory).root), false);
  });

  it("listens on 127.0.0.1 alone and shows its token to its owner alone", async () => {
    const live = await lab.connect();
    assert.deepEqual(foreignListeners(Number(new URL(live.endpoint).port)), []);
    assert.deepEqual(foreignListeners(port()), []);
    assert.equal(statSync(livePaths(lab.directory).endpoint).mode & 0o777, 0o600);
    await live.close();
  });

  it("closes the connection of somebody without the token", async () => {
    const live = await lab.connect();
    const stranger = connect({ port: port(), host: "127.0.0.1" });
    stranger.on("error", () => undefined);
    stranger.write(`${JSON.stringify({ token: "guessed" })}\n{"id":1,"operation":"stop"}\n`);
    await once(stranger, "close");
    assert.equal(isRunning(processes().supervisor), true);
    await live.close();
  });

  it("is one for all who ask at the same time, and ends with the last of them", async () => {
    const clients = await Promise.all([lab.connect(), lab.connect(), lab.connect()]);
    assert.equal(new Set(clients.map(({ endpoint }) => endpoint)).size, 1);
    const { supervisor, emulator } = processes();
    await clients[0].close();
    await clients[1].close();
    assert.deepEqual(await bucketsOf(clients[2]), []);
    await clients[2].close();
    await until("both processes are gone", () => !isRunning(supervisor) && !isRunning(emulator));
    assert.equal(existsSync(livePaths(lab.directory).endpoint), false);
  });

  it("keeps what was made when it ends and starts again", async () => {
    const first = await lab.connect();
    const s3 = new S3Client({ ...settings(first), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "made-by-hand" }));
    s3.destroy();
    await first.close();
    assert.equal(await stopLive(lab.directory), true);
    const second = await lab.connect();
    assert.deepEqual(await bucketsOf(second), ["made-by-hand"]);
    await second.close();
  });

  it("brings the record in when it starts, and takes out what is no more on record", async () => {
    record(lab.directory, bucket);
    const first = await lab.connect();
    assert.deepEqual(first.problems, []);
    assert.deepEqual(await bucketsOf(first), ["lab-bucket"]);
    await first.close();
    await stopLive(lab.directory);
    const cloud = new Cloud(lab.directory);
    cloud.remove(bucket);
    cloud.close();
    const second = await lab.connect();
    assert.deepEqual(await bucketsOf(second), []);
    await second.close();
  });

  it("names what cannot be brought in, and starts all the same", async () => {
    record(lab.directory, bucket);
    const broken = { name: "broken", definition: "{", roleArn: "arn:aws:iam::111111111111:role/x", arn: "no arn" };
    record(lab.directory, resourceOf("aws:glue/catalogTable:CatalogTable", "t", { ...broken, databaseName: "none" }));
    const live = await lab.connect();
    assert.equal(live.problems.length, 1);
    assert.match(live.problems[0] ?? "", /catalogTable.*: EntityNotFoundException/);
    assert.deepEqual(await bucketsOf(live), ["lab-bucket"]);
    await live.close();
  });

  it("recovers after the emulator was killed", async () => {
    record(lab.directory, bucket);
    const first = await lab.connect();
    const { supervisor, emulator } = processes();
    process.kill(emulator.pid, "SIGKILL");
    await first.ended;
    await assert.rejects(first.ensure(bucket), /has ended/);
    await until("the supervisor is gone, too", () => !isRunning(supervisor));
    const second = await lab.connect();
    assert.deepEqual(await bucketsOf(second), ["lab-bucket"]);
    await second.close();
  });

  it("recovers after the supervisor was killed; its emulator does not stay behind", async () => {
    record(lab.directory, bucket);
    await lab.connect();
    const before = processes();
    process.kill(before.supervisor.pid, "SIGKILL");
    const again = await lab.connect();
    await until("the emulator without a supervisor is gone", () => !isRunning(before.emulator));
    assert.notEqual(processes().supervisor.pid, before.supervisor.pid);
    assert.deepEqual(await bucketsOf(again), ["lab-bucket"]);
    await again.close();
  });

  it("ends an emulator that an earlier supervisor left behind, and nobody with its number", async () => {
    const live = await lab.connect();
    await live.close();
    await stopLive(lab.directory);
    const innocent = markOf(process.pid);
    writeFileSync(livePaths(lab.directory).emulator, JSON.stringify({ ...innocent, started: "some other time" }));
    const again = await lab.connect();
    assert.equal(isRunning(processes().emulator), true);
    await again.close();
  });

  it("ends when a client is killed: a lost connection is a client less", async () => {
    const { spawn } = await import("node:child_process");
    const script = `import { connectLive } from ${JSON.stringify(new URL("../../../sandbox/live/connect.ts", import.meta.url).href)};
      const live = await connectLive(process.argv[1]); console.log(live.endpoint); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, lab.directory], {
      env: { ...process.env, ...lab.environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const { supervisor, emulator } = processes();
    child.kill("SIGKILL");
    await until("both processes are gone", () => !isRunning(supervisor) && !isRunning(emulator));
  });

  it("lets a resource be brought in twice and taken out twice", async () => {
    const live = await lab.connect();
    for (let time = 0; time < 2; time += 1) await live.ensure(bucket);
    const s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    await s3.send(new HeadBucketCommand({ Bucket: "lab-bucket" }));
    s3.destroy();
    for (let time = 0; time < 2; time += 1) await live.remove(bucket);
    assert.deepEqual(await bucketsOf(live), []);
    await live.close();
  });
});
