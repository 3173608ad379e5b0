import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Board, Column } from "../../automation/board/model.ts";
import { keepLook } from "../../automation/drift/look.ts";
import { recordKey } from "../../automation/promotion/ledger.ts";
import { failsWith, scratch } from "../git/throw-away.ts";
import { boardCheckout, type BoardCheckout } from "./checkout.ts";
import { release } from "./sample.ts";

const temporary = scratch();
after(() => temporary.clear());

async function boardAt(address: string): Promise<Board> {
  return (await (await fetch(new URL("/board.json", address))).json()) as Board;
}

const columnOf = (board: Board, environment: string): Column => {
  const found = board.columns.find((column) => column.environment === environment);
  assert.ok(found);
  return found;
};

/** Asks until it is so; the test's own time ends what never comes. */
async function until(address: string, holds: (board: Board) => boolean): Promise<Board> {
  for (;;) {
    const board = await boardAt(address);
    if (holds(board)) return board;
    await turn();
  }
}

const step = (op: string, name: string) => ({
  metadata: { op, urn: `urn:pulumi:dev::p::aws:s3/bucket:Bucket::${name}`, type: "aws:s3/bucket:Bucket" },
});
const line = (event: object) => `${JSON.stringify({ sequence: 1, timestamp: 1_780_000_000, ...event })}\n`;

describe("slipway board", function () {
  this.timeout(20_000);
  let checkout: BoardCheckout;
  let address = "";
  let stop: () => Promise<{ exitCode: number; json: Record<string, unknown> }>;

  before(async () => {
    checkout = boardCheckout(temporary, ["Serve <models>", "Split orders"]);
    await checkout.deploy("dev", 1);
    await checkout.deploy("dev", 2);
    await checkout.deploy("staging", 1);
    ({ address, stop } = await checkout.serve());
  });

  it("shows what stands, with its commit's subject, and why the next one may not come", async () => {
    const board = await boardAt(address);
    assert.equal(board.project, "slip<way>");
    assert.equal(columnOf(board, "staging").subject, "Serve <models>");
    const { waiting } = columnOf(board, "staging");
    assert.ok(waiting !== undefined && "decisions" in waiting);
    assert.equal(waiting.release, release(2));
    const said = new Map(waiting.decisions.map(({ gate, verdict }) => [gate, verdict]));
    assert.deepEqual([said.get("release"), said.get("lineage"), said.get("branch")], ["refuse", "refuse", "pass"]);
    assert.equal(columnOf(board, "dev").waiting, undefined);
    assert.equal(columnOf(board, "staging").metrics?.leadTime.count, 1);
  });

  it("follows a promotion: lease, the engine's events, records, its end", async () => {
    const eventLog = join(checkout.logs, "events.json");
    writeFileSync(eventLog, line({ resourcePreEvent: step("create", "orders") }));
    const lease = await checkout.begin("staging", 2, eventLog);
    const began = await until(address, (board) => columnOf(board, "staging").running?.progress?.active.length === 1);
    const { running, state } = columnOf(began, "staging");
    assert.deepEqual([running?.verb, running?.release, state.text], ["promote", release(2), "promote running"]);
    assert.equal(running?.progress?.active[0]?.name, "orders");
    const done = { resOutputsEvent: step("create", "orders") };
    const summary = { summaryEvent: { durationSeconds: 1, resourceChanges: { create: 1 } } };
    writeFileSync(eventLog, line(done) + line(summary), { flag: "a" });
    const ended = await until(address, (board) => columnOf(board, "staging").running?.progress?.ended === true);
    assert.equal(columnOf(ended, "staging").running?.progress?.counts, "1 created");
    await checkout.deploy("staging", 2);
    await lease.release();
    const after = await until(address, (board) => columnOf(board, "staging").running === undefined);
    assert.equal(columnOf(after, "staging").state.text, "verified");
    assert.equal(columnOf(after, "staging").current?.release, release(2));
  });

  it("reads no file that a lease leads to outside of this checkout's logs", async () => {
    const elsewhere = join(temporary.directory(), "events.json");
    writeFileSync(elsewhere, line({ resourcePreEvent: step("create", "stolen") }));
    const lease = await checkout.begin("prod", 1, elsewhere);
    const board = await until(address, (one) => columnOf(one, "prod").running !== undefined);
    assert.equal(columnOf(board, "prod").running?.progress, undefined);
    await lease.release();
  });

  it("shows the last look for drift", async () => {
    const urn = "urn:pulumi:dev::p::aws:s3/bucket:Bucket::orders";
    const subject = { urn, type: "aws:s3/bucket:Bucket", name: "orders", id: "password=hunter2" };
    const drift = { stack: "dev", commit: undefined, resources: 12, seconds: 1, noise: [] };
    await keepLook(checkout.store, { ...drift, findings: [{ class: "missing-outside", ...subject }] }, new Date());
    const board = await until(address, (one) => columnOf(one, "dev").drift !== undefined);
    const found = columnOf(board, "dev").drift;
    assert.deepEqual([found?.total, found?.outdated], [1, false]);
    assert.match(found?.findings.join() ?? "", /orders .* was deleted outside/);
    assert.doesNotMatch(JSON.stringify(found), /hunter2/);
    await checkout.store.put("drift/dev.json", "{");
    await until(address, (one) => columnOf(one, "dev").drift === undefined);
  });

  it("writes the same as a file, without a script", async () => {
    const folder = join(temporary.directory(), "a", "b");
    const { json, text } = await checkout.board({ out: folder });
    const file = join(folder, "index.html");
    assert.deepEqual([json["html"], text], [file, `board written to ${file}`]);
    const page = readFileSync(file, "utf8");
    assert.match(page, /slip&lt;way&gt;: board/);
    assert.doesNotMatch(page, /<script/);
    await assert.rejects(checkout.board({ out: join(file, "x") }), failsWith(2, /could not be written.*--out/));
  });

  const wrong: [options: Record<string, unknown>, pattern: RegExp][] = [
    [{ port: "65536" }, /--port: got "65536", expected 0 .* to 65535/],
    [{ port: "-1" }, /--port: got "-1"/],
    [{ port: "0", out: "x" }, /--out writes a file and --port serves/],
  ];
  for (const [options, pattern] of wrong)
    it(`refuses ${JSON.stringify(options)}`, () => assert.rejects(checkout.board(options), failsWith(2, pattern)));

  it("ends on Ctrl-C with code 0, though a page follows", async () => {
    const main = join(import.meta.dirname, "..", "..", "automation", "main.ts");
    const environment = { ...process.env, NO_COLOR: "1", SLIPWAY_SANDBOX: "", SLIPWAY_STORE: "" };
    const board = spawn(process.execPath, [main, "board", "--port", "0"], { cwd: checkout.root, env: environment });
    let said = "";
    for await (const chunk of board.stderr) if ((said += String(chunk)).includes("until Ctrl-C")) break;
    const [own = ""] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
    const events = await fetch(new URL("/events", own));
    const exited = once(board, "exit");
    board.kill("SIGINT");
    assert.deepEqual(await exited, [0, null]);
    await assert.rejects(events.text(), /terminated/);
  });

  it("says which record is damaged and goes on with the others; ends on Ctrl-C", async () => {
    await checkout.store.put(recordKey("prod", 1), "{}\n");
    const board = await until(address, (one) => columnOf(one, "prod").problem !== undefined);
    assert.match(columnOf(board, "prod").problem?.message ?? "", /Record 1 of the ledger of prod is damaged/);
    assert.equal(columnOf(board, "staging").state.text, "verified");
    const { exitCode, json } = await stop();
    assert.deepEqual([exitCode, json["address"]], [0, address]);
    await assert.rejects(fetch(address), /fetch failed/);
  });
});
