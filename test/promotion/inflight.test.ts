import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { SlipwayError } from "../../automation/errors.ts";
import {
  beginOperation,
  classifyInflight,
  endOperation,
  readInflight,
  updateOperation,
} from "../../automation/promotion/inflight.ts";
import type { InflightState, OperationMarker } from "../../automation/promotion/inflight.ts";
import { isProcessAlive, processStartTime } from "../../automation/promotion/processes.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { scratch } from "../git/throw-away.ts";

const marker: OperationMarker = {
  verb: "up",
  environment: "dev",
  host: "here",
  pid: 10,
  startTime: "1",
  startedAt: "2026-05-01T00:00:00.000Z",
};
const withEngine = { ...marker, enginePid: 20, engineStartTime: "2" };

describe("operation marker", () => {
  const temporary = scratch();
  let store: DirectoryStore;
  beforeEach(() => (store = new DirectoryStore(temporary.directory())));
  after(() => temporary.clear());

  it("stands from the beginning to the end of an operation", async () => {
    assert.equal(await readInflight(store, "dev"), undefined);
    const begun = await beginOperation(store, marker);
    assert.ok(begun.ok);
    const updated = await updateOperation(store, withEngine, begun.etag);
    assert.ok(updated.ok);
    assert.deepEqual(await readInflight(store, "dev"), { marker: withEngine, etag: updated.etag });
    assert.equal(await endOperation(store, "dev", updated.etag, new Date(0)), true);
    assert.equal(await readInflight(store, "dev"), undefined);
    assert.equal((await beginOperation(store, marker)).ok, true);
  });

  it("lets one of many begin and shows the others its marker", async () => {
    const begun = await Promise.all(
      Array.from({ length: 10 }, (_, at) => beginOperation(store, { ...marker, pid: at + 1 })),
    );
    const winner = begun.findIndex((result) => result.ok) + 1;
    const others = begun.flatMap((result) => (result.ok ? [] : [result.inflight.marker.pid]));
    assert.deepEqual(
      others,
      Array.from({ length: 9 }, () => winner),
    );
  });

  it("lets one take over an interrupted marker, and the one it belonged to write no more", async () => {
    const first = await beginOperation(store, marker);
    assert.ok(first.ok);
    const second = await beginOperation(store, { ...marker, pid: 11 }, first.etag);
    const third = await beginOperation(store, { ...marker, pid: 12 }, first.etag);
    assert.ok(second.ok);
    assert.ok(!third.ok && third.inflight.marker.pid === 11);
    assert.deepEqual(await updateOperation(store, marker, first.etag), { ok: false });
    assert.equal(await endOperation(store, "dev", first.etag, new Date(0)), false);
    assert.equal(await endOperation(store, "dev", second.etag, new Date(0)), true);
  });

  it("keeps environments apart", async () => {
    await beginOperation(store, marker);
    assert.equal((await beginOperation(store, { ...marker, environment: "prod" })).ok, true);
  });

  it("says where a damaged marker is", async () => {
    await store.put("operations/dev.json", "{");
    await assert.rejects(
      readInflight(store, "dev"),
      (error) => error instanceof SlipwayError && /operations\/dev\.json$/u.test(error.where ?? ""),
    );
  });

  const cases: [string, OperationMarker | undefined, number[], InflightState["state"]][] = [
    ["no marker", undefined, [], "none"],
    ["another host, whatever runs here", { ...withEngine, host: "there" }, [10, 20], "running-elsewhere"],
    ["a live driver", withEngine, [10], "running-here"],
    ["a live driver before the engine", marker, [10], "running-here"],
    ["a dead driver with a live engine", withEngine, [20], "engine-finishing"],
    ["both dead", withEngine, [], "interrupted"],
    ["a dead driver that had no engine", marker, [20], "interrupted"],
  ];
  for (const [what, found, alive, expected] of cases) {
    it(`makes of ${what}: ${expected}`, () => {
      const starts: Record<number, string> = { 10: "1", 20: "2" };
      const isAlive = (pid: number, start: string | undefined): boolean => alive.includes(pid) && start === starts[pid];
      assert.equal(classifyInflight(found, { host: "here", isAlive }).state, expected);
    });
  }

  it("tells a live process from a dead one and from another of the same number", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const started = processStartTime(pid);
    assert.ok(started);
    assert.equal(isProcessAlive(pid, started), true);
    assert.equal(isProcessAlive(pid, `${started}0`), false);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(isProcessAlive(pid, started), false);
  });
});
