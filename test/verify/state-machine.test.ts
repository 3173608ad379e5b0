import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Probe, VerifyTargets } from "../../automation/verify/check-kind.ts";
import { stateMachine } from "../../automation/verify/kinds/state-machine.ts";
import { verify } from "../../automation/verify/verify.ts";
import { scratch } from "../git/throw-away.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import { awsContext } from "./aws-context.ts";
import { goodFile, json, snapshot, StandIn, writeSample } from "./stand-in.ts";

const base = {
  ...{ kind: "state-machine" as const, name: "data-pipeline", region: "us-east-1", sample: "data/samples/tiny" },
  ...{ rawBucket: "raw", processedBucket: "processed", quarantineBucket: "quarantine", timeoutSeconds: 60 },
};

describe("a sample through a state machine", function () {
  this.timeout(180_000);
  const temporary = scratch();
  let server: MiniStack;
  let standIn: StandIn;
  let root: string;
  let arn: string;

  before(async () => {
    server = await startMiniStack();
    standIn = new StandIn(awsContext(server.endpoint).config);
    await standIn.create();
    arn = await standIn.machine("pipeline", { Transform: standIn.invocation(), Done: { Type: "Succeed" } });
    root = temporary.directory();
    writeSample(root);
  });
  after(async () => {
    await standIn.close();
    await server.stop();
    temporary.clear();
  });

  const leftBehind = async () => [
    ...(await standIn.keys("raw")),
    ...(await standIn.keys("processed")),
    ...(await standIn.keys("quarantine")),
  ];
  const probe = (change: object = {}, options: Parameters<typeof awsContext>[1] = {}): Promise<Probe> =>
    stateMachine.probe({ ...base, arn, ...change }, awsContext(server.endpoint, { root, ...options }));

  it("passes when report and files are what the sample must become, says where it is, and leaves nothing behind", async () => {
    await standIn.stage();
    const lines: string[] = [];
    const { state, detail } = await probe({}, { lines });
    assert.match(detail, /^5 visits in, 3 published, 2 quarantined in \d+\.\d s; 1 table matches$/);
    assert.equal(state, "passed");
    assert.deepEqual(await standIn.statuses(arn), ["SUCCEEDED"]);
    assert.deepEqual(await leftBehind(), []);
    for (const line of lines) assert.match(line, /^(Transform|Done) after \d+\.\d s$/);
  });

  const bad: [title: string, changes: Record<string, string | Buffer>, detail: RegExp][] = [
    [
      "a file that is damaged",
      { "processed/visits/run=RUNID/day=2026-01-31/part-0.parquet": "PAR1 but not really PAR1" },
      /^s3:\/\/processed\/verification\/verify-abababababab-\d{8}-\d{6}-\w{4}\/visits\/.*part-0\.parquet: /,
    ],
    [
      "rows that are there twice",
      { "processed/visits/run=RUNID/day=2026-01-31/part-1.parquet": goodFile },
      /: visits: rows: expected 3, got 6; visits: checksum: expected [0-9a-f]{16}, got [0-9a-f]{16} \(kept /,
    ],
    [
      "a partition that leads elsewhere",
      { "processed/_state/snapshots/1-RUNID.json": json(snapshot("day=2026-02-01")) },
      /: visits: rows: expected 3, got 0; visits: column visit_id: expected string, got none/,
    ],
    [
      "quarantined rows that nobody can read",
      { "quarantine/rows/visits/run=RUNID/part-0.json": "{}\n" },
      /^s3:\/\/quarantine\/verification\/.*\/rows\/visits\/.*, line 1: dataset: /,
    ],
    ["a report that is none", { "processed/_runs/RUNID/report.json": "[]" }, /report\.json: document: /],
    [
      "a snapshot of somebody else",
      { "processed/_state/snapshots/1-RUNID.json": json({ ...snapshot("day=x"), runId: "other" }) },
      /was published by other, expected verify-/,
    ],
  ];
  for (const [title, changes, detail] of bad)
    it(`fails with ${title}, and keeps what tells why`, async () => {
      await standIn.stage(changes);
      const result = await probe();
      assert.equal(result.state, "failed");
      assert.match(result.detail, detail);
      const [, run] =
        / \(kept below s3:\/\/processed\/(verification\/verify-[0-9a-z-]+\/)\)$/u.exec(result.detail) ?? [];
      const left = await leftBehind();
      assert.ok(left.includes(`${run}incoming/visits/visits.csv`) && left.includes(`${run}_state/current.json`));
      assert.ok(left.every((key) => key.startsWith(String(run))));
      await standIn.clear();
      // What this case added shall not reach the next one.
      await standIn.unstage(Object.keys(changes));
    });

  it("says which state failed, and why", async () => {
    const failing = await standIn.machine("failing", {
      Check: {
        ...standIn.invocation(),
        Arguments: { FunctionName: "stand-in", Payload: { runId: "r", mode: "live", prefix: "p/" } },
      },
      Done: { Type: "Succeed" },
    });
    const { state, detail } = await probe({ arn: failing });
    assert.equal(state, "failed");
    assert.match(detail, /^execution verify-\S+: failed: .*nothing delivered below p\/.*/);
    assert.match(detail, /Check/);
    assert.deepEqual(await leftBehind(), []);
  });

  it("stops what takes too long, and says where it was", async () => {
    const slow = await standIn.machine("slow", {
      Hold: { Type: "Wait", Seconds: 300, Next: "Done" },
      Done: { Type: "Succeed" },
    });
    const { state, detail } = await probe({ arn: slow, timeoutSeconds: 1 });
    assert.deepEqual(
      [state, detail.replace(/verify-\S+(?=:)/, "x")],
      ["failed", "execution x: stopped in Hold after 1 s"],
    );
    assert.deepEqual(await standIn.statuses(slow), ["ABORTED"]);
  });

  it("stops when it is cancelled, and cleans up all the same", async () => {
    const held = await standIn.machine("held", {
      Hold: { Type: "Wait", Seconds: 300, Next: "Done" },
      Done: { Type: "Succeed" },
    });
    const controller = new AbortController();
    const context = awsContext(server.endpoint, { root, signal: controller.signal });
    const running = stateMachine.probe({ ...base, arn: held }, { ...context, progress: () => controller.abort() });
    assert.match((await running).detail, /: cancelled in Hold; the execution was stopped$/);
    assert.deepEqual(await standIn.statuses(held), ["ABORTED"]);
    assert.deepEqual(await leftBehind(), []);
  });

  const samples: [title: string, change: object, detail: RegExp][] = [
    [
      "a sample that is not there",
      { sample: "data/samples/none" },
      /^the sample's data\/samples\/none\/expected\.json cannot be read$/,
    ],
    ["a sample outside the program", { sample: "../elsewhere" }, /outside the program's folder$/],
    ["a machine that is not there", { arn: "arn:aws:states:us-east-1:222222222222:stateMachine:none" }, /none/],
  ];
  for (const [title, change, detail] of samples)
    it(`refuses ${title}`, async () => {
      const result = await probe(change);
      assert.equal(result.state, "failed");
      assert.match(result.detail, detail);
      assert.deepEqual(await leftBehind(), []);
    });

  it("refuses a sample that somebody edited", async () => {
    const directory = temporary.directory();
    writeSample(directory);
    writeFileSync(join(directory, "data/samples/tiny/visits.csv"), "visit_id,at\n");
    const { detail } = await probe({}, { root: directory });
    assert.equal(detail, "the sample's data/samples/tiny/visits.csv is not what expected.json was made for");
  });
});

describe("a state machine in a simulated cloud", () => {
  const arn = "arn:aws:states:us-east-1:222222222222:stateMachine:pipeline";
  const asked: string[] = [];
  const targets: VerifyTargets = {
    aws: () =>
      Promise.resolve({
        simulated: true,
        resources: (type) => (asked.push(type), [{ arn, stateMachineVersionArn: `${arn}:2` }]),
      }),
    kubernetes: () => Promise.reject(new Error("no cluster here")),
    alarms: () => Promise.reject(new Error("no alarms here")),
  };
  const options = {
    ...{ targets, deployed: { release: undefined, root: () => Promise.reject(new Error("no program here")) } },
    ...{ patience: 1_000, bake: 60_000, signal: new AbortController().signal },
  };

  it("passes with a mark that nothing ran, and has nothing to prove afterwards", async () => {
    const [result] = await verify([{ ...base, arn }], options);
    assert.deepEqual(
      [result?.passed, result?.simulated, result?.detail],
      [true, true, "simulated: the state machine stands, nothing ran"],
    );
    assert.deepEqual(asked, ["aws:sfn/stateMachine:StateMachine"]);
  });

  it("takes the version that was published last", async () => {
    const [result] = await verify([{ ...base, arn: `${arn}:2` }], options);
    assert.deepEqual([result?.passed, result?.simulated], [true, true]);
  });

  for (const other of [`${arn}-2`, `${arn}:1`])
    it(`fails when it does not stand: ${other.slice(arn.length)}`, async () => {
      const [result] = await verify([{ ...base, arn: other }], options);
      assert.deepEqual([result?.passed, result?.simulated], [false, undefined]);
    });
});
